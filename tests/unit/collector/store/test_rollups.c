/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_rollup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/day.h"
#include "tests/support/rows.h"
#include "tests/support/stored.h"

#define ENDPOINTS    300
#define ROWS_MAX     150
#define EXPECTED_MAX 8000

/* What the rollups have to say, counted row by row. */
static struct rollup_row expected[EXPECTED_MAX];
static size_t nexpected, nseen;

static bool is_same(const struct rollup_row *a, const struct rollup_row *b)
{
	return a->day == b->day && a->asn == b->asn && a->port == b->port &&
	       a->family == b->family && a->outcome == b->outcome &&
	       a->mechanism == b->mechanism && a->where == b->where &&
	       a->after_asn == b->after_asn && a->before_asn == b->before_asn &&
	       strcmp(a->prefix, b->prefix) == 0 &&
	       strcmp(a->agent, b->agent) == 0 &&
	       strcmp(a->endpoint, b->endpoint) == 0;
}

static struct rollup_row *find(const struct rollup_row *wanted)
{
	size_t i;

	for (i = 0; i < nexpected; i++)
		if (is_same(&expected[i], wanted))
			return &expected[i];
	return NULL;
}

static void expect(const struct measurement *row)
{
	struct rollup_row alone = {
	    .day = (int32_t)(row->at_ms / DAY_MS),
	    .asn = row->asn,
	    .family = row->family,
	    .port = row->port,
	    .outcome = row->outcome,
	    .mechanism = row->mechanism,
	    .where = row->where,
	    .after_asn = row->after_asn,
	    .before_asn = row->before_asn,
	    .count = 1,
	    .first_ms = row->at_ms,
	    .last_ms = row->at_ms,
	};
	struct rollup_row *known;

	strcpy(alone.prefix, row->prefix);
	strcpy(alone.agent, row->agent);
	strcpy(alone.endpoint, row->endpoint);
	known = find(&alone);
	if (known == NULL) {
		assert_true(nexpected < EXPECTED_MAX);
		expected[nexpected++] = alone;
		return;
	}
	known->count++;
	if (row->at_ms < known->first_ms)
		known->first_ms = row->at_ms;
	if (row->at_ms > known->last_ms)
		known->last_ms = row->at_ms;
}

static int check(void *arg, const struct rollup_row *row)
{
	const struct rollup_row *known = find(row);

	(void)arg;
	assert_non_null(known);
	assert_int_equal(row->count, known->count);
	assert_int_equal(row->first_ms, known->first_ms);
	assert_int_equal(row->last_ms, known->last_ms);
	nseen++;
	return 0;
}

/* --- drawn reports --- */

/* A third open, a third filtered somewhere, a third filtered behind an AS. */
static void draw_outcome(struct measurement *row)
{
	row->after_asn = row->before_asn = 0;
	switch (rand() % 3) {
	case 0:
		row->outcome = OUTCOME_REACHABLE;
		row->mechanism = MECHANISM_OPEN;
		row->where = WHERE_NONE;
		break;
	case 1:
		row->mechanism = rand() % 2 ? MECHANISM_RESET : MECHANISM_DROP;
		break;
	default:
		row->after_asn = 3320 + (uint32_t)(rand() % 2);
		row->before_asn = 1299;
	}
}

/* Its endpoints are `step` apart: neighbours, or far from each other. */
static size_t draw_rows(struct measurement *rows, int report, int step)
{
	size_t count = 1 + (size_t)rand() % ROWS_MAX, i;
	int endpoint = rand() % ENDPOINTS;

	for (i = 0; i < count; i++) {
		rows[i] = stored_row(report, (int)i, rand() % 4 ? 25 : 587);
		draw_outcome(&rows[i]);
		rows[i].at_ms = STORED_NOON + rand() % (14 * HOUR_MS);
		snprintf(rows[i].agent, sizeof(rows[i].agent),
		    "00000000000000%02x", report % 2);
		snprintf(rows[i].endpoint, sizeof(rows[i].endpoint), "mx%d",
		    endpoint % ENDPOINTS);
		endpoint += rand() % 2 * step;
	}
	return count;
}

static void write_report(
    struct store *store, const struct measurement *rows, size_t count)
{
	struct store_report report = {
	    .agent_id = "agent",
	    .received_ms = STORED_NOON,
	    .rows = rows,
	    .nrows = count,
	};
	bool duplicate;
	struct err err;

	snprintf(report.id, sizeof(report.id), "%.36s", rows[0].id);
	if (store_write(store, &report, 1, &duplicate, &err) < 0)
		fail_msg("%s", err.text);
	assert_false(duplicate);
}

/* The same endpoints again and again, by their neighbours and alone; both are
 * counted as if each row had come by itself. */
static void drawn(void **state)
{
	static struct measurement rows[ROWS_MAX];
	struct store *store = stored_open(false);
	struct row_filter filter;
	struct err err;
	size_t i, count;
	int report;

	(void)state;
	srand(25);
	nexpected = nseen = 0;
	for (report = 0; report < 120; report++) {
		count = draw_rows(rows, report, report % 3 ? 1 : 40);
		write_report(store, rows, count);
		for (i = 0; i < count; i++)
			expect(&rows[i]);
	}
	row_filter_init(&filter);
	stored_keep_up(store);
	if (store_rollups(store, &filter, NULL, check, NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(nseen, nexpected);
	assert_true(nexpected > 1000);
	store_close(store);
}

/* --- pages --- */

static struct rollup_place begins; /* the page that is read */
static int32_t last_day;
static size_t ndays, npaged;

static int page_row(void *arg, const struct rollup_row *row)
{
	struct rollup_page *page = arg;

	assert_false(page->is_cut);
	assert_true(row->asn >= begins.asn);
	if (row->asn == begins.asn && row->port == begins.port)
		assert_true(row->day >= begins.day);
	ndays += row->day != last_day;
	last_day = row->day;
	npaged++;
	return 0;
}

/* A page whose time is over has one day of one network; all pages together have
 * each row once. */
static void paged(void **state)
{
	static struct measurement rows[ROWS_MAX];
	struct store *store = stored_open(false);
	struct rollup_page page = {.until_us = 1};
	struct row_filter filter;
	struct err err;
	size_t count, i, pages = 0;
	int report;

	(void)state;
	srand(26);
	nexpected = nseen = npaged = 0;
	for (report = 0; report < 40; report++) {
		count = draw_rows(rows, report, 1);
		for (i = 0; i < count; i++)
			rows[i].asn = 64500 + (uint32_t)(report % 3) * 7;
		write_report(store, rows, count);
		for (i = 0; i < count; i++)
			expect(&rows[i]);
	}
	row_filter_init(&filter);
	stored_keep_up(store);
	do {
		begins = page.from;
		last_day = INT32_MIN;
		ndays = 0;
		if (store_rollups(
			store, &filter, &page, page_row, &page, &err) < 0)
			fail_msg("%s", err.text);
		assert_true(ndays <= 1);
		pages++;
	} while (page.is_cut);
	assert_int_equal(npaged, nexpected);
	assert_true(pages >= 3 * 2 * 2);
	store_close(store);
}

int main(int argc, char **argv)
{
	struct test_list list = {0};

	stored_on_cluster(argc, argv);
	test_add_around(&list,
	    "rollups count as if each row had come by itself", drawn,
	    stored_set_up, stored_tear_down);
	test_add_around(&list, "pages of rollups end between two days", paged,
	    stored_set_up, stored_tear_down);
	return test_run("rollups", &list);
}
