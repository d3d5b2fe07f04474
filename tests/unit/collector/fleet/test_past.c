/* SPDX-License-Identifier: Apache-2.0 */

/* What was published stays: days are closed once, changes are told once. */

#include "collector/fleet/past_days.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "lib/base/day.h"
#include "tests/support/rows.h"
#include "tests/support/stored.h"

#define DAY       20781 /* of STORED_NOON */
#define AGENTS    4
#define ENDPOINTS 3
#define NOON(day) (((day)*DAY_MS) + DAY_MS / 2)

struct world {
	struct store *writer, *reader;
	_Atomic bool ending;
	struct past past;
	int agents, reports;
	char events[2000];
	char days[4000];
};

static void open_world(struct world *world)
{
	struct store_settings settings = stored_settings(true);
	struct err err;

	memset(world, 0, sizeof(*world));
	world->agents = AGENTS;
	world->writer = stored_open(false);
	world->reader = stored_open(true);
	if (past_open(&world->past, &settings, world->reader, &world->ending,
		&err) < 0)
		fail_msg("%s", err.text);
}

static void close_world(struct world *world)
{
	past_free(&world->past);
	store_close(world->reader);
	store_close(world->writer);
}

/* Agents, each of its own prefix, at three endpoints, on that day. */
static void see(struct world *world, int32_t day, bool open)
{
	struct measurement rows[ENDPOINTS];
	struct store_report report = {.rows = rows, .nrows = ENDPOINTS};
	bool duplicate;
	struct err err;
	int agent, i;

	for (agent = 0; agent < world->agents; agent++) {
		world->reports++;
		for (i = 0; i < ENDPOINTS; i++) {
			rows[i] = stored_row(world->reports, i, 25);
			rows[i].at_ms = NOON(day) + i;
			rows[i].outcome = open ? OUTCOME_REACHABLE
					       : OUTCOME_FILTERED;
			rows[i].mechanism = open ? MECHANISM_OPEN
						 : MECHANISM_DROP;
			rows[i].where = open ? WHERE_NONE : WHERE_PATH;
			snprintf(rows[i].agent, sizeof(rows[i].agent), "%016x",
			    agent);
			snprintf(rows[i].prefix, sizeof(rows[i].prefix),
			    "192.0.%d.0/24", agent);
			snprintf(rows[i].endpoint, sizeof(rows[i].endpoint),
			    "mx%d", i);
		}
		snprintf(report.id, sizeof(report.id), "%.36s", rows[0].id);
		if (store_write(world->writer, &report, 1, &duplicate, &err) <
		    0)
			fail_msg("%s", err.text);
	}
}

static int see_judged(void *arg, const struct networks_judged *judged)
{
	return past_see(arg, judged->verdict);
}

/* As the census does it. */
static void count(struct world *world, int64_t now_ms)
{
	struct judge judge;
	bool all_closed;
	struct err err;
	int error = past_days_close(&world->past, now_ms, &all_closed, &err);

	if (error == 0)
		error = past_begin(&world->past, now_ms, &err);
	if (error < 0)
		fail_msg("%s", err.text);
	assert_true(all_closed);
	assert_int_equal(networks_learn(world->reader, now_ms, &judge,
			     see_judged, &world->past, &err),
	    0);
	assert_int_equal(past_tell(&world->past, &judge, &err), 0);
	judge_free(&judge);
}

static int write_event(void *arg, const struct event *event)
{
	char *text = arg;
	size_t length = strlen(text);

	snprintf(text + length, 2000 - length, "%d:%s>%s ",
	    rollup_day(event->at_ms) - DAY, network_state_word(event->from),
	    network_state_word(event->to));
	assert_true(event->because[0] != '\0');
	return 0;
}

static int write_day(void *arg, const struct history_day *day)
{
	char *text = arg;
	size_t length = strlen(text);

	snprintf(text + length, 4000 - length, "%d:%s/%d ", day->day - DAY,
	    network_state_word(day->state), (int)day->vantage_points);
	return 0;
}

static int write_points(void *arg, const struct event *event)
{
	char *text = arg;
	size_t length = strlen(text);

	snprintf(text + length, 2000 - length, "%d:%s/%d ",
	    rollup_day(event->at_ms) - DAY, network_state_word(event->to),
	    (int)event->vantage_points);
	return 0;
}

static void list(struct world *world)
{
	const struct history_filter days = {
	    .asn = 64500, .since_day = DAY - 99, .until_day = DAY + 99};
	struct store_page page = {.limit = 99};
	struct event_filter filter;
	struct err err;

	event_filter_init(&filter);
	world->events[0] = world->days[0] = '\0';
	assert_int_equal(
	    store_history(world->reader, &days, write_day, world->days, &err),
	    0);
	assert_int_equal(store_events(world->reader, &filter, &page,
			     write_event, world->events, &err),
	    0);
}

static void expect(struct world *world, const char *days, const char *events)
{
	list(world);
	assert_string_equal(world->days, days);
	assert_string_equal(world->events, events);
}

