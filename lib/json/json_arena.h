/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_JSON_JSON_ARENA_H
#define EGRESS25_LIB_JSON_JSON_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Memory for a tree that is built at once, never changed, and freed as a
 * whole: cJSON asks for each value and each text alone, which costs more than
 * to read them. A thread builds one tree at a time; trees that are built may
 * be as many as there are.
 */
/* From now on, what cJSON asks for in this thread comes from a new arena.
 * `bytes`: about what it will need. False: no memory. */
bool json_arena_begin(size_t bytes);

/* No longer. The arena is that of the tree whose root was the first thing
 * asked for; NULL: it is not wanted, and freed. */
void json_arena_end(const void *root);

/* Free the arena of the tree with that root. */
void json_arena_free(void *root);

#endif
