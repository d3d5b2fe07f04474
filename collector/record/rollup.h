/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_ROLLUP_H
#define EGRESS25_COLLECTOR_RECORD_ROLLUP_H

/*
 * From measurements to counts, and the counts of one vantage point as one run
 * of bytes: what one agent said of a network on one day from one prefix, as
 * entries by endpoint, outcome, mechanism and where. Pure.
 */

#include <stddef.h>

#include "collector/record/row.h"
#include "lib/base/buf.h"

/* False: it is not attributed, or has no diagnosis, and counts nowhere. */
bool rollup_counts(const struct measurement *row);

/* The day of a time, in days since 1970, UTC. */
int32_t rollup_day(int64_t at_ms);

/* In the order of the entries, those of one vantage point, network, port and
 * day next to each other. For qsort() over pointers to measurements that
 * count. */
int rollup_compare(const void *a, const void *b);

/* Whether both go into the same run of bytes. */
bool rollup_together(const struct measurement *a, const struct measurement *b);

/*
 * Append to `out` what `old` says (NULL: nothing yet) and `count` more
 * measurements, of one vantage point, network, port and day, sorted. 0, or
 * -EBADMSG: `old` is damaged. Memory that ran out shows as `out->failed`.
 */
int rollup_merge(const void *old, size_t length,
    const struct measurement *const *rows, size_t count, struct buf *out);

/* Visit each entry as a row: `row` holds what the entries have in common, with
 * `day`, and is filled in. 0, -EBADMSG, or what `visit` returned. */
int rollup_read(const void *bytes, size_t length, struct rollup_row *row,
    rollup_visit *visit, void *arg);

#endif
