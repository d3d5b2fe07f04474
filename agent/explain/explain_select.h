/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_EXPLAIN_SELECT_H
#define EGRESS25_AGENT_EXPLAIN_EXPLAIN_SELECT_H

/* A selection of a round's diagnoses: one port, some outcomes. Pure. */

#include "agent/explain/explain_round.h"

/* The outcomes that mean a port is stopped, as bits. */
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

/* The next item of a selection. `*at` is 0 before the first call. NULL: no
 * more. */
const struct explain_item *explain_next(
    const struct explain_selection *of, size_t *at);

/* How many items a selection has. */
size_t explain_count(const struct explain_selection *of);

/* The first diagnosis of the largest group that is the same (explain_same()).
 * NULL: the selection is empty. */
const struct diagnosis *explain_commonest(const struct explain_selection *of);

/* True: same outcome, mechanism, place and hop. */
bool explain_same(const struct diagnosis *a, const struct diagnosis *b);

/* 4 or 6 if all items are over that family; 0 if they are mixed, or none. */
int explain_only_family(const struct explain_selection *of);

/* The family (4 or 6) that does not work from here: no route or no answer at
 * all for any target and port, while the other family works. 0: none. */
int explain_dead_family(const struct explain_round *round);

/* The target that an item is about. */
const struct target_seen *explain_target(
    const struct explain_round *round, const struct explain_item *item);

/* The attempt that got furthest on an item's port. NULL: there was none. */
const struct probe_seen *explain_best_probe(
    const struct explain_round *round, const struct explain_item *item);

#endif
