/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_LINE_LINE_H
#define EGRESS25_COLLECTOR_VERDICT_LINE_LINE_H

/*
 * One agent in one network (doc/verdict.md, section 5): a filter of two states,
 * open and blocked, which takes one step a day, and a log of the days with
 * evidence. Pure.
 */

#include "collector/verdict/evidence/evidence.h"
#include "collector/verdict/evidence/health.h"
#include "collector/verdict/evidence/odds.h"
#include "collector/verdict/line/entry.h"
#include "collector/verdict/line/vote.h"

/* Sums over the days that count as recent. */
struct line_recent {
	int64_t where[WHERE_COUNT];             /* failures */
	int64_t mechanisms[2][MECHANISM_COUNT]; /* of successes, of failures */
	int64_t failures, home, intercepted;
};

/* The one change to a class that disagrees with the fewest endpoint-days of the
 * log. */
struct line_turn {
	int64_t sum;  /* days before it that agree, less those that do not */
	int64_t best; /* the greatest sum; 0: no change */
	size_t after; /* the last entry of the log before the change, and 1 */
};

struct line {
	uint32_t number, run_by;
	int32_t first_seen, history; /* days: of the agent, of all agents */
	bool has_evidence;
	double p;        /* chance that it is blocked, if it has evidence */
	uint32_t prefix; /* of its newest evidence */
	/* The two endpoints seen last, and when: is more than one seen? */
	uint32_t endpoints[2];
	int32_t endpoint_days[2];
	struct line_entry log[MODEL_WINDOW];
	size_t nlog, first_recent;
	int64_t recent_good, recent_bad; /* endpoint-days of each kind */
	struct line_turn turns[2];       /* to open, to blocked */
	/* The first and the last evidence; INT64_MAX and INT64_MIN: none. */
	int64_t first_ms, last_ms;
	struct line_recent recent;
};

/* What a step rests on; all borrowed. */
struct line_world {
	const struct evidence *evidence;
	const struct odds *odds; /* decided for the day */
	const struct health *health;
	const struct health_series *const *series; /* by endpoint, NULL: none */
};

/* A line without evidence; its agent was first heard of on that day. Its
 * operator and the history are for the caller to set. */
void line_init(struct line *line, uint32_t number, int32_t first_seen);

/* The next day: `seen` is what the line saw, or NULL. Call it for each day of
 * the window, in order. */
void line_step(struct line *line, const struct line_world *world, int32_t day,
    const struct evidence_day *seen);

/* How its failures, if it is rather blocked than open, or else its successes
 * mostly came about of late; MECHANISM_COUNT: there are none. */
enum mechanism line_mechanism(const struct line *line);

/* What it says on the day of its last step. False: nothing. */
bool line_vote(const struct line *line, int32_t day, struct vote *vote);

#endif
