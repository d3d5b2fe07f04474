/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_FLEET_H
#define EGRESS25_COLLECTOR_FLEET_FLEET_H

/*
 * Who is there to be planned for (plan.h): the agents of late, each with the
 * need of its networks and its rank. Made anew from the registry and the
 * rollups from time to time:
 *	fleet_add() for each agent; fleet_sort(); fleet_mark() for each
 *	network; fleet_rank().
 * Pure but for the memory that it owns.
 */

#include "collector/fleet/plan.h"
#include "collector/record/network.h"

#define FLEET_ACTIVE_DAYS 7

struct fleet_agent {
	uint64_t key; /* the pseudonym, as a number */
	int64_t enrolled_ms;
	int64_t number; /* agents are numbered as they enrol */
	uint32_t rank;
	uint8_t class;
	bool has_reported;
};

struct fleet {
	struct fleet_agent *agents; /* owned; by key */
	size_t count, capacity;
	struct plan_fleet counts;
	int64_t last_number; /* of those that were added, active or not */
};

/* A pseudonym's number; 0 for what is none. */
uint64_t fleet_key(const char *pseudonym);

/* One that was not heard of for FLEET_ACTIVE_DAYS (or was never, and enrolled
 * more than a day ago) is left out. `last_seen_ms` 0: never. 0 or -ENOMEM. */
int fleet_add(struct fleet *fleet, const struct fleet_agent *agent,
    int64_t last_seen_ms, int64_t now_ms);

void fleet_sort(struct fleet *fleet);

/* The agents of one network; `keys` are sorted here. Where there are many, some
 * of them, others each day, are enough to settle it. */
struct fleet_network {
	uint64_t *keys;
	size_t count;
	bool is_unsettled;
};
void fleet_mark(
    struct fleet *fleet, struct fleet_network *network, int64_t now_ms);

void fleet_rank(struct fleet *fleet, int64_t now_ms);

/* The agent as the plan takes it, and the fleet, `counts`, as it is for that
 * agent. One that enrolled after the fleet was counted has a place by its
 * pseudonym alone, and `counts` has all that came before it as well. */
struct plan_agent fleet_find(const struct fleet *fleet,
    const struct fleet_agent *asked, struct plan_fleet *counts);

void fleet_free(struct fleet *fleet);

/* Whether a network wants more evidence: `before` is its verdict of a day ago,
 * or NULL where there was none. */
bool fleet_is_unsettled(
    const struct network_verdict *now, const struct network_verdict *before);

#endif
