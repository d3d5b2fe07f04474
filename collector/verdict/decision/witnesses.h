/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_DECISION_WITNESSES_H
#define EGRESS25_COLLECTOR_VERDICT_DECISION_WITNESSES_H

/*
 * How many lines speak for themselves (doc/verdict.md, section 6, step 5): no
 * two witnesses share an operator or a prefix, of agents that were enrolled one
 * soon after the other one counts, and none where most older lines do not see
 * the same. Pure but for the memory that it owns.
 */

#include <stddef.h>

#include "collector/verdict/line/vote.h"

/* Memory for the votes of one network; see witnesses_room_init(). */
struct witnesses_room {
	const struct vote **votes;
	struct witnesses_operator *operators;
	struct witnesses_prefix *prefixes;
	uint32_t nprefixes;
};

struct witnesses {
	int count;     /* lines, no two of one operator or prefix */
	int operators; /* of the lines that count */
	/* To accuse: three; or two prefixes that hold three operators each, six
	 * in all. */
	bool is_enough;
	/* To accuse where no line sees it open: also two prefixes that hold two
	 * operators each whose failures are placed on the way, four in all. */
	bool is_enough_unopposed;
};

/* Room for `votes` votes in prefixes with numbers below `nprefixes`. 0 or
 * -ENOMEM; release in either case with witnesses_room_free(). */
int witnesses_room_init(
    struct witnesses_room *room, size_t votes, uint32_t nprefixes);

void witnesses_room_free(struct witnesses_room *room);

/* Count the witnesses among the votes that `counts` says yes to, sorted by
 * operator and prefix. With `apart`, those against the network: bursts count
 * once, and newcomers only where most of the older lines are blocked. */
void witnesses_count(struct witnesses_room *room, const struct vote *votes,
    size_t count, bool apart, bool (*counts)(const struct vote *vote),
    struct witnesses *witnesses);

#endif
