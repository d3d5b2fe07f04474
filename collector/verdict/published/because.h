/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_PUBLISHED_BECAUSE_H
#define EGRESS25_COLLECTOR_VERDICT_PUBLISHED_BECAUSE_H

/*
 * Why a network is in its state, in words (doc/verdict.md, section 7): counts,
 * where and what, what contradicts, what is missing. It never says that a
 * network blocks, but that lines are blocked. Pure.
 */

#include "collector/verdict/decision/decision.h"
#include "collector/verdict/published/settle.h"

#define BECAUSE_PARTS 5
#define BECAUSE_SIZE  (BECAUSE_PARTS * 128)

struct because_facts {
	enum network_state state; /* that is published */
	const struct decision *decision;
	int prefixes, blocked_prefixes; /* with a line that is sure */
	enum mechanism mechanism;       /* of blocked lines; MECHANISM_COUNT */
	struct settle settle; /* of a network that is `insufficient` */
};

/* A sentence each, "" where there is nothing to say. */
struct because {
	char counts[128];
	char stopped[128];
	char unsteady[128];
	char missing[128];
	char held_back[128];
};

void because_say(const struct because_facts *facts, struct because *because);

/* Add that the bound on all accusations holds it back. */
void because_hold_back(struct because *because);

/* All of it in one line. */
void because_join(const struct because *because, char out[BECAUSE_SIZE]);

#endif
