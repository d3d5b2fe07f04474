/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_SURVEY_H
#define EGRESS25_COLLECTOR_FLEET_SURVEY_H

/*
 * What each agent's networks need (fleet.h): the verdict on each network as of
 * now, beside the one of a day ago. Pure but for the memory that it owns.
 */

#include "collector/fleet/fleet.h"
#include "collector/verdict/network_walk.h"

/* Start from {0} with the first two; end with survey_free(). */
struct survey {
	struct fleet *fleet; /* sorted */
	int64_t now_ms;
	uint64_t *keys; /* owned: the agents of one network */
	size_t capacity;
};

/* A network_walk_visit: mark what the agents of this network need; `survey` is
 * a `struct survey`. 0 or -ENOMEM. */
int survey_network(void *survey, struct rollup_row *rows, size_t count);

void survey_free(struct survey *survey);

#endif
