/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_DECISION_DECISION_H
#define EGRESS25_COLLECTOR_VERDICT_DECISION_DECISION_H

/*
 * What today's votes say of the network by themselves (doc/verdict.md, section
 * 6). Pure but for the memory that it owns.
 */

#include "collector/record/network.h"
#include "collector/verdict/decision/witnesses.h"
#include "collector/verdict/stories/stories.h"

struct decision {
	enum network_state state;
	struct posterior posterior;
	int witnesses_blocked, witnesses_open;
	enum where where; /* most frequent of blocked lines; WHERE_NONE */
	bool needs_trace; /* all but the place is there */
	/* Lines: steady ones, in all; those blocked and open among them; those
	 * that saw both again and again. */
	int steady, blocked, open, unsteady;
	/* The span of the day in which unsteady lines are mostly blocked. */
	struct vote_hours hours;
};

/* The votes of one network and what is made of them. After decision_make()
 * `votes` begins with the steady ones, sorted by operator and prefix, and
 * `lines` with their evidence, by prefix. */
struct decision_room {
	struct vote *votes;
	struct story_line *lines;
	struct stories stories;
	struct witnesses_room witnesses;
};

/* Room for `votes` votes in prefixes with numbers below `nprefixes`. 0 or
 * -ENOMEM; release in either case with decision_room_free(). */
int decision_room_init(
    struct decision_room *room, size_t votes, uint32_t nprefixes);

void decision_room_free(struct decision_room *room);

/* Decide by the first `count` votes of the room, which are reordered. */
void decision_make(
    struct decision_room *room, size_t count, struct decision *decision);

/* filtered, intercepted or partial. */
bool decision_accuses(enum network_state state);

#endif
