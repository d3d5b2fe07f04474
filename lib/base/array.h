/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_ARRAY_H
#define EGRESS25_LIB_BASE_ARRAY_H

#include <stddef.h>

/*
 * Growing arrays without a capacity field: the room is the smallest power of
 * two that holds the elements. The holder frees the array with free().
 */

/* Make room for one more after `count` elements of `item_size` bytes. Returns
 * the array, which may have moved. NULL: out of memory, and the array is
 * unchanged. */
void *array_grow(void *items, size_t count, size_t item_size);

/* Allocate a new array with room for `count` elements. NULL: out of memory. */
void *array_new(size_t count, size_t item_size);

#endif
