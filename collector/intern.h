/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTERN_H
#define EGRESS25_COLLECTOR_INTERN_H

#include <stddef.h>
#include <stdint.h>

/*
 * Texts and their numbers, both ways: what a database writes once and rows
 * name by number. Start from {0}; end with intern_free().
 */
struct intern {
	struct intern_entry *entries; /* owned, open addressing */
	size_t capacity, count;
	const char **by_id; /* owned; the texts are the entries' */
	size_t nby_id;
};

/* The number of `text`; 0: it has none. */
int64_t intern_find(const struct intern *intern, const char *text);

/* The text of `id`, or NULL. */
const char *intern_text(const struct intern *intern, int64_t id);

/* Remember that `text` (copied) has the number `id`, from 1. 0 or -ENOMEM. */
int intern_add(struct intern *intern, const char *text, int64_t id);

/* Forget and free all; the struct is as new. */
void intern_free(struct intern *intern);

#endif
