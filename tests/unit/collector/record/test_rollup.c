/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/rollup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rows.h"

#define NOON INT64_C(1795521600000) /* 2026-11-24T12:00:00Z */
#define ROWS 200

static const struct day_row {
	const char *name;
	int64_t at_ms;
	int32_t day;
} day_rows[] = {
    {"1970 begins with day 0", 0, 0},
    {"the last millisecond of a day is of it", 86399999, 0},
    {"midnight is of the new day", 86400000, 1},
    {"before 1970 days are negative", -1, -1},
    {"a day of 2026", NOON, 20781},
};

static void day(void **state)
{
	const struct day_row *row = *state;

	assert_int_equal(rollup_day(row->at_ms), row->day);
}

static struct measurement any_row(void)
{
	struct measurement row = {
	    .at_ms = NOON + rand() % 40000000,
	    .asn = (uint32_t)(64500 + rand() % 2),
	    .family = (uint8_t)(4 + 2 * (rand() % 2)),
	    .port = (uint16_t)(rand() % 2 ? 25 : 587),
	    .outcome = (enum outcome)(rand() % OUTCOME_COUNT),
	    .mechanism = (enum mechanism)(rand() % 2),
	    .where = (enum where)(rand() % 4),
	    .after_asn = (uint32_t)(rand() % 2),
	    .before_asn = (uint32_t)(rand() % 2),
	    .attributed = true,
	    .listed = true,
	};

	/* Names of which some are the beginnings of others. */
	snprintf(row.endpoint, sizeof(row.endpoint), "%.*s", rand() % 3, "mx");
	snprintf(row.agent, sizeof(row.agent), "%d", rand() % 2);
	snprintf(row.prefix, sizeof(row.prefix), "%d", rand() % 2);
	return row;
}

static bool is_of(
    const struct rollup_row *rollup, const struct measurement *row)
{
	uint32_t after, before;

	rollup_find_asns(row, &after, &before);
	return rollup->day == rollup_day(row->at_ms) &&
	       rollup->asn == row->asn && rollup->family == row->family &&
	       rollup->port == row->port &&
	       strcmp(rollup->prefix, row->prefix) == 0 &&
	       strcmp(rollup->agent, row->agent) == 0 &&
	       strcmp(rollup->endpoint, row->endpoint) == 0 &&
	       rollup->outcome == row->outcome &&
	       rollup->mechanism == row->mechanism &&
	       rollup->where == row->where && rollup->after_asn == after &&
	       rollup->before_asn == before;
}

/* Each row is counted by one rollup, whose times are those of its rows. */
static void counted(void **state)
{
	const struct measurement *sorted[ROWS];
	struct measurement rows[ROWS];
	struct rollup_row rollup;
	size_t i, at, taken, rollups = 0;
	int64_t of, first_ms, last_ms;

	(void)state;
	srand(1);
	for (i = 0; i < ROWS; i++) {
		rows[i] = any_row();
		sorted[i] = &rows[i];
	}
	qsort(sorted, ROWS, sizeof(*sorted), rollup_compare);
	for (at = 0; at < ROWS; at += taken) {
		taken = rollup_take(sorted + at, ROWS - at, &rollup);
		assert_in_range(taken, 1, ROWS - at);
		assert_int_equal(rollup.count, taken);
		of = 0;
		first_ms = INT64_MAX;
		last_ms = 0;
		for (i = 0; i < ROWS; i++) {
			if (!is_of(&rollup, &rows[i]))
				continue;
			of++;
			if (rows[i].at_ms < first_ms)
				first_ms = rows[i].at_ms;
			if (rows[i].at_ms > last_ms)
				last_ms = rows[i].at_ms;
		}
		assert_int_equal(of, taken);
		assert_int_equal(rollup.first_ms, first_ms);
		assert_int_equal(rollup.last_ms, last_ms);
		rollups++;
	}
	assert_in_range(rollups, 2, ROWS - 1);
}

