/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_SURVEY_H
#define EGRESS25_COLLECTOR_FLEET_SURVEY_H

/*
 * What each agent's networks need (fleet.h): the verdict on each network as of
 * now, beside the state at the end of yesterday. Pure but for the memory that
 * it owns.
 */

#include "collector/fleet/fleet.h"
#include "collector/verdict/evidence/evidence.h"

/* Start from {0} with the first two; end with survey_free(). */
struct survey {
	struct fleet *fleet; /* sorted */
	int64_t now_ms;
	uint64_t *keys; /* owned: the agents of one network */
	size_t capacity;
};

/* Mark what the agents of a network need. 0 or -ENOMEM. */
int survey_network(struct survey *survey, const struct evidence *evidence,
    enum network_state now, enum network_state before);

void survey_free(struct survey *survey);

#endif
