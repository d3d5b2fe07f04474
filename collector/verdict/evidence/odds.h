/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_EVIDENCE_ODDS_H
#define EGRESS25_COLLECTOR_VERDICT_EVIDENCE_ODDS_H

/*
 * Endpoints at odds with a network (doc/verdict.md, section 4): they fail its
 * lines although others answer these. That is a block list of theirs, which
 * names the whole network, and no filter.
 *
 * Pure but for the memory that it owns.
 */

#include "collector/verdict/evidence/evidence.h"

struct odds_endpoint {
	int64_t bad, good; /* line-days with most probes failing, or not */
	bool is_seen;
	bool is_at_odds; /* today: its rows are left out */
};

struct odds {
	struct odds_endpoint *endpoints; /* owned: by their numbers */
	uint32_t count;
};

/* Begin a network; release with odds_free(). 0 or -ENOMEM. */
int odds_init(struct odds *odds, uint32_t endpoints);

/* What one line saw on the day that comes next; call it for all lines. */
void odds_learn(struct odds *odds, const struct evidence *evidence,
    const struct evidence_day *day);

/* All lines of the day are there: say who is at odds. */
void odds_decide(struct odds *odds);

void odds_free(struct odds *odds);

#endif
