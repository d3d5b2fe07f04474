/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_RETENTION_H
#define EGRESS25_COLLECTOR_STORE_RETENTION_H

/*
 * Which reports are old enough to remove, and when to take the next step of
 * removal. Pure.
 *
 * A wrong clock must not delete everything. So the time that counts here is
 * never later than one day after the newest measurement, plus the time that
 * passed since by the monotonic clock.
 */

#include <stdbool.h>
#include <stdint.h>

#define RETENTION_STEP_REPORTS 256
#define RETENTION_STEP_US      INT64_C(10000)

/* Start from zeroes and `keep_ms`, which may change at any time. */
struct retention {
	int64_t keep_ms;   /* how long reports are kept; 0: for ever */
	int64_t now_ms;    /* the time that counts */
	int64_t seen_us;   /* monotonic: when now_ms was updated; 0: never */
	int64_t newest_ms; /* the newest measurement; 0: not known */
	int64_t next_us;   /* monotonic: when the next step is due */
};

/* Begin a step. Reports older than the result, in ms since 1970, may be
 * removed. As long as the newest measurement is not known no report is: the
 * first step only finds it out. */
int64_t retention_begin(
    struct retention *retention, int64_t wall_ms, int64_t mono_us);

/* End the step and schedule the next one, so that steps take at most a fifth of
 * the writer's time. `newest_ms` and `more` are the step's results (struct
 * store_expiry); the times are monotonic. */
void retention_end(struct retention *retention, int64_t newest_ms, bool more,
    int64_t began_us, int64_t ended_us);

#endif