/* Of a row of AS64500, the hops between which it stops. */
static const struct asns_row {
	const char *name;
	enum outcome outcome;
	enum where where;
	uint32_t after, before; /* that the row says */
	uint32_t counted_after, counted_before;
} asns_rows[] = {
    {"a filter on the path", OUTCOME_FILTERED, WHERE_PATH, 64500, 64501, 64500,
	64501},
    {"an interception there", OUTCOME_INTERCEPTED, WHERE_PATH, 64500, 64501,
	64500, 64501},
    {"a filter behind a private hop", OUTCOME_FILTERED, WHERE_ACCESS, 0, 64500,
	0, 64500},
    {"a filter before the first router", OUTCOME_FILTERED, WHERE_LINK, 0, 64500,
	0, 64500},
    {"the far end may be the way back", OUTCOME_FILTERED, WHERE_FAR_END, 64501,
	64502, 0, 0},
    {"the host itself is between no networks", OUTCOME_FILTERED,
	WHERE_HOST_OR_PATH, 0, 64500, 0, 0},
    {"what is no failure is between none", OUTCOME_REACHABLE, WHERE_PATH, 64500,
	64501, 0, 0},
};

static void asns(void **state)
{
	const struct asns_row *row = *state;
	const struct measurement measurement = {
	    .asn = 64500,
	    .outcome = row->outcome,
	    .where = row->where,
	    .after_asn = row->after,
	    .before_asn = row->before,
	};
	uint32_t after, before;

	rollup_find_asns(&measurement, &after, &before);
	assert_int_equal(after, row->counted_after);
	assert_int_equal(before, row->counted_before);
}

static void codes(void **state)
{
	struct rollup_row rollup = {0}, again = {0};
	int outcome, mechanism, where;

	(void)state;
	for (outcome = 0; outcome < OUTCOME_COUNT; outcome++)
		for (mechanism = 0; mechanism <= MECHANISM_COUNT; mechanism++)
			for (where = 0; where < WHERE_COUNT; where++) {
				rollup.outcome = (enum outcome)outcome;
				rollup.mechanism = (enum mechanism)mechanism;
				rollup.where = (enum where)where;
				assert_true(rollup_set_codes(
				    &again, rollup_codes(&rollup)));
				assert_memory_equal(
				    &rollup, &again, sizeof(again));
			}
	assert_false(rollup_set_codes(&again, 0x7d0101));
	assert_false(rollup_set_codes(&again, 0x01010101));
	assert_false(rollup_set_codes(&again, -1));
}

static const struct counts_row {
	const char *name;
	struct measurement row;
	bool counts;
} counts_rows[] = {
    {"an attributed diagnosis of what is listed counts",
	{.listed = true,
	    .attributed = true,
	    .asn = 1,
	    .outcome = OUTCOME_UNKNOWN},
	true},
    {"a control port does not count",
	{.listed = true,
	    .attributed = true,
	    .asn = 1,
	    .outcome = OUTCOME_COUNT},
	false},
    {"what is not attributed does not count",
	{.listed = true,
	    .attributed = false,
	    .asn = 1,
	    .outcome = OUTCOME_FILTERED},
	false},
    {"a network without a number does not count",
	{.listed = true,
	    .attributed = true,
	    .asn = 0,
	    .outcome = OUTCOME_FILTERED},
	false},
    {"what is not listed does not count",
	{.listed = false,
	    .attributed = true,
	    .asn = 1,
	    .outcome = OUTCOME_FILTERED},
	false},
};

static void counts(void **state)
{
	const struct counts_row *row = *state;

	assert_int_equal(rollup_is_counted(&row->row), row->counts);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, day_rows, day);
	TEST_ROWS(&list, counts_rows, counts);
	test_add(&list, "every row is counted once, where it belongs", counted);
	TEST_ROWS(&list, asns_rows, asns);
	test_add(&list, "codes come back as what they stand for", codes);
	return test_run("rollup", &list);
}