/* --- cases --- */

static void nothing(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	count(&world, NOON(DAY));
	expect(&world, "", "");
	close_world(&world);
}

static void first_days(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	see(&world, DAY - 2, true);
	see(&world, DAY - 1, true);
	see(&world, DAY, true);
	count(&world, NOON(DAY) + 10);
	expect(&world, "-2:open/4 -1:open/4 ", "-2:insufficient>open ");
	/* Again it is the same. */
	count(&world, NOON(DAY) + 20);
	expect(&world, "-2:open/4 -1:open/4 ", "-2:insufficient>open ");
	close_world(&world);
}

static void today(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	see(&world, DAY, true);
	count(&world, NOON(DAY) + 10);
	expect(&world, "", "0:insufficient>open ");
	count(&world, NOON(DAY) + 20);
	expect(&world, "", "0:insufficient>open ");
	/* The next day it is closed, and is no change. */
	count(&world, NOON(DAY + 1));
	expect(&world, "0:open/4 ", "0:insufficient>open ");
	close_world(&world);
}

static void changed(void **state)
{
	struct world world;
	int day;

	(void)state;
	open_world(&world);
	for (day = DAY - 9; day < DAY; day++)
		see(&world, day, true);
	count(&world, NOON(DAY));
	see(&world, DAY, false);
	see(&world, DAY, false);
	count(&world, NOON(DAY) + 10);
	list(&world);
	assert_string_equal(
	    world.events, "-9:insufficient>open 0:open>filtered ");
	close_world(&world);
}

/* Reports of closed days that come late. */
static void late(void **state)
{
	struct world world;
	char before[sizeof(world.days)];
	int day;

	(void)state;
	open_world(&world);
	for (day = DAY - 9; day < DAY - 2; day++)
		see(&world, day, true);
	count(&world, NOON(DAY) + 10);
	list(&world);
	strcpy(before, world.days);
	see(&world, DAY - 2, false);
	see(&world, DAY - 1, false);
	count(&world, NOON(DAY) + 20);
	list(&world);
	assert_string_equal(world.days, before);
	assert_string_equal(
	    world.events, "-9:insufficient>open 0:open>filtered ");
	close_world(&world);
}

/* A change that was told today, and is gone at the end of the day: that must
 * hold. */
static void twice_a_day(void **state)
{
	struct world world;
	struct event event = {.at_ms = NOON(DAY),
	    .asn = 64500,
	    .family = 4,
	    .port = 25,
	    .from = STATE_OPEN,
	    .to = STATE_INCONSISTENT,
	    .because = "a test"};
	struct store_past told = {
	    .events = &event, .nevents = 1, .closed_day = STORE_NO_DAY};
	struct err err;
	int day;

	(void)state;
	open_world(&world);
	for (day = DAY - 2; day <= DAY + 4; day++)
		see(&world, day, true);
	count(&world, NOON(DAY) - 10);
	event_identify(&event);
	assert_int_equal(store_add_past(world.writer, &told, &err), 0);
	count(&world, NOON(DAY) + 10);
	expect(&world, "-2:open/4 -1:open/4 ",
	    "-2:insufficient>open 0:open>inconsistent ");
	count(&world, NOON(DAY + 5));
	list(&world);
	assert_string_equal(
	    world.events, "-2:insufficient>open 0:open>inconsistent ");
	see(&world, DAY + 5, true);
	count(&world, NOON(DAY + 6));
	list(&world);
	assert_string_equal(world.events,
	    "-2:insufficient>open 0:open>inconsistent 5:inconsistent>open ");
	close_world(&world);
}

/* All lines see both, and are counted so: in the change, and in the days. */
static void contradicts(void **state)
{
	struct store_page page = {.limit = 99};
	struct event_filter filter;
	struct world world;
	struct err err;
	int day;

	(void)state;
	open_world(&world);
	for (day = DAY - 9; day <= DAY; day++)
		see(&world, day, day % 2 == 0);
	count(&world, NOON(DAY + 1));
	list(&world);
	assert_non_null(strstr(world.days, " 0:inconsistent/4 "));
	event_filter_init(&filter);
	world.events[0] = '\0';
	assert_int_equal(store_events(world.reader, &filter, &page,
			     write_points, world.events, &err),
	    0);
	assert_string_equal(world.events, "-9:open/4 -1:inconsistent/4 ");
	close_world(&world);
}

/* The same where it is told before the day has ended. */
static void contradicts_today(void **state)
{
	const struct network_verdict verdict = {.asn = 64500,
	    .family = 4,
	    .port = 25,
	    .state = STATE_INCONSISTENT,
	    .vantage_points = 1,
	    .unsteady = 3};
	struct world world;
	struct err err;

	(void)state;
	open_world(&world);
	assert_int_equal(past_begin(&world.past, NOON(DAY), &err), 0);
	assert_int_equal(past_see(&world.past, &verdict), 0);
	assert_int_equal(world.past.nchanges, 1);
	assert_int_equal(world.past.changes[0].vantage_points, 4);
	close_world(&world);
}

