/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_RETENTION_H
#define EGRESS25_COLLECTOR_STORE_RETENTION_H

/*
 * Which reports are old enough to remove, and when to take the next step of
 * removal. Pure.
 *
 * A wrong clock, or a report that it let in, must not delete everything. So the
 * time that counts here goes on as time passes by the monotonic clock, and only
 * RETENTION_PACE times as fast towards the day after the newest measurement;
 * it is kept in the store. It is never later than the wall clock.
 */

#include <stdbool.h>
#include <stdint.h>

#define RETENTION_STEP_REPORTS 256
#define RETENTION_STEP_US      INT64_C(10000)
#define RETENTION_PACE         24

/* Start from zeroes and `keep_ms`, which may change at any time. */
struct retention {
	int64_t keep_ms;   /* how long reports are kept; 0: for ever */
	int64_t now_ms;    /* the time that counts */
	int64_t seen_us;   /* monotonic: when now_ms was updated; 0: never */
	bool is_known;     /* the first step was taken */
	int64_t newest_ms; /* the newest measurement; 0: none */
	int64_t next_us;   /* monotonic: when the next step is due */
};

/* Begin a step. Reports older than the result, in ms since 1970, may be
 * removed. The first step removes none: it only finds out how far an earlier
 * process had come, and the newest measurement. */
int64_t retention_begin(
    struct retention *retention, int64_t wall_ms, int64_t mono_us);

/* What a step found in the store (struct store_expiry). */
struct retention_found {
	int64_t clock_ms; /* the time that counted when it was kept; 0: none */
	int64_t newest_ms;
	bool more;
};

/* End the step and schedule the next one, so that steps take at most a fifth of
 * the writer's time. The times are monotonic. */
void retention_end(struct retention *retention,
    const struct retention_found *found, int64_t began_us, int64_t ended_us);

#endif
