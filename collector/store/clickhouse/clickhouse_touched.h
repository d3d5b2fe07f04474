/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_TOUCHED_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_TOUCHED_H

/*
 * Of which days and agents rows were stored lately, by any collector: the table
 * `touched`, into which who stores rows writes that before he acknowledges. It
 * is read by its parts (clickhouse_parts.h): what came when is told by this
 * process's own clock alone. One thread at a time.
 */

#include "collector/store/clickhouse/clickhouse_handle.h"
#include "collector/store/clickhouse/clickhouse_incoming.h"
#include "collector/store/clickhouse/clickhouse_parts.h"

/* What came in one look. */
struct touched_look {
	int64_t seen_us;    /* clock_mono_us() */
	int64_t counted_us; /* when it was counted last; 0: not yet */
	int64_t at_ms;      /* the least time in it, by its writers' clocks */
};

/* Start from {0}, end with touched_free(). */
struct clickhouse_touched {
	struct parts parts;
	struct touched_look *looks;
	size_t count;
	int64_t newest_ms; /* by the clock that is most ahead; 0: not known */
	int64_t warned_us; /* clock_mono_us() */
	bool began;        /* it was looked at */
	bool is_recounted; /* days as a whole, of which nobody was told */
};

/* So long a look is known after it was counted: who asks what changed since a
 * longer time is told all. */
#define TOUCHED_KEEP_US INT64_C(4500000000)

/* No time: nothing was touched. */
#define TOUCHED_NONE INT64_MAX

/* Note what these reports touch. 0 or -errno as clickhouse_insert(). */
int touched_write(struct clickhouse *handle, const struct incoming *incoming,
    size_t count, struct err *err);

/* Look for what is new. 0 or -errno. */
int touched_look(struct clickhouse *handle, struct clickhouse_touched *touched,
    struct err *err);

/* All that was seen at or after `us` has an `at_ms` of at least that. */
int64_t touched_seen(const struct clickhouse_touched *touched, int64_t us);

/* The same of what was counted at or after `us`. */
int64_t touched_counted(const struct clickhouse_touched *touched, int64_t us);

/* What was seen at or after `us` is counted now. */
void touched_count(struct clickhouse_touched *touched, int64_t us);

/* Remove what is older than some days. 0 or -errno; it takes seconds at most.
 */
int touched_expire(struct clickhouse *handle, int32_t today, struct err *err);

void touched_free(struct clickhouse_touched *touched);

#endif
