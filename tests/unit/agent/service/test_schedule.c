/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/schedule.h"

#include <stdio.h>
#include <string.h>

#include "agent/base/backoff.h"
#include "tests/support/rows.h"

#define DAY_S 86400
#define STEPS 10
#define OWN                           \
	{                             \
		.interval_ms = 600000 \
	}
#define PLANNED                                                            \
	{                                                                  \
		.interval_ms = 600000, .planned = true, .slot_ms = 100000, \
		.extra = 1                                                 \
	}
#define NOT_SOONER                                                         \
	{                                                                  \
		.interval_ms = 600000, .planned = true, .slot_ms = 100000, \
		.least_ms = 600000, .extra = 1                             \
	}

enum op {
	END_OF_STEPS,
	NEXT,  /* at `at_s`: the next round is between `low_s` and `high_s` */
	BEGIN, /* at `at_s`: a round of `low_s` endpoints */
	WELL,
	AWAY,
	CHANGED, /* at `at_s`: the visit ended like this */
	MOVED,   /* at `at_s`: the network changed */
	AGAIN,   /* at `at_s`: set the same terms again */
	NO_TURN, /* at `at_s`: the round was over before the visit */
	RECALL,  /* visited at `at_s`; turned away `low_s` times */
};

struct step {
	enum op op;
	int64_t at_s, low_s, high_s;
};

