/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/evidence/health.h"
#include "collector/verdict/evidence/odds.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/day.h"
#include "tests/support/rows.h"

#define DAY  20000
#define NOW  ((DAY + 1) * DAY_MS - 1)
#define NEAR 1e-12

/*
 * Lines of one day as text, a word a line, "|" between networks, ";" between
 * days: an endpoint is a letter, small where it answers and great where it
 * fails.
 */
static const struct health_row {
	const char *name, *lines;
	double eps; /* of endpoint a */
} health_rows[] = {
    {"where nobody looked it is that of a healthy one", "bc", .03},
    {"endpoints that answer are healthy", "ab ab | ab", .03},
    {"one network has one vote", "Ab Ab Ab Ab", (1 + .6) / 21},
    {"two networks have two", "Ab | Ab", (2 + .6) / 22},
    {"lines of one network are averaged", "Ab ab | Ab", (1.5 + .6) / 22},
    {"a line that reaches no other endpoint has no part", "A AB | Ab",
	(1 + .6) / 21},
    {"a line that reaches this one alone has none either", "aA | Ab",
	(1 + .6) / 21},
    {"what fails and answers fails by half", "aAb", (.5 + .6) / 21},
};

static void add_cell(struct evidence *evidence, int line, int day, char letter)
{
	bool failed = letter < 'a';
	struct rollup_row row = {
	    .day = day,
	    .asn = 64500,
	    .family = 4,
	    .port = 25,
	    .outcome = failed ? OUTCOME_FILTERED : OUTCOME_REACHABLE,
	    .mechanism = failed ? MECHANISM_DROP : MECHANISM_OPEN,
	    .where = failed ? WHERE_PATH : WHERE_NONE,
	    .count = 1,
	    .first_ms = day * DAY_MS,
	    .last_ms = day * DAY_MS,
	};

	snprintf(row.agent, sizeof(row.agent), "agent%d", line);
	snprintf(row.endpoint, sizeof(row.endpoint), "%c", letter | 0x20);
	if (evidence->asn == 0)
		evidence_begin(evidence, &row, NOW);
	assert_int_equal(evidence_add(evidence, &row), 0);
}

/* Read one network; returns what follows it. */
static const char *read_network(
    struct evidence *evidence, const char *text, int day)
{
	int line = 0;

	evidence->asn = 0;
	for (; *text != '\0' && *text != '|'; text++) {
		if (*text == ' ')
			line++;
		else if (*text == ';')
			day++, line = -1;
		else
			add_cell(evidence, line, day, *text);
	}
	assert_int_equal(evidence_end(evidence), 0);
	return *text == '|' ? text + 1 : text;
}

static void run_health(void **state)
{
	const struct health_row *row = *state;
	struct evidence evidence = {0};
	const char *text = row->lines;
	struct health health;
	uint32_t endpoint;
	double eps;

	health_init(&health, DAY);
	while (*text != '\0') {
		text = read_network(&evidence, text, DAY);
		assert_int_equal(health_learn(&health, &evidence), 0);
	}
	eps = MODEL_EPS;
	for (endpoint = 0; endpoint < evidence.endpoints.count; endpoint++)
		if (names_text(&evidence.endpoints, endpoint)[0] == 'a')
			eps = health_eps(&health,
			    health_find(&health, &evidence, endpoint), DAY);
	if (fabs(eps - row->eps) > NEAR)
		fail_msg("eps is %.6f", eps);
	health_free(&health);
	evidence_free(&evidence);
}

static const struct odds_row {
	const char *name, *days;
	const char *at_odds; /* after the last day */
} odds_rows[] = {
    {"an endpoint that fails two lines alone is at odds", "Abc Abd", "a"},
    {"one line-day is too little", "Abc", ""},
    {"it may take days", "Abc; Abc", "a"},
    {"a line that reaches nothing accuses no endpoint", "AB AB", ""},
    {"one success in five is left to chance", "Abc Abc Abc Abc abc", "a"},
    {"two in five are not", "Abc Abc Abc abc abc", ""},
    {"where most endpoints fail, the network differs", "ABc ABc", ""},
    {"where half of them do, the endpoints", "ABcd ABcd", "ab"},
};

static void learn_day(
    struct odds *odds, const struct evidence *evidence, int32_t day)
{
	size_t i;

	for (i = 0; i < evidence->ndays; i++)
		if (evidence->days[i].day == day)
			odds_learn(odds, evidence, &evidence->days[i]);
	odds_decide(odds);
}

static void run_odds(void **state)
{
	const struct odds_row *row = *state;
	struct evidence evidence = {0};
	char at_odds[8] = "";
	struct odds odds;
	uint32_t i;

	read_network(&evidence, row->days, DAY - 1);
	assert_int_equal(odds_init(&odds, evidence.endpoints.count), 0);
	learn_day(&odds, &evidence, DAY - 1);
	learn_day(&odds, &evidence, DAY);
	for (i = 0; i < odds.count; i++)
		if (odds.endpoints[i].is_at_odds)
			strncat(at_odds, names_text(&evidence.endpoints, i), 1);
	assert_string_equal(at_odds, row->at_odds);
	odds_free(&odds);
	evidence_free(&evidence);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, health_rows, run_health);
	TEST_ROWS(&list, odds_rows, run_odds);
	return test_run("endpoint_health", &list);
}
