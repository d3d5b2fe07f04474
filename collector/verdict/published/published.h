/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_PUBLISHED_PUBLISHED_H
#define EGRESS25_COLLECTOR_VERDICT_PUBLISHED_PUBLISHED_H

/*
 * What is published of a network (doc/verdict.md, section 7; contract, section
 * 5). Pure but for the memory that it owns.
 */

#include "collector/record/network.h"
#include "collector/record/review.h"
#include "collector/verdict/replay/replay.h"

/*
 * Fill in the verdict from a replay that has reached its last day. It borrows
 * names from the evidence, and is for the caller to end with
 * network_verdict_end(). 0, or -ENOMEM with nothing to end.
 */
int published_fill(
    const struct replay *replay, struct network_verdict *verdict);

/* The same of any day of a replay, without what is counted over all rows:
 * probes, endpoints, outcomes, the last probe and `since`. */
int published_day(const struct replay *replay, struct network_verdict *verdict);

/* Take an accusation back, as the bound on all of them asks (gate.h). */
void published_hold_back(struct network_verdict *verdict);

/* Of an accusation that rests only on new agents: take it back, unless it was
 * released, and say so. `review` is NULL if nobody has decided. */
void published_review(
    struct network_verdict *verdict, const struct review *review);

#endif
