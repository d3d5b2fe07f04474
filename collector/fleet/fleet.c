/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/fleet.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/day.h"

#define FEW 64 /* agents, enough to settle a network */

uint64_t fleet_key(const char *pseudonym)
{
	return strtoull(pseudonym, NULL, 16);
}

int fleet_add(struct fleet *fleet, const struct fleet_agent *agent,
    int64_t last_seen_ms, int64_t now_ms)
{
	struct fleet_agent *grown;
	size_t capacity;

	if (agent->number > fleet->last_number)
		fleet->last_number = agent->number;
	if (last_seen_ms < now_ms - FLEET_ACTIVE_DAYS * DAY_MS &&
	    agent->enrolled_ms < now_ms - DAY_MS)
		return 0;
	if (fleet->count == fleet->capacity) {
		capacity = fleet->capacity > 0 ? fleet->capacity * 2 : 256;
		grown = realloc(fleet->agents, capacity * sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		fleet->agents = grown;
		fleet->capacity = capacity;
	}
	fleet->agents[fleet->count] = *agent;
	fleet->agents[fleet->count++].class = PLAN_SETTLED;
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* By key. */
static int compare_agents(const void *a, const void *b)
{
	const struct fleet_agent *left = a, *right = b;

	return compare_keys(&left->key, &right->key);
}

void fleet_sort(struct fleet *fleet)
{
	if (fleet->count > 0)
		qsort(fleet->agents, fleet->count, sizeof(*fleet->agents),
		    compare_agents);
}

/* The index of the first agent with this key or a greater one. */
static size_t lower_bound(const struct fleet *fleet, uint64_t key)
{
	size_t low = 0, high = fleet->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (fleet->agents[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Move the agent, if it is active, to this class, unless its own is more
 * urgent. */
static void need(struct fleet *fleet, uint64_t key, enum plan_class class)
{
	size_t i = lower_bound(fleet, key);

	if (i < fleet->count && fleet->agents[i].key == key &&
	    fleet->agents[i].class > class)
		fleet->agents[i].class = (uint8_t) class;
}

static size_t sort_keys(uint64_t *keys, size_t count)
{
	size_t i, kept = 0;

	if (count > 0)
		qsort(keys, count, sizeof(*keys), compare_keys);
	for (i = 0; i < count; i++)
		if (kept == 0 || keys[kept - 1] != keys[i])
			keys[kept++] = keys[i];
	return kept;
}

/* The i-th of `some` agents chosen from `count`: spread evenly over the order,
 * so that they do not visit together. Each is replaced once a day, but not all
 * at the same time. */
static size_t pick(size_t i, size_t some, size_t count, int64_t now_ms)
{
	size_t from = i * count / some, width = (i + 1) * count / some - from;
	size_t turn = (size_t)(now_ms / (DAY_MS / FEW)) + i;

	return from + turn / FEW % width;
}

void fleet_mark(
    struct fleet *fleet, struct fleet_network *network, int64_t now_ms)
{
	enum plan_class class = network->is_unsettled ? PLAN_UNSETTLED
						      : PLAN_THIN;
	size_t i, some, count;

	network->count = count = sort_keys(network->keys, network->count);
	some = count < FEW ? count : FEW;
	if (some < count && !network->is_unsettled)
		return;
	for (i = 0; i < some; i++)
		need(fleet, network->keys[pick(i, some, count, now_ms)], class);
}

void fleet_rank(struct fleet *fleet, int64_t now_ms)
{
	struct fleet_agent *agent;
	size_t i;

	memset(&fleet->counts, 0, sizeof(fleet->counts));
	for (i = 0; i < fleet->count; i++) {
		agent = &fleet->agents[i];
		agent->rank = (uint32_t)fleet->counts.agents[agent->class]++;
		fleet->counts.newcomers += agent->enrolled_ms >
					   now_ms - HOUR_MS;
	}
}

/* Add the agents that enrolled after the census, up to this one. */
static void count_later(
    const struct fleet *fleet, int64_t number, struct plan_fleet *counts)
{
	size_t later;

	if (number <= fleet->last_number)
		return;
	later = (size_t)(number - fleet->last_number);
	counts->agents[PLAN_SETTLED] += later;
	counts->newcomers += later;
}

struct plan_agent fleet_find(const struct fleet *fleet,
    const struct fleet_agent *asked, struct plan_fleet *counts)
{
	struct plan_agent agent = {
	    .class = PLAN_SETTLED,
	    .enrolled_ms = asked->enrolled_ms,
	    .has_reported = asked->has_reported,
	};
	size_t i = lower_bound(fleet, asked->key);

	*counts = fleet->counts;
	if (i < fleet->count && fleet->agents[i].key == asked->key) {
		agent.class = (enum plan_class)fleet->agents[i].class;
		agent.rank = fleet->agents[i].rank;
		agent.place = ((double)agent.rank + 0.5) /
			      (double)counts->agents[agent.class];
	} else {
		agent.rank = (size_t)asked->key;
		agent.place = ldexp((double)asked->key, -64);
		count_later(fleet, asked->number, counts);
	}
	return agent;
}

void fleet_free(struct fleet *fleet)
{
	free(fleet->agents);
	memset(fleet, 0, sizeof(*fleet));
}

bool fleet_is_unsettled(enum network_state now, enum network_state before)
{
	switch (now) {
	case STATE_OPEN:
	case STATE_FILTERED:
	case STATE_INTERCEPTED:
		return before != now;
	default:
		return true;
	}
}
