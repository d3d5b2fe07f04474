/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/line/line.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/day.h"
#include "tests/support/rows.h"

#define BEGIN 20000
#define NOW   ((BEGIN + MODEL_WINDOW) * DAY_MS - 1)
#define NEAR  1e-5

/*
 * Days of one line as text, a word a day: an endpoint is a letter, small where
 * it answers and great where it fails; "-" is a day without rows; "h" after a
 * "!" is a stop in the host. "@20" is the hour of what follows. "3*" repeats a
 * day. The line's agent was heard of long ago.
 */
static const struct row {
	const char *name, *days;
	double p;
	bool votes, unsteady;
	int since; /* day, -1: none */
	struct vote_hours hours;
} rows[] = {
    {"one failure at one endpoint is likely, but has no vote", "A", .93333,
	false, false, -1},
    {"three endpoints that fail once", "ABC", .99993, true, false, -1},
    {"fifty failures of one endpoint have no vote", "50A", .99782, false, false,
	-1},
    {"a change is dated by its first day", "5*ab 2*AB", .99992, true, false, 5},
    {"the first day of a change is dated, too", "5*ab AB", .93593, true, false,
	5},
    {"one failure after many successes is nothing", "5*abc abC", .00018, true,
	false, -1},
    {"an endpoint that fails alone is at odds with the line", "3*Abc", .00001,
	true, false, -1},
    {"what answers and fails every day is unsteady", "4*aAbB", .02301, true,
	true, -1},
    {"one endpoint that answers and fails is its own matter", "6*aAbc", 0, true,
	false, -1},
    {"who fails at two endpoints each evening is unsteady",
	"5*abc @20A@6b abc abc @22B@6a 2*abc @19A@7c 4*abc", 0, true, true, -1,
	{19, 4}},
    {"who fails at one endpoint each evening is not",
	"5*abc @20A@6b abc abc @22A@6a 2*abc @19A@7c 4*abc", 0, true, false,
	-1},
    {"nor who fails at any hour",
	"2*abc 2*@10abc @20A@6b abc @15abc @8B@6a 2*abc @13A@7c 4*@17abc", 0,
	true, false, -1},
    {"nor who fails on one evening", "5*abc @20ABC@6abc 9*abc", 0, true, false,
	-1},
    {"a span may end on the next day",
	"5*@12abc @23A@12b 2*@12abc @1B@12a 2*@12abc @0A@13c 4*@12abc", 0, true,
	true, -1, {23, 3}},
    {"what is not looked at is forgotten slowly", "3*AB 10*-", .88027, true,
	false, -1},
    {"who has seen nothing for two weeks has no vote", "3*AB 14*-", .84083,
	false, false, -1},
    {"the host's own stops silence a blocked line", "AB!h!h!h!h", .99782, false,
	false, -1},
    {"they do not silence an open one", "2*ab!h!h!h!h!h", .00001, true, false,
	-1},
    {"a lift is dated as well", "3*AB 2*ab", .00002, true, false, 3},
    {"a change that comes endpoint by endpoint begins with the first",
	"ab aB 3*AB", .99999, true, false, 1},
};

struct scene {
	struct evidence evidence;
	struct health health;
	struct odds odds;
	const struct health_series *series[8];
	struct line line;
	int hour; /* of the rows to come */
};

static void add_row(struct scene *scene, int day, const char *endpoint,
    enum outcome outcome, int count)
{
	bool failed = outcome != OUTCOME_REACHABLE;
	int64_t at_ms = (BEGIN + day) * DAY_MS + scene->hour * HOUR_MS +
			(failed ? 1000 : 0);
	struct rollup_row row = {
	    .day = BEGIN + day,
	    .asn = 64500,
	    .family = 4,
	    .port = 25,
	    .prefix = "192.0.2.0/24",
	    .agent = "a",
	    .outcome = outcome,
	    .mechanism = failed ? MECHANISM_DROP : MECHANISM_OPEN,
	    .where = outcome == OUTCOME_LOCAL ? WHERE_HOST
		     : failed                 ? WHERE_PATH
					      : WHERE_NONE,
	    .count = count,
	    .first_ms = at_ms,
	    .last_ms = at_ms,
	};

