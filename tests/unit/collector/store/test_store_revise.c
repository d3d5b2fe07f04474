/* SPDX-License-Identifier: Apache-2.0 */

/* A day of reports that is revised: what is shown, changed and counted anew. */

#include "collector/store/store_revise.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"
#include "tests/support/stored.h"

#define DAY ((int32_t)(STORED_NOON / DAY_MS))

struct world {
	struct store *store;
	int shown;
	int result; /* of each report: 1, 0 or what ends it */
};

static void put(struct world *world, int number, int64_t later_ms, bool kept)
{
	struct measurement rows[] = {
	    stored_row(number, 0, 443), stored_row(number, 1, 25)};
	struct store_report report = {
	    .agent_id = "agent",
	    .received_ms = STORED_NOON + 5,
	    .rows = rows,
	    .nrows = 2,
	    .signed_body = kept ? "signed" : NULL,
	    .signed_body_length = kept ? 6 : 0,
	};
	struct err err;
	bool duplicate;

	rows[1].at_ms += later_ms;
	snprintf(report.id, sizeof(report.id), "%.36s", rows[0].id);
	if (store_write(world->store, &report, 1, &duplicate, &err) < 0)
		fail_msg("%s", err.text);
}

static int open_port(void *arg, const struct store_revision *report)
{
	struct world *world = arg;

	world->shown++;
	assert_int_equal(report->nrows, 2);
	assert_int_equal(report->received_ms, STORED_NOON + 5);
	assert_int_equal(report->signed_body_length, 6);
	assert_memory_equal(report->signed_body, "signed", 6);
	assert_int_equal(
	    strncmp(report->rows[1].id, report->id, strlen(report->id)), 0);
	if (world->result <= 0 && world->shown > 1)
		return world->result;
	report->rows[1].outcome = OUTCOME_REACHABLE;
	report->rows[1].mechanism = MECHANISM_OPEN;
	report->rows[1].where = WHERE_NONE;
	return 1;
}

static int revise(struct world *world, int32_t day, struct err *err)
{
	const struct store_revising how = {day, open_port, world};

	world->shown = 0;
	return store_revise_day(world->store, &how, err);
}

/* Rollups as "OUTCOME xCOUNT", by day. */
static int see_rollup(void *arg, const struct rollup_row *row)
{
	char *text = arg;
	size_t length = strlen(text);

	snprintf(text + length, 500 - length, "%d:%s x%d ", row->day - DAY,
	    row->outcome == OUTCOME_REACHABLE ? "open" : "filtered",
	    (int)row->count);
	return 0;
}

static const char *rollups(struct world *world)
{
	static char text[500];
	struct row_filter filter;
	struct err err;

	text[0] = '\0';
	row_filter_init(&filter);
	assert_int_equal(
	    store_rollups(world->store, &filter, NULL, see_rollup, text, &err),
	    0);
	return text;
}

static void open_world(struct world *world, int result)
{
	*world = (struct world){stored_open(false), 0, result};
}

static void counted_anew(void **state)
{
	struct stored_seen seen;
	struct store_page page = {.limit = 10};
	struct row_filter filter;
	struct world world;
	struct err err;

	(void)state;
	open_world(&world, 1);
	put(&world, 1, 0, true);
	put(&world, 2, 0, true);
	put(&world, 3, 0, false);
	assert_string_equal(rollups(&world), "0:filtered x3 ");
	assert_int_equal(revise(&world, DAY, &err), 0);
	assert_int_equal(world.shown, 2);
	assert_string_equal(rollups(&world), "0:open x2 0:filtered x1 ");
	row_filter_init(&filter);
	filter.outcome = OUTCOME_REACHABLE;
	stored_list(world.store, &filter, &page, &seen);
	assert_int_equal(seen.count, 2);
	assert_int_equal(revise(&world, DAY, &err), 0);
	assert_string_equal(rollups(&world), "0:open x2 0:filtered x1 ");
	store_close(world.store);
}

/* A report is of the day of its first row, and is counted on that of each. */
static void over_midnight(void **state)
{
	struct world world;
	struct err err;

	(void)state;
	open_world(&world, 1);
	put(&world, 1, DAY_MS * 3 / 4, true);
	put(&world, 2, 0, true);
	assert_string_equal(rollups(&world), "0:filtered x1 1:filtered x1 ");
	assert_int_equal(revise(&world, DAY + 1, &err), 0);
	assert_int_equal(world.shown, 0);
	assert_int_equal(revise(&world, DAY, &err), 0);
	assert_int_equal(world.shown, 2);
	assert_string_equal(rollups(&world), "0:open x1 1:open x1 ");
	store_close(world.store);
}

static void nothing_changed(void **state)
{
	struct world world;
	struct err err;

	(void)state;
	open_world(&world, 0);
	put(&world, 1, 0, false);
	assert_int_equal(revise(&world, DAY, &err), 0);
	assert_int_equal(world.shown, 0);
	assert_string_equal(rollups(&world), "0:filtered x1 ");
	store_close(world.store);
}

/* What fails at the second report undoes the first. */
static void undone(void **state)
{
	struct world world;
	struct err err;

	(void)state;
	open_world(&world, -EINVAL);
	put(&world, 1, 0, true);
	put(&world, 2, 0, true);
	assert_int_equal(revise(&world, DAY, &err), -EINVAL);
	assert_int_equal(world.shown, 2);
	assert_string_equal(rollups(&world), "0:filtered x2 ");
	store_close(world.store);
}

int main(void)
{
	struct test_list list = {0};

	test_add_around(&list, "what is changed is counted anew", counted_anew,
	    stored_set_up, stored_tear_down);
	test_add_around(&list, "a report over midnight changes both days",
	    over_midnight, stored_set_up, stored_tear_down);
	test_add_around(&list, "what was not kept as it was signed stays",
	    nothing_changed, stored_set_up, stored_tear_down);
	test_add_around(&list, "a failure undoes the day", undone,
	    stored_set_up, stored_tear_down);
	return test_run("store_revise", &list);
}
