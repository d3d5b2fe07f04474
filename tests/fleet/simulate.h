/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_FLEET_SIMULATE_H
#define EGRESS25_TESTS_FLEET_SIMULATE_H

/*
 * A simulation of a fleet that follows its plans, without sockets: agents join
 * and leave, ask at odd times, keep old plans, have wrong clocks and confirm
 * changes. It records when each endpoint was visited, and by whom.
 */

#include "collector/fleet/fleet.h"

#define SIM_ENDPOINTS 24
#define SIM_OWNERS    12

struct scenario {
	size_t agents, at_first; /* in total; from the start */
	size_t networks;
	int hours, join_from_min, join_for_min;
	int leave_percent;
};

enum habit {
	HABIT_COMMON, /* asks before its plan ends */
	HABIT_OLD,    /* keeps a plan for a day and a half */
	HABIT_EAGER,  /* asks every ten minutes */
	HABIT_COUNT
};

struct sim_network {
	size_t first, count; /* agents, in the order of networks */
	bool is_unsettled;
	size_t stayed;        /* agents present all the time */
	uint32_t owners_seen; /* bits */
	int64_t visits;
};

struct simulation {
	struct scenario scenario;
	int64_t start_ms, end_ms;
	struct endpoint_list endpoints;
	struct plan_parts parts;
	struct sim_agent *agents;
	struct sim_network *networks;
	uint32_t *by_minute[SIM_ENDPOINTS];
	uint32_t *behind_nat[SIM_ENDPOINTS]; /* of the first network */
	size_t minutes;
	int64_t plans, too_soon, confirmed, firsts;
	int64_t habit_visits[HABIT_COUNT], habit_stayed[HABIT_COUNT];
	uint64_t random;
};

void simulate(struct simulation *simulation, const struct scenario *scenario);
void simulation_free(struct simulation *simulation);

/* The most visits an endpoint had in any `minutes` in a row. */
int64_t simulation_most(
    const struct simulation *simulation, size_t endpoint, size_t minutes);
int64_t simulation_visits(const struct simulation *simulation, size_t endpoint);

#endif
