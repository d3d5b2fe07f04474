/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_EXPLAIN_SELECT_H
#define EGRESS25_AGENT_EXPLAIN_EXPLAIN_SELECT_H

/* Some of a round's diagnoses: those of one port with some of the outcomes.
 * Pure. */

#include "agent/explain/explain_round.h"

/* What stops a port, as bits of 1 << enum outcome. */
#define EXPLAIN_STOPPED                                       \
	(1u << OUTCOME_FILTERED | 1u << OUTCOME_INTERCEPTED | \
	    1u << OUTCOME_LOCAL)

struct explain_selection {
	const struct explain_round *round; /* borrowed */
	uint16_t port;
	unsigned outcomes;   /* bits, 1 << enum outcome */
	unsigned mechanisms; /* bits, 1 << enum mechanism; 0: all */
	bool asked_only;     /* leave out the references */
};

/* Walk: `*at` starts at 0. NULL: no more. */
const struct explain_item *explain_next(
    const struct explain_selection *of, size_t *at);

size_t explain_count(const struct explain_selection *of);

/* Outcome, mechanism and place that most of them have; of these the first.
 * NULL: there is none. */
const struct diagnosis *explain_commonest(const struct explain_selection *of);

/* The same outcome, mechanism, where and hop. */
bool explain_same(const struct diagnosis *a, const struct diagnosis *b);

/* All of them are over IPv4 (or IPv6): 4 or 6; else 0, as for none. */
int explain_only_family(const struct explain_selection *of);

/* The family over which nothing works here (no route, or no answer at all, at
 * every target and port) while something does over the other one: 4 or 6;
 * 0: none. */
int explain_dead_family(const struct explain_round *round);

const struct target_seen *explain_target(
    const struct explain_round *round, const struct explain_item *item);

/* The attempt that got furthest on an item's port; NULL where none is
 * there. */
const struct probe_seen *explain_best_probe(
    const struct explain_round *round, const struct explain_item *item);

#endif
