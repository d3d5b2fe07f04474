/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fleet_plan [AGENTS]: fleets that live by the collector's plan. Prints TAP and
 * figures; runs some seconds.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fleet/simulate.h"

#define HOUR_MOST    1.1
#define OWNERS_LEAST 4
#define MORE_LEAST   2.0 /* visits that an unsettled network gets */
#define USED_LEAST   0.5 /* of the rates */

static int tests, failures;

static void said(bool good, const char *sentence)
{
	tests++;
	failures += !good;
	printf("%sok %d - %s\n", good ? "" : "not ", tests, sentence);
	fflush(stdout);
}

/* A minute's share may be missed by four of its roots: clocks are wrong by as
 * much, and a change is confirmed at once. */
static double minute_most(double rate)
{
	return rate * 60 + 4 * sqrt(rate * 60);
}

/* --- the rates --- */

static double mean_used(const struct simulation *simulation)
{
	double used = 0;
	size_t i;

	for (i = 0; i < SIM_ENDPOINTS; i++)
		used += (double)simulation_visits(simulation, i) /
			(simulation->endpoints.items[i].rate * 60 *
			    (double)simulation->minutes);
	return used / SIM_ENDPOINTS;
}

static void check_rates(const struct simulation *simulation, const char *where)
{
	double hour, minute, worst_hour = 0, worst_minute = 0;
	const struct endpoint *endpoint;
	char sentence[160];
	size_t i;

	for (i = 0; i < SIM_ENDPOINTS; i++) {
		endpoint = &simulation->endpoints.items[i];
		hour = (double)simulation_most(simulation, i, 60) /
		       (endpoint->rate * 3600);
		minute = (double)simulation_most(simulation, i, 1) /
			 minute_most(endpoint->rate);
		worst_hour = fmax(worst_hour, hour);
		worst_minute = fmax(worst_minute, minute);
	}
	printf("# %s: worst hour %.3f x the rate, worst minute %.3f x what it "
	       "may be, mean %.3f x the rate\n",
	    where, worst_hour, worst_minute, mean_used(simulation));
	printf("# %s: %lld plans, %lld visits to confirm, %lld first visits, "
	       "%lld passed over as too soon\n",
	    where, (long long)simulation->plans,
	    (long long)simulation->confirmed, (long long)simulation->firsts,
	    (long long)simulation->too_soon);
	snprintf(sentence, sizeof(sentence),
	    "%s: no endpoint sees over 1.1 x its rate in any hour", where);
	said(worst_hour <= HOUR_MOST && worst_hour > 0, sentence);
	snprintf(sentence, sizeof(sentence),
	    "%s: nor in any minute over its rate and four roots of it", where);
	said(worst_minute <= 1, sentence);
}

/* --- the networks --- */

static void check_owners(const struct simulation *simulation)
{
	size_t i, networks = 0, alone = 0;
	int least = SIM_OWNERS, seen;

	for (i = 0; i < simulation->scenario.networks; i++) {
		if (simulation->networks[i].stayed == 0)
			continue;
		networks++;
		alone += simulation->networks[i].stayed == 1;
		seen = __builtin_popcount(simulation->networks[i].owners_seen);
		least = seen < least ? seen : least;
	}
	printf("# %zu networks, %zu of them with one agent that stayed: at "
	       "least %d of %d owners visited from each\n",
	    networks, alone, least, SIM_OWNERS);
	said(least >= OWNERS_LEAST && networks > 0 && alone > 0,
	    "each network visits endpoints of four owners or more");
}

/* Among networks of about the same size. */
static void check_need(const struct simulation *simulation)
{
	double visits[2] = {0}, agents[2] = {0}, more;
	const struct sim_network *network;
	size_t i;

	for (i = 0; i < simulation->scenario.networks; i++) {
		network = &simulation->networks[i];
		if (network->count > 40 || network->stayed == 0)
			continue;
		visits[network->is_unsettled] += (double)network->visits;
		agents[network->is_unsettled] += (double)network->count;
	}
	more = visits[1] / agents[1] / (visits[0] / agents[0]);
	printf("# an agent of a small unsettled network made %.1f visits, of "
	       "a settled one %.1f: %.1f x\n",
	    visits[1] / agents[1], visits[0] / agents[0], more);
	said(
	    more >= MORE_LEAST, "unsettled networks get twice as much or more");
}

