/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/survey.h"

#include <stdio.h>
#include <string.h>

#include "collector/verdict/judge.h"
#include "collector/verdict/network_walk.h"
#include "tests/support/rows.h"

#define NOW INT64_C(1795521600000) /* 2026-11-24T12:00:00Z */
#define DAY (INT64_C(24) * 3600 * 1000)

/* What six agents of a network saw, each in a prefix of its own, at two
 * endpoints: O open, F filtered, - nothing. */
static const struct row {
	const char *name, *yesterday, *today;
	enum plan_class class;
} rows[] = {
    {"open for days: settled", "OOOOOO", "OOOOOO", PLAN_THIN},
    {"filtered for days: settled", "FFFFFF", "FFFFFF", PLAN_THIN},
    {"filtered since today: to be confirmed", "OOOOOO", "FFFFFF",
	PLAN_UNSETTLED},
    {"open again since today: to be confirmed", "FFFFFF", "OOOOOO",
	PLAN_UNSETTLED},
    {"first seen today: to be confirmed", "------", "OOOOOO", PLAN_UNSETTLED},
    {"not seen today, but settled yesterday", "OOOOOO", "------", PLAN_THIN},
    {"one filtered agent alone settles nothing", "-F----", "-F----",
	PLAN_UNSETTLED},
    {"agents that contradict each other", "OFOFOF", "OFOFOF", PLAN_UNSETTLED},
};

static void see(
    struct network_walk *walk, uint32_t asn, int agent, char saw, int64_t at_ms)
{
	struct rollup_row row = {
	    .day = (int32_t)(at_ms / DAY),
	    .asn = asn,
	    .family = 4,
	    .port = 25,
	    .outcome = saw == 'F' ? OUTCOME_FILTERED : OUTCOME_REACHABLE,
	    .mechanism = saw == 'F' ? MECHANISM_DROP : MECHANISM_OPEN,
	    .where = saw == 'F' ? WHERE_PATH : WHERE_NONE,
	    .count = 1,
	    .first_ms = at_ms,
	    .last_ms = at_ms,
	};
	int endpoint;

	if (saw == '-')
		return;
	snprintf(row.prefix, sizeof(row.prefix), "192.0.%d.0/24", agent);
	snprintf(row.agent, sizeof(row.agent), "%016x",
	    (unsigned)(asn * 16 + (uint32_t)agent));
	for (endpoint = 0; endpoint < 2; endpoint++) {
		snprintf(row.endpoint, sizeof(row.endpoint), "mx%d", endpoint);
		assert_int_equal(network_walk_add(walk, &row), 0);
	}
}

static void see_network(
    struct network_walk *walk, uint32_t asn, const struct row *row)
{
	int i;

	/* What is too old, or not yet, does not matter. */
	see(walk, asn, 0, 'F', NOW - 30 * DAY);
	see(walk, asn, 0, 'F', NOW + 1);
	for (i = 0; i < 6; i++)
		see(walk, asn, i, row->yesterday[i], NOW - 2 * DAY);
	for (i = 0; i < 6; i++)
		see(walk, asn, i, row->today[i], NOW - DAY / 24);
}

static void add_agents(struct fleet *fleet, uint32_t asn)
{
	struct fleet_agent agent = {.has_reported = true};
	uint32_t i;

	for (i = 0; i < 6; i++) {
		agent.key = asn * 16 + i;
		assert_int_equal(fleet_add(fleet, &agent, NOW, NOW), 0);
	}
}

/* What a walk does: each network is judged, and marked. */
struct surveyed {
	struct survey survey;
	struct judge judge;
};

static int judge_and_mark(void *arg, const struct evidence *evidence)
{
	struct surveyed *surveyed = arg;
	struct network_verdict verdict;
	enum network_state before;
	uint32_t i;

	assert_int_equal(
	    judge_decide(&surveyed->judge, evidence, &verdict, &before), 0);
	for (i = 0; i < evidence->agents.count; i++)
		assert_int_equal(survey_agent(&surveyed->survey,
				     names_text(&evidence->agents, i)),
		    0);
	survey_network(&surveyed->survey, verdict.state, before);
	network_verdict_end(&verdict);
	return 0;
}

/* The network lies between one that is settled and one that is not. */
static void run_row(void **state)
{
	static const struct row settled = {"", "OOOOOO", "OOOOOO", PLAN_THIN};
	const struct row *row = *state, *unsettled = &rows[2];
	struct fleet fleet = {0};
	struct surveyed surveyed = {.survey = {&fleet, NOW}};
	struct network_walk walk;
	size_t i;

	for (i = 0; i < 3; i++)
		add_agents(&fleet, 64500 + (uint32_t)i);
	fleet_sort(&fleet);
	judge_init(&surveyed.judge, NOW);
	network_walk_init(&walk, NOW, judge_and_mark, &surveyed);
	see_network(&walk, 64500, &settled);
	see_network(&walk, 64501, row);
	see_network(&walk, 64502, unsettled);
	assert_int_equal(network_walk_end(&walk), 0);
	network_walk_free(&walk);
	survey_free(&surveyed.survey);
	judge_free(&surveyed.judge);
	for (i = 0; i < 6; i++) {
		assert_int_equal(fleet.agents[i].class, PLAN_THIN);
		if (row->yesterday[i] != '-' || row->today[i] != '-')
			assert_int_equal(fleet.agents[6 + i].class, row->class);
		else
			assert_int_equal(
			    fleet.agents[6 + i].class, PLAN_SETTLED);
		assert_int_equal(fleet.agents[12 + i].class, PLAN_UNSETTLED);
	}
	fleet_free(&fleet);
}

static void broken_off(void **state)
{
	struct fleet fleet = {0};
	struct surveyed surveyed = {.survey = {&fleet, NOW}};
	struct network_walk walk;

	(void)state;
	add_agents(&fleet, 64500);
	fleet_sort(&fleet);
	judge_init(&surveyed.judge, NOW);
	network_walk_init(&walk, NOW, judge_and_mark, &surveyed);
	see_network(&walk, 64500, &rows[2]);
	network_walk_free(&walk);
	survey_free(&surveyed.survey);
	judge_free(&surveyed.judge);
	assert_int_equal(fleet.agents[0].class, PLAN_SETTLED);
	fleet_free(&fleet);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "a survey that broke off marks nothing", broken_off);
	return test_run("survey", &list);
}