	snprintf(row.endpoint, sizeof(row.endpoint), "%s", endpoint);
	if (scene->evidence.asn == 0)
		evidence_begin(&scene->evidence, &row, NOW);
	assert_int_equal(evidence_add(&scene->evidence, &row), 0);
}

static void add_day(struct scene *scene, int day, const char *text)
{
	char *end, endpoint[2] = "";
	int count = (int)strtol(text, &end, 10);

	scene->hour = 0;
	for (text = end; *text != '\0'; text++) {
		if (*text == '-')
			continue;
		if (*text == '@') {
			scene->hour = (int)strtol(text + 1, &end, 10);
			text = end - 1;
			continue;
		}
		if (*text == '!') {
			add_row(scene, day, "a", OUTCOME_LOCAL, 1);
			text++;
			continue;
		}
		endpoint[0] = (char)(*text | 0x20);
		add_row(scene, day, endpoint,
		    *text < 'a' ? OUTCOME_FILTERED : OUTCOME_REACHABLE,
		    count > 0 ? count : 1);
	}
}

/* Returns the number of days. */
static int add_days(struct scene *scene, const char *text)
{
	char word[32];
	int used, times, day = 0;

	while (sscanf(text, " %31s%n", word, &used) == 1) {
		const char *star = strchr(word, '*');

		text += used;
		for (times = star != NULL ? atoi(word) : 1; times > 0; times--)
			add_day(scene, day++, star != NULL ? star + 1 : word);
	}
	return day;
}

/* Take the steps of all days; the line is the only one. */
static void step(struct scene *scene, int days)
{
	const struct line_world world = {
	    &scene->evidence, &scene->odds, &scene->health, scene->series};
	const struct evidence *evidence = &scene->evidence;
	size_t next = 0;
	int day;

	for (day = 0; day < days; day++) {
		const struct evidence_day *seen = NULL;

		if (next < evidence->ndays &&
		    evidence->days[next].day == BEGIN + day)
			seen = &evidence->days[next++];
		if (seen != NULL)
			odds_learn(&scene->odds, evidence, seen);
		odds_decide(&scene->odds);
		line_step(&scene->line, &world, BEGIN + day, seen);
	}
}

static int begin(struct scene *scene, const char *text)
{
	int days;

	memset(scene, 0, sizeof(*scene));
	days = add_days(scene, text);
	assert_int_equal(evidence_end(&scene->evidence), 0);
	health_init(&scene->health, BEGIN + MODEL_WINDOW - 1);
	assert_int_equal(
	    odds_init(&scene->odds, scene->evidence.endpoints.count), 0);
	line_init(&scene->line, 0, BEGIN - 400);
	scene->line.history = BEGIN - 400;
	return days;
}

static void end(struct scene *scene)
{
	odds_free(&scene->odds);
	health_free(&scene->health);
	evidence_free(&scene->evidence);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct scene scene;
	struct vote vote;
	int days = begin(&scene, row->days);
	bool votes;

	step(&scene, days);
	votes = line_vote(&scene.line, BEGIN + days - 1, &vote);
	if (fabs(scene.line.p - row->p) > NEAR)
		fail_msg("p is %.5f", scene.line.p);
	assert_int_equal(votes, row->votes);
	if (votes) {
		assert_int_equal(vote.is_unsteady, row->unsteady);
		assert_int_equal(vote.hours.first, row->hours.first);
		assert_int_equal(vote.hours.length, row->hours.length);
		assert_int_equal(vote.has_since, row->since >= 0);
	}
	if (votes && row->since >= 0)
		assert_int_equal(vote.since_ms / DAY_MS, BEGIN + row->since);
	end(&scene);
}

/* Endpoints that fail everybody say little of this line. */
static void sick_endpoints(void **state)
{
	struct health_series series = {.votes = {1000}};
	struct scene scene;
	int days = begin(&scene, "AB");

	series.failed[0] = (INT64_C(1) << 44) * 900 + (INT64_C(1) << 44) * 18;
	scene.series[0] = scene.series[1] = &series;
	assert_true(fabs(health_eps(&scene.health, &series, BEGIN) - .9) < .01);
	step(&scene, days);
	assert_true(fabs(scene.line.p - .33694) < .005);
	assert_int_equal(scene.line.log[0].bad, 0);
	end(&scene);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "two endpoints that fail everybody say little",
	    sick_endpoints);
	return test_run("line", &list);
}
