/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_PARQUET_LEVELS_H
#define EGRESS25_COLLECTOR_PARQUET_LEVELS_H

/*
 * Parquet's hybrid of runs and bit packing (Encodings.md, RLE = 3), for small
 * unsigned numbers: which values are there, and numbers in a dictionary. Eight
 * equal ones or more are a run; others are packed in groups of eight, the last
 * of which is filled up with zeros. Pure.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

/* How many bits hold `most`; 0 for 0. */
int levels_width(uint32_t most);

/* Append `count` numbers of `width` bits each, at most 32. */
void levels_put(
    struct buf *out, const uint32_t *numbers, size_t count, int width);

#endif
