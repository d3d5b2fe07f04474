/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_EVIDENCE_NAMES_H
#define EGRESS25_COLLECTOR_VERDICT_EVIDENCE_NAMES_H

/*
 * Names as numbers: each different text gets the next number, from 0.
 * Zero-initialise; release with names_free(). Pure but for the memory that it
 * owns.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAMES_NONE UINT32_MAX

struct names {
	char *text; /* owned: the names, each with its NUL */
	size_t length, room;
	uint32_t *at; /* owned: where each name begins */
	uint32_t count;
	uint32_t *slots; /* owned: hash table of number + 1 */
	uint32_t nslots;
};

/* The number of a name, a new one if need be. 0 or -ENOMEM. */
int names_put(struct names *names, const char *name, uint32_t *number);

/* The number of a name; NAMES_NONE: it has none. */
uint32_t names_find(const struct names *names, const char *name);

/* The name with that number; valid until the next names_put(). */
const char *names_text(const struct names *names, uint32_t number);

/*
 * Number the names anew, in the order of strcmp(). `*ranks` (owned by the
 * caller, who frees it) says for each old number the new one. Until
 * names_clear() no name may be put or found. 0 or -ENOMEM.
 */
int names_sort(struct names *names, uint32_t **ranks);

/* Are they numbered so? Then names_sort() changes nothing, and names may still
 * be put and found. */
bool names_are_sorted(const struct names *names);

/* Forget all names but keep the memory. */
void names_clear(struct names *names);

void names_free(struct names *names);

#endif
