/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_REPLAY_REPLAY_H
#define EGRESS25_COLLECTOR_VERDICT_REPLAY_REPLAY_H

/*
 * The days of one network in their order (doc/verdict.md, section 7): each line
 * takes its steps, each day has its decision, and the published state is held
 * or changes. What a day says depends on no later day.
 *
 *	replay_init(); replay_day() until it says false, or replay_last();
 *	replay_free().
 *
 * Pure but for the memory that it owns.
 */

#include "collector/verdict/decision/decision.h"
#include "collector/verdict/evidence/odds.h"
#include "collector/verdict/evidence/roster.h"
#include "collector/verdict/line/line.h"

struct replay {
	const struct evidence *evidence; /* borrowed, with what it points to */
	const struct health *health;
	int32_t day;               /* of the last step */
	struct decision decision;  /* of that day */
	enum network_state state;  /* that is published at its end */
	enum network_state before; /* at the end of the day before */
	struct decision_room room; /* its votes and lines, sorted */
	struct line *lines;        /* owned, as are those that follow */
	size_t *next;              /* by line: the next of its days */
	uint32_t nlines;
	const struct roster_agent **agents;  /* by line; NULL: not known */
	const struct health_series **series; /* by endpoint */
	struct odds odds;
};

/*
 * Before the first day of the window. The evidence has ended (evidence.h), and
 * nothing of the three changes until replay_free(), which is called in either
 * case. Of an agent that is not in the roster its first day here counts. 0 or
 * -ENOMEM.
 */
int replay_init(struct replay *replay, const struct evidence *evidence,
    const struct health *health, const struct roster *roster);

/* Instead of all days before today: what was published at the end of yesterday
 * is known. Only the lines take their steps. */
void replay_resume(struct replay *replay, enum network_state before);

/* The next day. False: the last one, today, was behind it. */
bool replay_day(struct replay *replay);

/* The last day and the one before it alone, with the same result as all:
 * earlier days are decided only where what was published yesterday depends on
 * them. */
void replay_last(struct replay *replay);

void replay_free(struct replay *replay);

#endif
