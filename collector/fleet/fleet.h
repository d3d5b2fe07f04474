/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_FLEET_H
#define EGRESS25_COLLECTOR_FLEET_FLEET_H

/*
 * The active agents, for which visits are planned (plan.h), each with the need
 * of its networks and its rank. It is made anew from time to time:
 *
 *	fleet_add() for each agent; fleet_sort(); fleet_mark() for each
 *	network; fleet_rank().
 *
 * Pure but for the memory that it owns.
 */

#include "collector/fleet/plan.h"
#include "collector/record/network.h"

#define FLEET_ACTIVE_DAYS 7

struct fleet_agent {
	uint64_t key; /* the pseudonym as a number */
	int64_t enrolled_ms;
	int64_t number; /* in the order of enrolment (registry.h) */
	uint32_t rank;
	uint8_t class;
	bool has_reported;
};

/* Start from {0}, end with fleet_free(). */
struct fleet {
	struct fleet_agent *agents; /* owned; by key */
	size_t count, capacity;
	struct plan_fleet counts;
	int64_t last_number; /* the greatest that was added, active or not */
};

/* A pseudonym as a number; 0 if it is not one. */
uint64_t fleet_key(const char *pseudonym);

/* Add an agent, unless it is inactive: not heard from for FLEET_ACTIVE_DAYS, or
 * never since it enrolled, more than a day ago. `last_seen_ms` 0: never. 0 or
 * -ENOMEM. */
int fleet_add(struct fleet *fleet, const struct fleet_agent *agent,
    int64_t last_seen_ms, int64_t now_ms);

/* Sort the agents by key, after the last fleet_add(). */
void fleet_sort(struct fleet *fleet);

/* A network and its agents. */
struct fleet_network {
	uint64_t *keys; /* fleet_mark() sorts them */
	size_t count;
	bool is_unsettled;
};

/* Note what a network needs of its agents. If there are many, a few of them are
 * enough to settle it, and each day it is the turn of others. */
void fleet_mark(
    struct fleet *fleet, struct fleet_network *network, int64_t now_ms);

/* Rank the agents within their classes, and count the classes. */
void fleet_rank(struct fleet *fleet, int64_t now_ms);

/* The agent as plan.h wants it, and in `counts` the fleet as it is to be
 * planned for that agent. One that enrolled after the census gets a place by
 * its pseudonym, and `counts` includes those that enrolled before it. */
struct plan_agent fleet_find(const struct fleet *fleet,
    const struct fleet_agent *asked, struct plan_fleet *counts);

void fleet_free(struct fleet *fleet);

/* Does a network in that state want more evidence? `before` is its state at
 * the end of yesterday. */
bool fleet_is_unsettled(enum network_state now, enum network_state before);

#endif