/* One endpoint through a day, in seconds of one clock. */
static const struct row {
	const char *name;
	struct schedule_terms terms;
	struct step steps[STEPS];
} rows[] = {
    {"an endpoint that was never visited is due now", OWN,
	{{NEXT, 50, 0, 50}, {BEGIN, 50, 1}}},
    {"two visits are an interval apart, plus up to a fifth", OWN,
	{{BEGIN, 50, 1}, {WELL, 60}, {NEXT, 60, 650, 770}}},
    {"the interval counts from the start of a long visit", OWN,
	{{BEGIN, 50, 1}, {WELL, 230}, {NEXT, 230, 650, 770}}},
    {"a day of suspend is followed by one visit, not a hundred", OWN,
	{{BEGIN, 50, 1}, {WELL, 60}, {NEXT, DAY_S, 0, DAY_S}, {BEGIN, DAY_S, 1},
	    {WELL, DAY_S}, {NEXT, DAY_S, DAY_S + 600, DAY_S + 720}}},
    {"an endpoint that turns us away is left alone twice as long", OWN,
	{{BEGIN, 0, 1}, {AWAY, 5}, {NEXT, 5, 1200, 1320}}},
    {"doubled each time", OWN,
	{{BEGIN, 0, 1}, {AWAY, 5}, {BEGIN, 1400, 1}, {AWAY, 1405},
	    {NEXT, 1405, 3800, 3920}}},
    {"up to a day", OWN, {{RECALL, 0, 15}, {NEXT, 0, DAY_S, DAY_S + 120}}},
    {"once it accepts us the interval applies again", OWN,
	{{BEGIN, 0, 1}, {AWAY, 5}, {BEGIN, 1400, 1}, {WELL, 1405},
	    {NEXT, 1405, 2000, 2120}}},
    {"a change is confirmed as soon as the interval allows", OWN,
	{{BEGIN, 0, 1}, {CHANGED, 5}, {NEXT, 5, 600, 600}}},
    {"an endpoint that turns us away gets no confirming visit", OWN,
	{{BEGIN, 0, 1}, {AWAY, 5}, {NEXT, 5, 1200, 1320}}},
    {"a restart keeps the interval to the visit before it", OWN,
	{{RECALL, -100, 0}, {NEXT, 0, 500, 620}}},
    {"after a long downtime the visit is due", OWN,
	{{RECALL, -5000, 0}, {NEXT, 0, -4400, 0}}},
    {"a restart remembers being turned away", OWN,
	{{RECALL, -100, 1}, {NEXT, 0, 1100, 1220}}},
    {"setting the same terms changes nothing", OWN,
	{{BEGIN, 0, 1}, {CHANGED, 5}, {AGAIN, 10}, {NEXT, 10, 600, 600}}},

    {"an endpoint without a turn is due in the next round", OWN,
	{{BEGIN, 0, 1}, {WELL, 5}, {BEGIN, 700, 1}, {NO_TURN, 880},
	    {NEXT, 880, 881, 881}, {BEGIN, 881, 1}, {WELL, 882},
	    {NEXT, 882, 1481, 1601}}},
    {"and its interval counts from the visit before", OWN,
	{{BEGIN, 0, 1}, {WELL, 5}, {BEGIN, 700, 1}, {NO_TURN, 880},
	    {AGAIN, 880}, {MOVED, 880}, {NEXT, 880, 880, 880}}},
    {"a planned endpoint without a turn does not wait for its next slot",
	PLANNED,
	{{BEGIN, 100, 1}, {NO_TURN, 280}, {NEXT, 280, 281, 281},
	    {BEGIN, 281, 1}, {WELL, 282}, {NEXT, 282, 700, 700}}},

    {"after a network change the visit is due at once", OWN,
	{{BEGIN, 0, 1}, {WELL, 5}, {MOVED, 300}, {NEXT, 290, 300, 300}}},
    {"but not within a minute of the last one", OWN,
	{{BEGIN, 0, 1}, {WELL, 5}, {MOVED, 10}, {NEXT, 7, 60, 60}}},
    {"each change starts the wait again", OWN,
	{{BEGIN, 0, 1}, {MOVED, 100}, {MOVED, 104}, {NEXT, 99, 104, 104}}},
    {"nor within two minutes after the next change", OWN,
	{{BEGIN, 0, 1}, {MOVED, 10}, {BEGIN, 60, 1}, {MOVED, 70},
	    {NEXT, 70, 180, 180}}},
    {"a flapping link backs off up to the interval", OWN,
	{{BEGIN, 0, 1}, {MOVED, 10}, {MOVED, 20}, {BEGIN, 60, 1}, {MOVED, 70},
	    {BEGIN, 180, 1}, {MOVED, 190}, {BEGIN, 420, 1}, {MOVED, 430},
	    {NEXT, 430, 900, 900}}},
    {"a network change does not shorten being turned away", OWN,
	{{BEGIN, 0, 1}, {AWAY, 5}, {MOVED, 100}, {NEXT, 100, 1200, 1320}}},

    {"a planned endpoint waits for its slot", PLANNED,
	{{NEXT, 0, 100, 100}, {BEGIN, 99, 0}, {BEGIN, 100, 1}}},
    {"and then for the next", PLANNED,
	{{BEGIN, 100, 1}, {WELL, 105}, {NEXT, 105, 700, 700}}},
    {"a late visit does not move the next slots", PLANNED,
	{{BEGIN, 330, 1}, {WELL, 335}, {NEXT, 335, 700, 700}}},
    {"a slot missed during a suspend is skipped", PLANNED,
	{{NEXT, 0, 100, 100}, {NEXT, DAY_S, DAY_S + 100, DAY_S + 700}}},
    {"a machine that resumes shortly after the slot still visits", PLANNED,
	{{NEXT, 0, 100, 100}, {NEXT, 200, 100, 100}, {BEGIN, 200, 1}}},
    {"a new plan's slot is used, however soon it comes", PLANNED,
	{{RECALL, -200, 0}, {NEXT, 0, 100, 100}}},
    {"unless the endpoint's minimum forbids it", NOT_SOONER,
	{{RECALL, -200, 0}, {NEXT, 0, 700, 700}, {BEGIN, 700, 1}, {WELL, 705},
	    {NEXT, 705, 1300, 1300}}},
    {"an endpoint that turns us away loses slots", PLANNED,
	{{BEGIN, 100, 1}, {AWAY, 105}, {NEXT, 105, 1300, 1300}}},
    {"a change is confirmed by an extra visit", PLANNED,
	{{BEGIN, 100, 1}, {CHANGED, 105}, {NEXT, 105, 165, 225}}},
    {"which leaves the slots as they are", PLANNED,
	{{BEGIN, 100, 1}, {CHANGED, 105}, {BEGIN, 225, 1}, {WELL, 230},
	    {NEXT, 230, 700, 700}}},
    {"without extra visits a change waits for its slot", PLANNED,
	{{BEGIN, 100, 1}, {CHANGED, 105}, {BEGIN, 225, 1}, {CHANGED, 230},
	    {NEXT, 230, 700, 700}}},
    {"no extra visit close to a slot", PLANNED,
	{{BEGIN, 100, 1}, {CHANGED, 650}, {NEXT, 650, 700, 700}}},
    {"no extra visit after the plan has expired", PLANNED,
	{{BEGIN, 4900, 1}, {CHANGED, 4950}, {NEXT, 4950, 5500, 5500}}},
    {"the same plan again grants no new extra visits", PLANNED,
	{{BEGIN, 100, 1}, {CHANGED, 105}, {BEGIN, 225, 1}, {AGAIN, 226},
	    {CHANGED, 230}, {NEXT, 230, 700, 700}}},
    {"the same plan again keeps the confirming visit", PLANNED,
	{{BEGIN, 100, 1}, {CHANGED, 105}, {AGAIN, 110, 3},
	    {NEXT, 110, 165, 225}}},
    {"a slot while the network settles is late", PLANNED,
	{{BEGIN, 100, 1}, {WELL, 105}, {MOVED, 300}, {BEGIN, 300, 1},
	    {WELL, 305}, {MOVED, 705}, {NEXT, 699, 705, 705}}},
    {"a visit discarded by a network change is repeated", PLANNED,
	{{BEGIN, 100, 1}, {MOVED, 110}, {NEXT, 110, 160, 160}}},
    {"a completed visit uses an extra one on the new network", PLANNED,
	{{BEGIN, 100, 1}, {WELL, 105}, {MOVED, 300}, {BEGIN, 300, 1},
	    {WELL, 305}, {MOVED, 500}, {NEXT, 500, 700, 700}}},
};