/* Of agents that were there all the time. */
static void check_habits(const struct simulation *simulation)
{
	double each[HABIT_COUNT];
	size_t i;

	for (i = 0; i < HABIT_COUNT; i++)
		each[i] = (double)simulation->habit_visits[i] /
			  (double)simulation->habit_stayed[i];
	printf("# visits of one that asks as it should %.2f, that keeps old "
	       "plans %.2f, that asks every ten minutes %.2f\n",
	    each[HABIT_COMMON], each[HABIT_OLD], each[HABIT_EAGER]);
	said(each[HABIT_EAGER] < each[HABIT_COMMON] * 1.15,
	    "an agent gets no more by asking more often");
}

/* The largest network is behind one address: its agents do not come together,
 * but as the others do. Six roots of what a minute has of them on average. */
static void check_nat(const struct simulation *simulation)
{
	double mean, worst = 0;
	int64_t sum, most;
	size_t i, minute;

	for (i = 0; i < SIM_ENDPOINTS; i++) {
		sum = most = 0;
		for (minute = 0; minute < simulation->minutes; minute++) {
			int64_t count = simulation->behind_nat[i][minute];

			sum += count;
			most = count > most ? count : most;
		}
		mean = (double)sum / (double)simulation->minutes;
		worst = fmax(worst, (double)most / (mean + 6 * sqrt(mean) + 3));
	}
	printf("# %zu agents behind one address: the worst minute %.3f x what "
	       "it may be\n",
	    simulation->networks[0].count, worst);
	said(worst > 0 && worst <= 1,
	    "agents behind one address do not come together");
}

/* --- the fleets --- */

static void large_fleet(size_t agents)
{
	struct scenario scenario = {
	    .agents = agents,
	    .at_first = agents * 3 / 5,
	    .networks = agents / 25,
	    .hours = 48,
	    .join_from_min = 60,
	    .join_for_min = 40 * 60,
	    .leave_percent = 20,
	};
	struct simulation simulation;

	simulate(&simulation, &scenario);
	check_rates(&simulation, "a large fleet");
	said(mean_used(&simulation) >= USED_LEAST,
	    "the rates are used, by half or more");
	check_owners(&simulation);
	check_need(&simulation);
	check_nat(&simulation);
	check_habits(&simulation);
	simulation_free(&simulation);
}

/* All others join within ten minutes. */
static void grow(size_t agents, size_t at_first, const char *name)
{
	struct scenario scenario = {
	    .agents = agents,
	    .at_first = at_first,
	    .networks = agents / 25,
	    .hours = 14,
	    .join_from_min = 125,
	    .join_for_min = 10,
	};
	struct simulation simulation;

	simulate(&simulation, &scenario);
	check_rates(&simulation, name);
	simulation_free(&simulation);
}

/* Where the interval limits and not the rate, it is what an agent gets. */
static void small_fleet(void)
{
	struct scenario scenario = {
	    .agents = 50, .at_first = 50, .networks = 5, .hours = 24};
	struct simulation simulation;
	double visits = 0, most = 0;
	size_t i;

	simulate(&simulation, &scenario);
	check_rates(&simulation, "a small fleet");
	for (i = 0; i < SIM_ENDPOINTS; i++) {
		visits += (double)simulation_visits(&simulation, i);
		most += 50.0 * 24 * 3600 / (double)simulation.parts.count /
			(double)simulation.endpoints.items[i].interval_s;
	}
	printf("# a small fleet: %.3f of the visits that its intervals allow\n",
	    visits / most);
	said(visits >= most * 0.9, "a small fleet visits at the interval");
	simulation_free(&simulation);
}

int main(int argc, char **argv)
{
	long agents = argc > 1 ? atol(argv[1]) : 100000;

	if (agents < 10000)
		agents = 10000;
	printf("# %ld agents, %d endpoints of %d owners\n", agents,
	    SIM_ENDPOINTS, SIM_OWNERS);
	large_fleet((size_t)agents);
	grow((size_t)agents, (size_t)agents / 2,
	    "a fleet that doubles in ten minutes");
	grow((size_t)agents, 300, "300 agents that become many in ten minutes");
	small_fleet();
	printf("1..%d\n", tests);
	return failures > 0;
}