/* One day's rows are too little after a week, and two weeks later that is told.
 */
static void lost(void **state)
{
	struct world world;
	int day;

	(void)state;
	open_world(&world);
	world.agents = 8;
	see(&world, DAY - 1, false);
	for (day = DAY; day < DAY + 29; day++) {
		count(&world, NOON(day));
		list(&world);
		assert_string_equal(world.events,
		    day <= DAY + 21 ? "-1:insufficient>filtered "
				    : "-1:insufficient>filtered "
				      "21:filtered>insufficient ");
	}
	close_world(&world);
}

/* The same where all days are closed together. */
static void lost_long_ago(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	world.agents = 8;
	see(&world, DAY - 1, false);
	count(&world, NOON(DAY + 28));
	list(&world);
	assert_string_equal(
	    world.events, "-1:insufficient>filtered 21:filtered>insufficient ");
	close_world(&world);
}

/* Four lines with one day of rows become too uncertain, beside no other
 * accusation that is surer. */
static void held_back(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	see(&world, DAY - 1, false);
	count(&world, NOON(DAY + 7));
	list(&world);
	assert_string_equal(world.events, "-1:insufficient>filtered ");
	count(&world, NOON(DAY + 18));
	list(&world);
	assert_string_equal(
	    world.events, "-1:insufficient>filtered 7:filtered>insufficient ");
	close_world(&world);
}

/* It stopped before the last transaction: some days are there. */
static void begun(void **state)
{
	struct history_day day = {.day = DAY - 2,
	    .asn = 64500,
	    .family = 4,
	    .port = 25,
	    .state = STATE_PARTIAL,
	    .mechanism = MECHANISM_COUNT};
	struct store_past part = {&day, 1, NULL, 0, STORE_NO_DAY};
	struct world world;
	struct err err;

	(void)state;
	open_world(&world);
	assert_int_equal(store_add_past(world.writer, &part, &err), 0);
	see(&world, DAY - 2, true);
	see(&world, DAY - 1, true);
	count(&world, NOON(DAY));
	expect(&world, "-2:partial/0 -1:open/4 ", "-2:insufficient>open ");
	close_world(&world);
}

/* More days than are closed at a time, and more than the window has. */
static void long_ago(void **state)
{
	struct world world;
	int day, seen = 0;
	const char *at;

	(void)state;
	open_world(&world);
	for (day = DAY - 70; day < DAY; day += 2)
		see(&world, day, true);
	count(&world, NOON(DAY));
	list(&world);
	for (at = world.days; (at = strstr(at, ":open/4 ")) != NULL; at++)
		seen++;
	assert_int_equal(seen, 70);
	assert_string_equal(world.events, "-70:insufficient>open ");
	close_world(&world);
}

static void ended(void **state)
{
	struct world world;
	bool all_closed;
	struct err err;

	(void)state;
	open_world(&world);
	see(&world, DAY - 1, true);
	world.ending = true;
	assert_int_equal(
	    past_days_close(&world.past, NOON(DAY), &all_closed, &err),
	    -ECANCELED);
	assert_false(all_closed);
	expect(&world, "", "");
	close_world(&world);
}

/* The clock was a year ahead for a while. */
static void wrong_clock(void **state)
{
	struct world world;
	struct err err;
	int32_t day;

	(void)state;
	open_world(&world);
	see(&world, DAY - 1, true);
	count(&world, NOON(DAY + 365));
	assert_int_equal(store_closed_day(world.reader, &day, &err), 0);
	assert_int_equal(day, DAY - 1 + 29);
	see(&world, DAY + 40, true);
	count(&world, NOON(DAY + 41));
	assert_int_equal(store_closed_day(world.reader, &day, &err), 0);
	assert_int_equal(day, DAY + 40);
	close_world(&world);
}

#define CASE(name, run) \
	test_add_around(&list, name, run, stored_set_up, stored_tear_down)

int main(void)
{
	struct test_list list = {0};

	CASE("a store without rows has no past", nothing);
	CASE("the first time all days that have ended are closed", first_days);
	CASE("a change of today is told at once, and once", today);
	CASE("a network that turns is told with both states", changed);
	CASE("late reports change today, and no closed day", late);
	CASE("what was told and does not hold is told once that holds",
	    twice_a_day);
	CASE("a contradiction counts who saw both", contradicts);
	CASE("so does one that is told before the day has ended",
	    contradicts_today);
	CASE("what is not known any more is told after two weeks", lost);
	CASE("and at the same day from an old store", lost_long_ago);
	CASE("what is held back is told after a quiet week", held_back);
	CASE("what was begun is ended, and stays", begun);
	CASE("a long past is closed in parts", long_ago);
	CASE("a clock that is far ahead closes few days to come", wrong_clock);
	CASE("it ends when it is told to", ended);
	return test_run("past", &list);
}
