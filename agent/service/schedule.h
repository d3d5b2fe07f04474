/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_SCHEDULE_H
#define EGRESS25_AGENT_SERVICE_SCHEDULE_H

/*
 * Which endpoints are visited next, and when. Values in, values out: all times
 * are milliseconds of one clock that never steps and goes on while the machine
 * sleeps (CLOCK_BOOTTIME), so that a wall clock that is set moves nothing.
 *
 * - Two visits to an endpoint are `interval_ms` apart, at least; a jitter of
 *   up to a fifth comes on top. What may be visited goes along when a round
 *   begins for another one.
 * - A planned endpoint is visited in its slots, and a slot that was slept
 *   through is left out.
 * - An endpoint that turns us away (4xx, 5xx, refused) is left alone for twice
 *   the time, and twice again, up to a day.
 * - A changed diagnosis is confirmed soon: out of the plan's `extra` visits, or
 *   without a plan as soon as `interval_ms` allows.
 * - After a change of the network all are visited anew, but sooner than
 *   `interval_ms` only with growing distance, so that a link that comes and
 *   goes does not make a flood of visits.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHEDULE_NEVER      INT64_MIN
#define SCHEDULE_FOREVER    INT64_MAX
#define SCHEDULE_LATE_MS    INT64_C(240000) /* a slot is missed after it */
#define SCHEDULE_GATHER_MS  INT64_C(30000)  /* slots that share a round */
#define SCHEDULE_CONFIRM_MS INT64_C(60000)  /* to twice as much */
#define SCHEDULE_MOVED_MS   INT64_C(60000)  /* doubled with every move */
#define SCHEDULE_AWAY_MS    INT64_C(86400000)

/* What is agreed about an endpoint. */
struct schedule_terms {
	char name[64];
	int64_t interval_ms;
	bool planned;
	int64_t slot_ms;  /* planned: this, and every interval_ms from it */
	int64_t least_ms; /* planned: a slot that comes sooner after a visit
			     is left out; 0: none does */
	int64_t extra;    /* planned: visits beside the slots */
};

struct schedule_entry {
	struct schedule_terms terms;
	int64_t visited_ms; /* the last visit began; or SCHEDULE_NEVER */
	int64_t due_ms;
	int64_t extra_left;
	int away;  /* visits in a row that were turned away */
	int moves; /* visits too soon for the interval, in a row */
	bool open; /* being visited */
};

struct schedule {
	struct schedule_entry *entries; /* owned; as the terms were given */
	size_t count;
	int64_t until_ms; /* no `extra` after it */
	uint64_t dice;    /* any seed; the jitter comes from it */
};

/* What a visit came to. */
struct schedule_result {
	bool turned_away;
	bool changed; /* another diagnosis than the last one */
};

/* Use these terms from now on. Endpoints that were there keep what is known of
 * them, and where `until_ms` is as before, their next visit and what is left of
 * `extra`. -ENOMEM: all is as it was. */
int schedule_set(struct schedule *schedule, const struct schedule_terms *terms,
    size_t count, int64_t until_ms, int64_t now_ms);

/* The endpoint was last visited then, before this schedule began. */
void schedule_recall(
    struct schedule *schedule, const char *name, int64_t visited_ms, int away);

/* When the next round is to begin; perhaps now or earlier. FOREVER: there is
 * nothing to visit. */
int64_t schedule_next(struct schedule *schedule, int64_t now_ms);

/* A round begins: the entries that are `open` are to be visited. Returns how
 * many. */
size_t schedule_begin(struct schedule *schedule, int64_t now_ms);

/* The visit to entry `index` is over. */
void schedule_ended(struct schedule *schedule, size_t index,
    const struct schedule_result *result, int64_t now_ms);

/* The network changed; a running round was given up. Nobody is visited before
 * `at_ms`. */
void schedule_moved(struct schedule *schedule, int64_t at_ms);

struct schedule_entry *schedule_find(
    const struct schedule *schedule, const char *name);
void schedule_free(struct schedule *schedule);

#endif
