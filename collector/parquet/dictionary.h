/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_PARQUET_DICTIONARY_H
#define EGRESS25_COLLECTOR_PARQUET_DICTIONARY_H

/*
 * Distinct values, numbered from 0 as they came: either all numbers or all
 * texts. Start from {0}; end with dictionary_free(). Pure but for the memory.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

struct dictionary {
	uint32_t *slots; /* a hash table: number + 1, or 0 */
	size_t nslots;   /* a power of two */
	uint32_t count, capacity;
	/* Of texts: where each ends in `bytes`. */
	int64_t *values;
	struct buf bytes;
};

/* The number of a value, which is added if it is new. False: out of memory. */
bool dictionary_add(
    struct dictionary *dictionary, int64_t value, uint32_t *number);
bool dictionary_add_text(struct dictionary *dictionary, const char *text,
    size_t length, uint32_t *number);

/* Add a text without a look whether it is there; from then on only texts that
 * are appended may be added. */
bool dictionary_append_text(struct dictionary *dictionary, const char *text,
    size_t length, uint32_t *number);

/* A text by its number; borrowed until the next is added. */
const char *dictionary_text(
    const struct dictionary *dictionary, uint32_t number, size_t *length);

/* Is it this text? */
bool dictionary_has_text(const struct dictionary *dictionary, uint32_t number,
    const char *text, size_t length);

/* It is empty then, and may be used again. */
void dictionary_free(struct dictionary *dictionary);

#endif