static void expect_between(const struct step *step, int64_t got_ms)
{
	if (got_ms < step->low_s * 1000 || got_ms > step->high_s * 1000)
		fail_msg("%lld s is not from %lld s to %lld s",
		    (long long)got_ms / 1000, (long long)step->low_s,
		    (long long)step->high_s);
}

static void end_visit(struct schedule *schedule, enum op how, int64_t now_ms)
{
	const struct schedule_result result = {
	    .turned_away = how == AWAY,
	    .changed = how != WELL,
	};

	schedule_ended(schedule, 0, &result, now_ms);
}

static void take_step(struct schedule *schedule,
    const struct schedule_terms *terms, const struct step *step)
{
	int64_t at_ms = step->at_s * 1000;
	struct schedule_terms again;

	switch (step->op) {
	case NEXT:
		expect_between(step, schedule_next(schedule, at_ms));
		break;
	case BEGIN:
		assert_int_equal(schedule_begin(schedule, at_ms), step->low_s);
		break;
	case NO_TURN:
		schedule_had_no_turn(schedule, "mx", at_ms);
		break;
	case MOVED:
		schedule_moved(schedule, at_ms);
		break;
	case AGAIN:
		again = *terms;
		again.slot_ms += step->low_s;
		assert_int_equal(schedule_set(schedule, &again, 1,
				     5000000 + step->low_s, at_ms),
		    0);
		break;
	case RECALL:
		schedule_recall(schedule, "mx", at_ms, (int)step->low_s);
		break;
	default:
		end_visit(schedule, step->op, at_ms);
	}
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct schedule_terms terms = row->terms;
	struct schedule schedule;
	uint64_t seed;
	int i;

	strcpy(terms.name, "mx");
	for (seed = 0; seed < 50; seed++) {
		memset(&schedule, 0, sizeof(schedule));
		schedule.dice = seed * 0x9e3779b97f4a7c15u;
		assert_int_equal(
		    schedule_set(&schedule, &terms, 1, 5000000, 0), 0);
		for (i = 0; i < STEPS && row->steps[i].op != END_OF_STEPS; i++)
			take_step(&schedule, &terms, &row->steps[i]);
		schedule_free(&schedule);
	}
}

