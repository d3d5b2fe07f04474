/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_ROLLUP_H
#define EGRESS25_COLLECTOR_RECORD_ROLLUP_H

/*
 * Measurements counted. What one vantage point (an agent in a prefix) reported
 * on one day about one port of its network is one run of bytes: an entry for
 * each endpoint, outcome, mechanism and where, with its count. Pure.
 */

#include <stddef.h>

#include "collector/record/row.h"
#include "lib/base/buf.h"

/* Does it count? Only if it is listed, attributed to an ASN, and has a
 * diagnosis. */
bool rollup_is_counted(const struct measurement *row);

/* The day of a time, as days since 1970, UTC. */
int32_t rollup_day(int64_t at_ms);

/* For qsort() of pointers to measurements that count: orders them as the
 * entries are, all that belong to one run of bytes next to each other. */
int rollup_compare(const void *a, const void *b);

/* Do both belong to the same run of bytes? */
bool rollup_is_same_run(
    const struct measurement *a, const struct measurement *b);

/*
 * Append to `out` the entries of `old` (NULL: none yet) with `count` more
 * measurements added, at least one, all of the same run and sorted. 0, or
 * -EBADMSG: `old` is damaged. Memory that ran out shows as `out->failed`.
 */
int rollup_merge(const void *old, size_t length,
    const struct measurement *const *rows, size_t count, struct buf *out);

/* Visit each entry as a row: `row` holds what the entries have in common, with
 * `day`, and is filled in. 0, -EBADMSG, or what `visit` returned. */
int rollup_read(const void *bytes, size_t length, struct rollup_row *row,
    rollup_visit *visit, void *arg);

#endif
