/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_ROLLUP_H
#define EGRESS25_COLLECTOR_RECORD_ROLLUP_H

/*
 * Measurements counted: a rollup row for each day, network, vantage point (an
 * agent in a prefix), endpoint, outcome, mechanism, where, and the ASes between
 * which a failure lies. Pure.
 */

#include <stddef.h>

#include "collector/record/row.h"

/* Does it count? Only if it is listed, attributed to an ASN, and has a
 * diagnosis. */
bool rollup_is_counted(const struct measurement *row);

/* The day of a time, as days since 1970, UTC. */
int32_t rollup_day(int64_t at_ms);

/* The time at which a day begins. */
int64_t rollup_day_ms(int32_t day);

/* For qsort() of pointers to measurements that count: those that one rollup row
 * counts are then next to each other. */
int rollup_compare(const void *a, const void *b);

/* Count the measurements at the beginning of `rows`, sorted and at least one,
 * that one rollup row counts. Returns how many they are. */
size_t rollup_take(const struct measurement *const *rows, size_t count,
    struct rollup_row *rollup);

/* Between which ASes a failure lies: the last hop that answered is of `after`,
 * the next one is of `before`; 0 is none that is known. What is no failure, and
 * what was not placed on the way out (far-end: it may be the way back), lies
 * between none. */
void rollup_find_asns(
    const struct measurement *row, uint32_t *after, uint32_t *before);

/* What was done and where, as a number for the store. */
int32_t rollup_codes(const struct rollup_row *rollup);

/* And back. False: these are no codes. */
bool rollup_set_codes(struct rollup_row *rollup, int64_t codes);

#endif
