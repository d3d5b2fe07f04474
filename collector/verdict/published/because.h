/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_PUBLISHED_BECAUSE_H
#define EGRESS25_COLLECTOR_VERDICT_PUBLISHED_BECAUSE_H

/*
 * Why a network is in its state, in words (doc/verdict.md, section 7): counts,
 * where and what, what contradicts, what is missing. It never says that a
 * network blocks, but that lines are blocked. Pure.
 */

#include "collector/record/review.h"
#include "collector/verdict/decision/decision.h"
#include "collector/verdict/published/settle.h"
#include "collector/verdict/published/stopped.h"

struct because_facts {
	enum network_state state; /* that is published */
	const struct decision *decision;
	int prefixes, blocked_prefixes; /* with a line that is sure */
	enum mechanism mechanism;       /* of blocked lines; MECHANISM_COUNT */
	struct stopped stopped;
	struct settle settle; /* of a network that is `insufficient` */
};

/* Fill in the verdict's sentences, and all of them in one line. */
void because_say(
    const struct because_facts *facts, struct network_verdict *verdict);

/* Add that a filter which is stopped behind another AS is not charged to this
 * network, and how many networks see it there. */
void because_beyond(struct network_verdict *verdict, size_t networks);

/* Add what a review has decided, with its reason; NULL: that it is awaited. */
void because_review(
    struct network_verdict *verdict, const struct review *review);

/* What because_hold_back() adds. */
extern const char because_held_back[];

/* Add that the bound on all accusations holds it back. */
void because_hold_back(struct network_verdict *verdict);

#endif