static struct schedule_terms named(const char *name, int64_t slot_s)
{
	struct schedule_terms terms = {.interval_ms = 600000,
	    .planned = slot_s > 0,
	    .slot_ms = slot_s * 1000};

	strcpy(terms.name, name);
	return terms;
}

static void go_along(void **state)
{
	struct schedule_terms terms[] = {
	    named("a", 0), named("b", 0), named("c", 0)};
	struct schedule schedule = {.dice = 7};

	(void)state;
	terms[2].interval_ms = 3600000;
	assert_int_equal(schedule_set(&schedule, terms, 3, 0, 0), 0);
	assert_int_equal(schedule_begin(&schedule, 0), 3);
	assert_int_equal(schedule_begin(&schedule, 720000), 2);
	assert_false(schedule.entries[2].open);
	schedule_free(&schedule);
}

static void gather(void **state)
{
	const struct schedule_terms terms[] = {
	    named("a", 100), named("b", 125), named("c", 140)};
	struct schedule schedule = {.dice = 7};

	(void)state;
	assert_int_equal(schedule_set(&schedule, terms, 3, 0, 0), 0);
	assert_int_equal(schedule_next(&schedule, 0), 125000);
	assert_int_equal(schedule_begin(&schedule, 125000), 2);
	assert_int_equal(schedule_next(&schedule, 126000), 140000);
	schedule_free(&schedule);
}

static void reload(void **state)
{
	struct schedule_terms before[] = {named("a", 0), named("b", 0)};
	struct schedule_terms after[] = {named("new", 0), named("b", 0)};
	struct schedule schedule = {.dice = 7};
	int64_t due_ms;

	(void)state;
	assert_int_equal(schedule_set(&schedule, before, 2, 0, 0), 0);
	schedule_begin(&schedule, 0);
	due_ms = schedule.entries[1].due_ms;
	assert_int_equal(schedule_set(&schedule, after, 2, 0, 5000), 0);
	assert_int_equal(schedule.entries[0].due_ms, 5000);
	assert_int_equal(schedule.entries[1].due_ms, due_ms);
	assert_null(schedule_find(&schedule, "a"));
	schedule_free(&schedule);
}

static void nothing(void **state)
{
	struct schedule schedule = {.dice = 7};

	(void)state;
	assert_int_equal(schedule_set(&schedule, NULL, 0, 0, 0), 0);
	assert_true(schedule_next(&schedule, 0) == SCHEDULE_FOREVER);
	assert_int_equal(schedule_begin(&schedule, 0), 0);
	schedule_free(&schedule);
}

/* --- back-off --- */

static const struct wait_row {
	const char *name;
	int failures;
	int64_t asked_s, low_s, high_s;
} wait_rows[] = {
    {"the first failure waits for up to ten seconds", 0, 0, 5, 10},
    {"the second for up to twenty", 1, 0, 10, 20},
    {"the ninth for up to an hour", 8, 0, 1280, 2560},
    {"the hundredth for an hour at most", 99, 0, 1800, 3600},
    {"Retry-After is honoured, plus at most a tenth", 0, 300, 300, 330},
    {"Retry-After does not shorten the back-off", 99, 5, 1800, 3600},
};

static void run_wait(void **state)
{
	const struct wait_row *row = *state;
	const uint32_t dice[] = {0, 1, UINT32_MAX / 2, UINT32_MAX};
	struct backoff backoff;
	int64_t ms = 0;
	size_t i;
	int k;

	for (i = 0; i < 4; i++) {
		backoff.failures = 0;
		for (k = 0; k < row->failures; k++)
			backoff_fail(&backoff, 0, dice[i]);
		ms = backoff_fail(&backoff, row->asked_s * 1000, dice[i]);
		assert_in_range(ms, row->low_s * 1000, row->high_s * 1000);
	}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(
	    &list, "what may be visited goes along with what is due", go_along);
	test_add(&list, "slots close together share a round", gather);
	test_add(
	    &list, "new terms keep the history of endpoints that stay", reload);
	test_add(
	    &list, "without endpoints there is nothing to wait for", nothing);
	TEST_ROWS(&list, wait_rows, run_wait);
	return test_run("schedule", &list);
}
