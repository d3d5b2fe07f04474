/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/retention.h"

#include <string.h>

#include "tests/support/rows.h"

#define SECOND INT64_C(1000) /* in ms */
#define DAY    (24 * 3600 * SECOND)
#define NOW    (20000 * DAY)
#define KEEP   (90 * DAY)

/* Times before the boundary is asked for last, in days after NOW; the newest
 * measurement is of NOW and known from the start but for `unknown`. */
static const struct row {
	const char *name;
	bool unknown;
	int wall[3];   /* what the wall clock says at each step */
	int passed[3]; /* days that the other clock saw before each */
	int boundary;  /* days after NOW - KEEP; -1: nothing is removed */
} rows[] = {
    {"what is older than is kept goes", false, {0, 0, 0}, {0, 0, 0}, 0},
    {"nothing goes before the newest is known", true, {0}, {0}, -1},
    {"time goes on where no report comes", false, {1, 2, 3}, {1, 1, 1}, 3},
    {"a clock a year ahead removes a day more, not all", false, {0, 365, 365},
	{0, 0, 0}, 1},
    {"it is believed as fast as time passes", false, {0, 365, 366}, {0, 0, 1},
	2},
    {"a start with a clock a year ahead is no different", false,
	{365, 365, 365}, {0, 0, 0}, 1},
    {"a clock that is behind removes less", false, {0, -40, -40}, {0, 0, 0},
	-40},
    {"and is right again at once", false, {0, -40, 0}, {0, 0, 0}, 0},
};

static void boundary(void **state)
{
	const struct row *row = *state;
	struct retention retention = {.keep_ms = KEEP};
	int64_t before_ms = 0, mono_us = 1;
	int i;

	retention.is_known = !row->unknown;
	retention.newest_ms = NOW;
	for (i = 0; i < 3; i++) {
		mono_us += row->passed[i] * DAY * 1000;
		before_ms = retention_begin(
		    &retention, NOW + row->wall[i] * DAY, mono_us);
	}
	if (row->boundary == -1)
		assert_true(before_ms < DAY);
	else
		assert_int_equal(before_ms, NOW - KEEP + row->boundary * DAY);
}

static void for_ever(void **state)
{
	struct retention retention = {.is_known = true, .newest_ms = NOW};

	(void)state;
	assert_true(retention_begin(&retention, NOW, 1) < 0);
}

static const struct pause_row {
	const char *name;
	int64_t keep_ms, newest_ms;
	bool more;
	int64_t took_us, pause_us;
} pause_rows[] = {
    {"where more is old, four times as long as the step took", KEEP, NOW, true,
	5000, 20000},
    {"where nothing is, a minute", KEEP, NOW, false, 5000, 60000000},
    {"with little time to keep, a tenth of it", 20 * SECOND, NOW, false, 5000,
	2000000},
    {"the first step, which finds the newest, has the second behind it", KEEP,
	0, false, 5000, 20000},
};

static void pauses(void **state)
{
	const struct pause_row *row = *state;
	struct retention retention = {.keep_ms = row->keep_ms,
	    .is_known = row->newest_ms != 0,
	    .newest_ms = row->newest_ms};
	const struct retention_found found = {0, NOW, row->more};

	retention_end(&retention, &found, 100, 100 + row->took_us);
	assert_int_equal(retention.next_us, 100 + row->took_us + row->pause_us);
	assert_int_equal(retention.newest_ms, NOW);
}

static void empty(void **state)
{
	struct retention retention = {.keep_ms = KEEP};

	(void)state;
	retention_end(&retention, &(struct retention_found){0}, 100, 200);
	assert_int_equal(retention.next_us, 200 + 60000000);
}

/* The clock jumps 400 days ahead, an agent's report with it, and with both the
 * newest measurement. `hours` later nothing more is old than time can tell. */
static const struct ahead_row {
	const char *name;
	int64_t clock_ms; /* that an earlier process kept; 0: none */
	int hours;
	int64_t boundary_ms; /* after NOW - KEEP */
} ahead_rows[] = {
    {"a report 400 days ahead removes nothing at once", NOW, 0, 0},
    {"nor anything that is not about as old in an hour", NOW, 1, DAY},
    {"nor after a start", NOW - DAY, 0, -DAY},
    {"what a stop left undone is made up for", NOW - 5 * DAY, 3, -2 * DAY},
};

static void ahead(void **state)
{
	const struct ahead_row *row = *state;
	struct retention retention = {.keep_ms = KEEP};
	struct retention_found found = {row->clock_ms, NOW + 400 * DAY, false};
	int64_t hour_us = 3600 * SECOND * 1000;

	assert_true(retention_begin(&retention, NOW + 400 * DAY, 1) < 0);
	retention_end(&retention, &found, 1, 2);
	retention_begin(&retention, NOW + 400 * DAY, 3);
	retention_end(&retention, &found, 3, 4);
	assert_int_equal(retention_begin(&retention, NOW + 400 * DAY,
			     3 + row->hours * hour_us),
	    NOW - KEEP + row->boundary_ms);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, boundary);
	TEST_ROWS(&list, ahead_rows, ahead);
	test_add(&list, "what is kept for ever never goes", for_ever);
	TEST_ROWS(&list, pause_rows, pauses);
	test_add(&list, "an empty store is looked at once a minute", empty);
	return test_run("retention", &list);
}
