/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_RETENTION_H
#define EGRESS25_COLLECTOR_STORE_RETENTION_H

/*
 * What is old enough to be removed, and when the next step of it is due. Pure.
 *
 * A clock that is wrong must not cost the rows: the time that counts is never
 * further behind the newest measurement than a day and what this process saw
 * pass by the clock that does not jump.
 */

#include <stdbool.h>
#include <stdint.h>

#define RETENTION_STEP_REPORTS 256
#define RETENTION_STEP_US      INT64_C(10000)

/* Start from zeroes and `keep_ms`, which may change at any time. */
struct retention {
	int64_t keep_ms;   /* 0: for ever */
	int64_t now_ms;    /* the time that counts */
	int64_t seen_us;   /* when it was told, by the clock that does not
			      jump; 0: never */
	int64_t newest_ms; /* of the measurements; 0: none known */
	int64_t next_us;   /* when the next step is due */
};

/* A step begins: reports older than the time returned are to go. Until the
 * newest measurement is known none is: the first step finds that out. */
int64_t retention_begin(
    struct retention *retention, int64_t wall_ms, int64_t mono_us);

/* What a step came to, for when the next one is due: steps take a fifth of
 * the writer's time at most. */
void retention_end(struct retention *retention, int64_t newest_ms, bool more,
    int64_t began_us, int64_t ended_us);

#endif
