/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_SCHEDULE_H
#define EGRESS25_AGENT_SERVICE_SCHEDULE_H

/*
 * Which endpoints to visit next, and when. Pure: all times are passed in, in
 * milliseconds of a clock that never steps and counts suspended time
 * (alarm.h), so setting the wall clock moves no visit.
 *
 * - Two visits to an endpoint are at least `interval_ms` apart, plus a jitter
 *   of up to a fifth. When a round begins, every endpoint that may be visited
 *   joins it.
 * - A planned endpoint is visited in its slots. A slot that was missed, for
 *   instance because the machine was suspended, is skipped.
 * - An endpoint that turns the agent away (4xx, 5xx, refused) is left alone for
 *   twice the interval, doubled each time, up to a day.
 * - A changed diagnosis is confirmed soon: with one of the plan's `extra`
 *   visits, or without a plan as soon as `interval_ms` allows.
 * - After a network change every endpoint is visited again. Visits sooner than
 *   `interval_ms` back off, so that a flapping link does not cause a flood.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/day.h"

#define SCHEDULE_NEVER      INT64_MIN
#define SCHEDULE_FOREVER    INT64_MAX
#define SCHEDULE_LATE_MS    INT64_C(240000) /* a slot this late is missed */
#define SCHEDULE_GATHER_MS  INT64_C(30000)  /* slots that share a round */
#define SCHEDULE_NEXT_MS    INT64_C(1000)   /* after a round that was full */
#define SCHEDULE_CONFIRM_MS INT64_C(60000)  /* to twice this */
#define SCHEDULE_MOVED_MS   INT64_C(60000)  /* doubled per network change */
#define SCHEDULE_AWAY_MS    DAY_MS

/* The terms on which an endpoint is visited. */
struct schedule_terms {
	char name[64];
	int64_t interval_ms;
	bool planned;
	int64_t slot_ms;  /* planned: a slot, and every interval_ms after it */
	int64_t least_ms; /* planned: skip a slot sooner than this after a
			     visit; 0: none */
	int64_t extra;    /* planned: visits outside the slots */
};

struct schedule_entry {
	struct schedule_terms terms;
	int64_t visited_ms; /* start of the last visit, or SCHEDULE_NEVER */
	int64_t before_ms;  /* of the one before it */
	int64_t due_ms;
	int64_t extra_left;
	int away;  /* visits turned away, in a row */
	int moves; /* visits sooner than the interval, in a row */
	bool open; /* being visited */
};

/* Zero-initialised but for `dice`; end with schedule_free(). */
struct schedule {
	struct schedule_entry *entries; /* owned; in the order of the terms */
	size_t count;
	int64_t until_ms; /* no `extra` visits after it */
	uint64_t dice;    /* any seed for the jitter */
};

struct schedule_result {
	bool turned_away;
	bool changed; /* the diagnosis differs from the last one */
};

/* Replace the terms. Endpoints that were known keep their history; if
 * `until_ms` is that of the same plan, they also keep their next visit and
 * their remaining `extra`. 0, or -ENOMEM: nothing has changed. */
int schedule_set(struct schedule *schedule, const struct schedule_terms *terms,
    size_t count, int64_t until_ms, int64_t now_ms);

/* Record a visit made before this schedule began, by an earlier process.
 * An unknown name is ignored. */
void schedule_recall(
    struct schedule *schedule, const char *name, int64_t visited_ms, int away);

/* When the next round is due; may be in the past. FOREVER: no endpoints. */
int64_t schedule_next(struct schedule *schedule, int64_t now_ms);

/* Begin a round: mark the entries to visit `open`. Returns how many. */
size_t schedule_begin(struct schedule *schedule, int64_t now_ms);

/* The visit to entry `index` is over. */
void schedule_ended(struct schedule *schedule, size_t index,
    const struct schedule_result *result, int64_t now_ms);

/* The round was over before the endpoint of that name had its turn: it is due
 * in the next one. An unknown name, or one that is not `open`, is ignored. */
void schedule_had_no_turn(
    struct schedule *schedule, const char *name, int64_t now_ms);

/* The network has changed and any round was abandoned. No visit before
 * `at_ms`. */
void schedule_moved(struct schedule *schedule, int64_t at_ms);

/* The entry of that name, or NULL. Valid until schedule_set(). */
struct schedule_entry *schedule_find(
    const struct schedule *schedule, const char *name);

void schedule_free(struct schedule *schedule);

#endif
