/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fleet/simulate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define START_MS  INT64_C(1795521600000) /* 2026-11-24T12:00:00Z */

#define COUNTED_EVERY_MS (30 * MINUTE_MS) /* much less often than in truth */
#define SKEW_MS          MINUTE_MS
#define CONFIRM_PERCENT  5 /* of the agents see a change by themselves */
#define MOVED_NETWORK    3 /* all of its agents see one, at the same time */

struct sim_visits {
	struct plan_visits plan;
	size_t endpoint;
	int64_t last_ms;
};

struct sim_agent {
	uint64_t key;
	size_t network;
	enum habit habit;
	int64_t enrolled_ms, number, leaves_ms, skew_ms, ask_ms, until_ms;
	int64_t last_seen_ms, change_ms;
	size_t part;
	struct sim_visits visits[PLAN_ENDPOINTS_MAX];
	size_t nvisits;
};

/* splitmix64 */
static uint64_t next_random(struct simulation *simulation)
{
	uint64_t value = simulation->random += UINT64_C(0x9e3779b97f4a7c15);

	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

static int64_t below(struct simulation *simulation, int64_t limit)
{
	return (int64_t)(next_random(simulation) % (uint64_t)limit);
}

static void *must(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

/* --- the world --- */

static void make_endpoints(struct simulation *simulation)
{
	static const double rates[] = {0.5, 1, 1, 2, 1, 4};
	static const int64_t intervals_s[] = {600, 1800, 3600};
	struct endpoint *endpoint;
	char name[64];
	size_t i;

	for (i = 0; i < SIM_ENDPOINTS; i++) {
		snprintf(name, sizeof(name), "mx%zu", i);
		endpoint = must(endpoints_add(&simulation->endpoints, name));
		snprintf(endpoint->host, sizeof(endpoint->host),
		    "mx%zu.owner%zu.co.uk", i, i % SIM_OWNERS);
		endpoint->rate = rates[i % 6];
		endpoint->interval_s = intervals_s[i % 3];
	}
	if (plan_deal(&simulation->endpoints, &simulation->parts) < 0)
		abort();
}

/* Many networks of a few agents, and few of many. */
static void make_networks(struct simulation *simulation)
{
	const struct scenario *scenario = &simulation->scenario;
	size_t i, left = scenario->agents, first = 0, count;
	struct sim_network *network;

	for (i = 0; i < scenario->networks; i++) {
		network = &simulation->networks[i];
		count = 1 + scenario->agents / 8 / (i + 1);
		if (count > left || i + 1 == scenario->networks)
			count = left;
		network->first = first;
		network->count = count;
		network->is_unsettled = i % 6 == 0;
		first += count;
		left -= count;
	}
}

static void make_agent(struct simulation *simulation, struct sim_agent *agent)
{
	const struct scenario *scenario = &simulation->scenario;
	int64_t whole_ms = simulation->end_ms - simulation->start_ms;
	int habit = (int)below(simulation, 100);

	agent->key = next_random(simulation);
	agent->habit = habit < 20   ? HABIT_OLD
		       : habit < 25 ? HABIT_EAGER
				    : HABIT_COMMON;
	agent->skew_ms = below(simulation, 2 * SKEW_MS) - SKEW_MS;
	agent->enrolled_ms = simulation->start_ms - 30 * 24 * HOUR_MS;
	agent->last_seen_ms = simulation->start_ms - HOUR_MS;
	agent->ask_ms = simulation->start_ms + below(simulation, HOUR_MS);
	if ((size_t)below(simulation, (int64_t)scenario->agents) >=
	    scenario->at_first) {
		agent->enrolled_ms = simulation->start_ms +
				     scenario->join_from_min * MINUTE_MS +
				     below(simulation,
					 scenario->join_for_min * MINUTE_MS);
		agent->last_seen_ms = 0;
		agent->ask_ms = agent->enrolled_ms + SECOND_MS;
	}
	agent->leaves_ms = INT64_MAX;
	if (below(simulation, 100) < scenario->leave_percent)
		agent->leaves_ms = simulation->start_ms +
				   below(simulation, whole_ms);
	agent->change_ms = INT64_MAX;
	if (below(simulation, 100) < CONFIRM_PERCENT)
		agent->change_ms = simulation->start_ms +
				   below(simulation, whole_ms);
	if (agent->network == MOVED_NETWORK)
		agent->change_ms = simulation->start_ms + whole_ms / 2;
}

static void make_agents(struct simulation *simulation)
{
	struct sim_network *network;
	struct sim_agent *agent;
	size_t i, j;

	for (i = 0; i < simulation->scenario.networks; i++) {
		network = &simulation->networks[i];
		for (j = 0; j < network->count; j++) {
			agent = &simulation->agents[network->first + j];
			agent->network = i;
			make_agent(simulation, agent);
			if (agent->leaves_ms != INT64_MAX ||
			    agent->last_seen_ms == 0)
				continue;
			network->stayed++;
			simulation->habit_stayed[agent->habit]++;
		}
	}
}

static int compare_enrolled(const void *a, const void *b)
{
	const struct sim_agent *const *left = a, *const *right = b;

	return ((*left)->enrolled_ms > (*right)->enrolled_ms) -
	       ((*left)->enrolled_ms < (*right)->enrolled_ms);
}

static void number_agents(struct simulation *simulation)
{
	size_t i, count = simulation->scenario.agents;
	struct sim_agent **agents = must(calloc(count, sizeof(*agents)));

	for (i = 0; i < count; i++)
		agents[i] = &simulation->agents[i];
	qsort(agents, count, sizeof(*agents), compare_enrolled);
	for (i = 0; i < count; i++)
		agents[i]->number = (int64_t)i + 1;
	free(agents);
}

/* --- the collector --- */

static void count_fleet(
    struct simulation *simulation, struct fleet *fleet, int64_t now_ms)
{
	const struct sim_agent *agent;
	size_t i;

	fleet->count = 0;
	for (i = 0; i < simulation->scenario.agents; i++) {
		struct fleet_agent counted = {0};

		agent = &simulation->agents[i];
		counted.key = agent->key;
		counted.enrolled_ms = agent->enrolled_ms;
		counted.number = agent->number;
		counted.has_reported = agent->last_seen_ms != 0;
		if (agent->enrolled_ms <= now_ms &&
		    fleet_add(fleet, &counted, agent->last_seen_ms, now_ms) < 0)
			abort();
	}
	fleet_sort(fleet);
}

static void mark_networks(
    struct simulation *simulation, struct fleet *fleet, int64_t now_ms)
{
	uint64_t *keys = must(
	    calloc(simulation->scenario.agents, sizeof(*keys)));
	const struct sim_agent *agents;
	size_t i, j;

	for (i = 0; i < simulation->scenario.networks; i++) {
		struct fleet_network network = {
		    .keys = keys,
		    .is_unsettled = simulation->networks[i].is_unsettled,
		};

		agents = &simulation->agents[simulation->networks[i].first];
		for (j = 0; j < simulation->networks[i].count; j++)
			if (agents[j].last_seen_ms != 0)
				keys[network.count++] = agents[j].key;
		fleet_mark(fleet, &network, now_ms);
	}
	free(keys);
	fleet_rank(fleet, now_ms);
}

/* --- an agent --- */

static void count_visit(struct simulation *simulation, struct sim_agent *agent,
    size_t endpoint, int64_t at_ms)
{
	struct sim_network *network = &simulation->networks[agent->network];
	int64_t minute;

	at_ms += agent->skew_ms;
	minute = (at_ms - simulation->start_ms) / MINUTE_MS;
	if (at_ms < simulation->start_ms ||
	    minute >= (int64_t)simulation->minutes)
		return;
	simulation->by_minute[endpoint][minute]++;
	simulation->behind_nat[endpoint][minute] += agent->network == 0;
	network->owners_seen |= UINT32_C(1) << (endpoint % SIM_OWNERS);
	network->visits++;
	if (agent->last_seen_ms == 0)
		simulation->firsts++;
	agent->last_seen_ms = at_ms;
	if (agent->leaves_ms == INT64_MAX &&
	    agent->enrolled_ms < simulation->start_ms)
		simulation->habit_visits[agent->habit]++;
}

static void take_plan(struct simulation *simulation, struct sim_agent *agent,
    const struct fleet *fleet)
{
	struct fleet_agent asked = {
	    .key = agent->key,
	    .enrolled_ms = agent->enrolled_ms,
	    .number = agent->number,
	    .has_reported = agent->last_seen_ms != 0,
	};
	struct plan_fleet counts;
	struct plan_agent planned = fleet_find(fleet, &asked, &counts);
	struct plan_span span;
	struct sim_visits *visits;
	bool is_same_span, is_same_part;
	size_t i, part;

	simulation->plans++;
	span = plan_span(&counts, &planned, agent->ask_ms);
	part = plan_part(&simulation->parts, &planned, agent->ask_ms);
	is_same_span = span.until_ms == agent->until_ms;
	is_same_part = part == agent->part;
	agent->nvisits = 0;
	for (i = 0; i < SIM_ENDPOINTS; i++) {
		if (simulation->parts.of[i] != part)
			continue;
		visits = &agent->visits[agent->nvisits++];
		if (!is_same_part)
			memset(visits, 0, sizeof(*visits));
		visits->endpoint = i;
		visits->plan = plan_visits(&counts, &planned,
		    &simulation->endpoints.items[i], simulation->parts.count,
		    &span);
		/* What was used up in this span stays so. */
		if (is_same_span && agent->change_ms < agent->ask_ms)
			visits->plan.extra = 0;
	}
	agent->part = part;
	agent->until_ms = span.until_ms;
}

static int64_t next_ask(
    struct simulation *simulation, const struct sim_agent *agent)
{
	switch (agent->habit) {
	case HABIT_EAGER:
		return agent->ask_ms + 10 * MINUTE_MS;
	case HABIT_OLD:
		return agent->ask_ms + 36 * HOUR_MS;
	default:
		return agent->until_ms - below(simulation, 10 * MINUTE_MS);
	}
}

/* All that it may have more, within ten minutes. */
static void confirm(struct simulation *simulation, struct sim_agent *agent)
{
	struct sim_visits *visits;
	size_t i;

	for (i = 0; i < agent->nvisits; i++) {
		visits = &agent->visits[i];
		for (; visits->plan.extra > 0; visits->plan.extra--) {
			simulation->confirmed++;
			count_visit(simulation, agent, visits->endpoint,
			    agent->change_ms +
				below(simulation, 10 * MINUTE_MS));
		}
	}
}

/* The visits that fall before `until_ms`. */
static void visit(
    struct simulation *simulation, struct sim_agent *agent, int64_t until_ms)
{
	const struct endpoint *endpoints = simulation->endpoints.items;
	struct sim_visits *visits;
	size_t i;

	for (i = 0; i < agent->nvisits; i++) {
		visits = &agent->visits[i];
		for (; visits->plan.next_ms < until_ms;
		     visits->plan.next_ms += visits->plan.interval_ms) {
			if (visits->plan.next_ms <
			    visits->last_ms +
				endpoints[visits->endpoint].interval_s *
				    SECOND_MS) {
				simulation->too_soon++;
				continue;
			}
			visits->last_ms = visits->plan.next_ms;
			count_visit(simulation, agent, visits->endpoint,
			    visits->plan.next_ms);
		}
	}
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void live(struct simulation *simulation, struct sim_agent *agent,
    const struct fleet *fleet, int64_t from_ms, int64_t until_ms)
{
	until_ms = least(until_ms, agent->leaves_ms);
	if (agent->enrolled_ms >= until_ms)
		return;
	while (agent->ask_ms < until_ms) {
		visit(simulation, agent, agent->ask_ms);
		take_plan(simulation, agent, fleet);
		agent->ask_ms = next_ask(simulation, agent);
	}
	visit(simulation, agent, until_ms);
	if (agent->change_ms >= from_ms && agent->change_ms < until_ms)
		confirm(simulation, agent);
}

/* --- all of it --- */

static void prepare(
    struct simulation *simulation, const struct scenario *scenario)
{
	size_t i;

	memset(simulation, 0, sizeof(*simulation));
	simulation->scenario = *scenario;
	simulation->random = 25;
	simulation->start_ms = START_MS;
	simulation->end_ms = START_MS + scenario->hours * HOUR_MS;
	simulation->minutes = (size_t)scenario->hours * 60;
	simulation->agents = must(
	    calloc(scenario->agents, sizeof(*simulation->agents)));
	simulation->networks = must(
	    calloc(scenario->networks, sizeof(*simulation->networks)));
	for (i = 0; i < SIM_ENDPOINTS; i++) {
		simulation->by_minute[i] = must(
		    calloc(simulation->minutes, sizeof(uint32_t)));
		simulation->behind_nat[i] = must(
		    calloc(simulation->minutes, sizeof(uint32_t)));
	}
	make_endpoints(simulation);
	make_networks(simulation);
	make_agents(simulation);
	number_agents(simulation);
}

void simulate(struct simulation *simulation, const struct scenario *scenario)
{
	struct fleet fleet = {0};
	int64_t now_ms;
	size_t i;

	prepare(simulation, scenario);
	for (now_ms = simulation->start_ms; now_ms < simulation->end_ms;
	     now_ms += COUNTED_EVERY_MS) {
		count_fleet(simulation, &fleet, now_ms);
		mark_networks(simulation, &fleet, now_ms);
		for (i = 0; i < scenario->agents; i++)
			live(simulation, &simulation->agents[i], &fleet, now_ms,
			    now_ms + COUNTED_EVERY_MS);
	}
	fleet_free(&fleet);
}

void simulation_free(struct simulation *simulation)
{
	size_t i;

	for (i = 0; i < SIM_ENDPOINTS; i++) {
		free(simulation->by_minute[i]);
		free(simulation->behind_nat[i]);
	}
	endpoints_free(&simulation->endpoints);
	free(simulation->networks);
	free(simulation->agents);
}

int64_t simulation_most(
    const struct simulation *simulation, size_t endpoint, size_t minutes)
{
	const uint32_t *counts = simulation->by_minute[endpoint];
	int64_t sum = 0, most = 0;
	size_t i;

	for (i = 0; i < simulation->minutes; i++) {
		sum += counts[i];
		if (i >= minutes)
			sum -= counts[i - minutes];
		if (sum > most)
			most = sum;
	}
	return most;
}

int64_t simulation_visits(const struct simulation *simulation, size_t endpoint)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < simulation->minutes; i++)
		sum += simulation->by_minute[endpoint][i];
	return sum;
}
