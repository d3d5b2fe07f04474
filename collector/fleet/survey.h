/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_SURVEY_H
#define EGRESS25_COLLECTOR_FLEET_SURVEY_H

/*
 * What each agent's networks need (fleet.h): the verdict on each network as of
 * now, beside the state at the end of yesterday. Pure but for the memory that
 * it owns.
 */

#include "collector/fleet/fleet.h"

/* Start from {0} with the first two; end with survey_free(). */
struct survey {
	struct fleet *fleet; /* sorted */
	int64_t now_ms;
	uint64_t *keys; /* owned: the agents of one network */
	size_t count;
};

/* Add an agent of the next network, by its pseudonym. 0 or -ENOMEM. */
int survey_agent(struct survey *survey, const char *agent);

/* Mark what the agents that were added need. */
void survey_network(
    struct survey *survey, enum network_state now, enum network_state before);

void survey_free(struct survey *survey);

#endif
