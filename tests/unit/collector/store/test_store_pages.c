/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/row_cursor.h"
#include "collector/store/store.h"
#include "lib/base/buf.h"
#include "tests/support/rows.h"
#include "tests/support/stored.h"

#define REPORTS 30
#define ROWS    12 /* a report */

/* On a cluster a write or a page costs a hundred times as much: there are
 * fewer, and one that is short of time ends after an hour of rows. */
static bool on_cluster;
static int reports = REPORTS;

static int pick(int count)
{
	return rand() % count;
}

/* Reports of several networks that overlap in time; some have equal times. */
static void fill_report(struct measurement rows[ROWS], int report)
{
	static const uint16_t ports[] = {25, 587, 443};
	int n, asn = pick(4);

	for (n = 0; n < ROWS; n++) {
		struct measurement *row = &rows[n];

		*row = stored_row(report, n, ports[pick(3)]);
		row->at_ms = STORED_NOON + (report + pick(5)) * 1000 + report;
		row->asn = (uint32_t)(64500 + asn);
		row->family = n % 5 == 0 ? 6 : 4;
		snprintf(row->agent, sizeof(row->agent), "%016x", report % 7);
		strcpy(row->country, asn == 3 || n % 3 == 0 ? "FR" : "DE");
		snprintf(row->endpoint, sizeof(row->endpoint), "mx%d", n / 3);
		if (row->port != 443 && pick(2)) {
			row->outcome = OUTCOME_REACHABLE;
			row->mechanism = MECHANISM_OPEN;
		}
		row->attributed = pick(8) != 0;
	}
}

static void write_rows(struct store *store, const char *agent,
    const struct measurement *rows, size_t count)
{
	struct store_report report = {
	    .received_ms = STORED_NOON, .rows = rows, .nrows = count};
	bool duplicate;
	struct err err;

	snprintf(report.agent_id, sizeof(report.agent_id), "%s", agent);
	snprintf(report.id, sizeof(report.id), "%.36s", rows[0].id);
	if (store_write(store, &report, 1, &duplicate, &err) < 0)
		fail_msg("%s", err.text);
}

static void fill(struct store *store, struct measurement (*rows)[ROWS])
{
	int report;

	srand(1);
	for (report = 0; report < reports; report++) {
		fill_report(rows[report], report);
		write_rows(store, "agent", rows[report], ROWS);
	}
}

static const struct paged_row {
	const char *name;
	struct row_filter filter;
} paged_rows[] = {
    {"pages of all rows", {.outcome = -1}},
    {"pages of one network", {.outcome = -1, .has_asn = true, .asn = 64501}},
    {"pages of one country", {.outcome = -1, .country = "FR"}},
    {"pages of IPv6", {.outcome = -1, .family = 6}},
    {"pages of one port", {.outcome = -1, .port = 587}},
    {"pages of one outcome", {.outcome = OUTCOME_REACHABLE}},
    {"pages of a span of time", {.outcome = -1,
				    .since_ms = STORED_NOON + 9000,
				    .until_ms = STORED_NOON + 14000}},
    {"pages of all that is asked at once", {.outcome = OUTCOME_FILTERED,
					       .port = 25,
					       .family = 4,
					       .country = "DE",
					       .since_ms = STORED_NOON + 4000}},
    {"pages of what is not there", {.outcome = OUTCOME_LOCAL}},
};

static bool matches(
    const struct measurement *row, const struct row_filter *filter)
{
	return (!filter->has_asn || row->asn == filter->asn) &&
	       (filter->country[0] == '\0' ||
		   strcmp(row->country, filter->country) == 0) &&
	       (filter->family == 0 || row->family == filter->family) &&
	       (filter->port == 0 || row->port == filter->port) &&
	       (filter->outcome < 0 || (int)row->outcome == filter->outcome) &&
	       row->at_ms >= filter->since_ms &&
	       (filter->until_ms == 0 || row->at_ms < filter->until_ms);
}

/* How to list: pages that have no time end after a report. */
struct paging {
	size_t limit;
	bool newest_first, no_time;
};

/* All pages of one direction, one after the other. */
static void list_pages(struct store *store, const struct row_filter *filter,
    struct paging paging, struct stored_seen *all)
{
	struct store_page page = {.limit = paging.limit,
	    .newest_first = paging.newest_first,
	    .until_us = paging.no_time};
	struct stored_seen seen;
	int pages = 0;

	memset(all, 0, sizeof(*all));
	do {
		assert_true(pages++ < reports * ROWS + reports + 1);
		stored_list(store, filter, &page, &seen);
		assert_true(seen.count <= paging.limit);
		if (paging.no_time)
			assert_true(on_cluster || seen.count <= ROWS);
		else if (page.cursor[0] != '\0')
			assert_int_equal(seen.count, paging.limit);
		all->count += seen.count;
		strcat(all->ids, seen.ids);
	} while (page.cursor[0] != '\0');
	if (paging.no_time && !on_cluster)
		assert_true(pages >= REPORTS || filter->since_ms != 0);
}

/* " a b c" backwards: " c b a". */
static void reverse(const char *ids, char *reversed)
{
	const char *from = ids + strlen(ids);
	char *to = reversed;
	size_t length;

	while (from > ids) {
		for (length = 1; from[-(ptrdiff_t)length] != ' ';)
			length++;
		from -= length;
		memcpy(to, from, length);
		to += length;
	}
	*to = '\0';
}

static void paged(void **state)
{
	static const size_t limits[] = {7, 1000, 1, 2, 12};
	const size_t nlimits = on_cluster ? 2 : 5;
	const struct paged_row *row = *state;
	struct measurement rows[REPORTS][ROWS], *all = rows[0];
	struct stored_seen whole, pages;
	char reversed[sizeof(whole.ids)];
	size_t i, expected = 0;
	struct store *store;

	stored_set_up(NULL);
	store = stored_open(false);
	fill(store, rows);
	for (i = 0; i < (size_t)reports * ROWS; i++)
		expected += matches(all + i, &row->filter);
	list_pages(store, &row->filter, (struct paging){1000}, &whole);
	assert_int_equal(whole.count, expected);
	reverse(whole.ids, reversed);
	for (i = 0; i < 2 * nlimits; i++) {
		struct paging paging = {
		    .limit = limits[i / 2], .no_time = i % 2 == 1};

		list_pages(store, &row->filter, paging, &pages);
		assert_string_equal(pages.ids, whole.ids);
		paging.newest_first = true;
		list_pages(store, &row->filter, paging, &pages);
		assert_string_equal(pages.ids, reversed);
	}
	store_close(store);
	stored_tear_down(NULL);
}

/* --- a list by reports, as a SQLite file has it, goes on in either engine ---
 */

static int64_t first_of(const struct measurement rows[ROWS])
{
	int64_t first = rows[0].at_ms;
	int n;

	for (n = 1; n < ROWS; n++)
		if (rows[n].at_ms < first)
			first = rows[n].at_ms;
	return first;
}

/* -1, 0, 1: where row `n` of a report is to the cursor's, oldest first; `n`
 * ROW_CURSOR_ALL: behind all of them. */
static int compare_to_cursor(struct measurement (*rows)[ROWS], int report,
    int n, int cursor_report, uint32_t cursor_n)
{
	int64_t at = first_of(rows[report]),
		from = first_of(rows[cursor_report]);

	if (at != from)
		return at < from ? -1 : 1;
	if (report != cursor_report)
		return report < cursor_report ? -1 : 1;
	if (cursor_n == ROW_CURSOR_ALL)
		return 0;
	at = rows[report][n].at_ms;
	from = rows[report][cursor_n].at_ms;
	if (at != from)
		return at < from ? -1 : 1;
	return n < (int)cursor_n ? -1 : n > (int)cursor_n;
}

/* How often a row is in " a b c". */
static int times_in(const char *ids, const char *id)
{
	char wanted[32];
	size_t length;
	int times = 0;

	snprintf(wanted, sizeof(wanted), " %s", id);
	length = strlen(wanted);
	for (; (ids = strstr(ids, wanted)) != NULL; ids += length)
		times += ids[length] == ' ' || ids[length] == '\0';
	return times;
}

/* All that follows a cursor, in pages of so many. */
static void list_behind(struct store *store, const char *cursor,
    struct paging paging, struct stored_seen *all)
{
	struct store_page page = {
	    .limit = paging.limit, .newest_first = paging.newest_first};
	struct row_filter filter;
	struct stored_seen seen;
	int pages = 0;

	row_filter_init(&filter);
	memset(all, 0, sizeof(*all));
	strcpy(page.cursor, cursor);
	do {
		assert_true(pages++ < reports * ROWS + 1);
		stored_list(store, &filter, &page, &seen);
		strcat(all->ids, seen.ids);
	} while (page.cursor[0] != '\0');
}

/* Each row that such a list has not shown is there, once, and no other. */
static void check_behind(struct store *store, struct measurement (*rows)[ROWS],
    int report, uint32_t n, struct paging paging)
{
	struct row_cursor cursor = {.at_ms = first_of(rows[report]), .n = n};
	char text[ROW_CURSOR_SIZE] = "", uuid[37], id[32];
	struct stored_seen seen;
	int other, row, side;

	snprintf(uuid, sizeof(uuid), "%.36s", rows[report][0].id);
	assert_true(row_uuid_pack(uuid, cursor.report));
	row_cursor_add(text, true, &cursor);
	list_behind(store, text, paging, &seen);
	for (other = 0; other < reports; other++) {
		for (row = 0; row < ROWS; row++) {
			snprintf(id, sizeof(id), "%04d:%d", other, row);
			side = compare_to_cursor(rows, other, row, report, n);
			if (paging.newest_first)
				side = -side;
			assert_int_equal(times_in(seen.ids, id), side > 0);
		}
	}
}

static void goes_on(void **state)
{
	static const uint32_t numbers[] = {0, 5, 11, ROW_CURSOR_ALL};
	struct measurement rows[REPORTS][ROWS];
	struct store *store = stored_open(false);
	struct paging paging;
	int i;

	(void)state;
	fill(store, rows);
	for (i = 0; i < 8; i++) {
		paging = (struct paging){
		    .limit = i % 3 ? 1000 : 17, .newest_first = i % 2 == 1};
		check_behind(
		    store, rows, 2 + i % 3 * 4, numbers[i / 2], paging);
	}
	store_close(store);
}

static const struct cursor_row {
	const char *name, *cursor;
} cursor_rows[] = {
    {"a cursor of words is none", "here"},
    {"a cursor of two numbers is none", "1.2"},
    {"a cursor with more behind is none", "1.2.3.4"},
    {"a cursor with a blank is none", "1. 2.3"},
    {"a cursor of a report that is no UUID is none",
	"1.01930000-0000-7000-8000-00000000000g.3"},
    {"a cursor of half a UUID is none", "1.01930000-0000-7000.3"},
    {"a cursor of a row that is negative is none",
	"1.01930000-0000-7000-8000-000000000001.-3"},
    {"a cursor with words behind it is none",
	"1.01930000-0000-7000-8000-000000000001.3,here"},
    {"a cursor of a time that no clock has is none",
	"9000000000000000000.01930000-0000-7000-8000-000000000001.3"},
    {"a cursor whose number is too large is none", "99999999999999999999.1.1"},
};

static void bad_cursor(void **state)
{
	const struct cursor_row *row = *state;
	struct store_page page = {.limit = 1};
	struct row_filter filter;
	struct store *store;
	char sentence[100];
	struct err err;

	stored_set_up(NULL);
	store = stored_open(false);
	row_filter_init(&filter);
	strcpy(page.cursor, row->cursor);
	assert_int_equal(
	    store_measurements(store, &filter, &page, NULL, NULL, &err),
	    -EINVAL);
	snprintf(sentence, sizeof(sentence), "\"%s\" is no cursor of ours",
	    row->cursor);
	assert_string_equal(err.text, sentence);
	store_close(store);
	stored_tear_down(NULL);
}

/* --- imports --- */

static int append_rollup(void *arg, const struct rollup_row *row)
{
	buf_printf(arg, "%u %d %d %d %s %s %s %d %d %d %lld %lld %lld\n",
	    row->asn, row->family, row->port, row->day, row->prefix, row->agent,
	    row->endpoint, (int)row->outcome, (int)row->mechanism,
	    (int)row->where, (long long)row->count, (long long)row->first_ms,
	    (long long)row->last_ms);
	return 0;
}

static int append_row(void *arg, const struct measurement *row)
{
	struct buf *out = arg;

	buf_printf(out, "%s %lld %s %u\n", row->id, (long long)row->at_ms,
	    row->endpoint, row->asn);
	return 0;
}

/* All that there is to read, as text. */
static void describe(struct store *store, struct buf *out)
{
	struct store_page page = {.limit = 10000};
	struct row_filter filter;
	struct store_totals totals;
	struct network_info network;
	struct err err;
	uint32_t asn;

	stored_keep_up(store);
	row_filter_init(&filter);
	assert_int_equal(
	    store_measurements(store, &filter, &page, append_row, out, &err),
	    0);
	assert_int_equal(
	    store_rollups(store, &filter, NULL, append_rollup, out, &err), 0);
	assert_int_equal(store_totals(store, &totals, &err), 0);
	buf_printf(out, "%lld %lld %lld %lld %lld %lld\n",
	    (long long)totals.reports, (long long)totals.measurements,
	    (long long)totals.agents, (long long)totals.networks,
	    (long long)totals.first_ms, (long long)totals.last_ms);
	for (asn = 64500; asn < 64504; asn++) {
		assert_int_equal(store_network(store, asn, &network, &err), 0);
		buf_printf(out, "%s %s\n", network.name, network.country);
	}
}

static void shuffle(struct measurement *rows, size_t count)
{
	struct measurement swap;
	size_t i, other;

	for (i = count - 1; i > 0; i--) {
		other = (size_t)rand() % (i + 1);
		swap = rows[i];
		rows[i] = rows[other];
		rows[other] = swap;
	}
}

/* Row by row in any order, each twice, with other rows of its report before
 * and after: all as if the reports had come whole. */
static void imported(void **state)
{
	struct measurement rows[REPORTS][ROWS], *all = rows[0];
	struct store *store = stored_open(false);
	struct buf before = {0}, after = {0};
	int round;
	size_t i;

	(void)state;
	fill(store, rows);
	describe(store, &before);
	store_close(store);
	stored_tear_down(NULL);
	stored_set_up(NULL);
	store = stored_open(false);
	for (round = 0; round < 2; round++) {
		shuffle(all, (size_t)reports * ROWS);
		for (i = 0; i < (size_t)reports * ROWS; i++)
			write_rows(store, "", all + i, 1);
	}
	describe(store, &after);
	assert_string_equal(after.data, before.data);
	store_close(store);
	buf_free(&before);
	buf_free(&after);
}

/* A row twice in one import counts once, the first of them. */
static void twice_at_once(void **state)
{
	struct store *store = stored_open(false);
	struct measurement rows[2] = {
	    stored_row(1, 5, 25), stored_row(1, 5, 587)};
	struct stored_seen seen;

	(void)state;
	write_rows(store, "", rows, 2);
	stored_roll(store, &seen);
	assert_int_equal(seen.total, 1);
	assert_int_equal(seen.rollup.port, 25);
	store_close(store);
}

static const struct id_row {
	const char *name, *report, *row;
} id_rows[] = {
    {"a report id that is no UUID is refused", "r1", "r1:0"},
    {"a report id without its dashes is refused",
	"01930000000070008000000000000001----",
	"01930000000070008000000000000001----:0"},
    {"a row of another report is refused",
	"01930000-0000-7000-8000-000000000001",
	"01930000-0000-7000-8000-000000000002:0"},
    {"a row without a number is refused",
	"01930000-0000-7000-8000-000000000001",
	"01930000-0000-7000-8000-000000000001"},
    {"a row with a negative number is refused",
	"01930000-0000-7000-8000-000000000001",
	"01930000-0000-7000-8000-000000000001:-1"},
    {"a row with a huge number is refused",
	"01930000-0000-7000-8000-000000000001",
	"01930000-0000-7000-8000-000000000001:1000000"},
};

static void bad_id(void **state)
{
	const struct id_row *row = *state;
	struct measurement measurement = stored_row(1, 0, 25);
	struct store_report report = {.rows = &measurement, .nrows = 1};
	struct stored_seen seen;
	struct store *store;
	bool duplicate;
	struct err err;

	stored_set_up(NULL);
	store = stored_open(false);
	strcpy(report.id, row->report);
	strcpy(measurement.id, row->row);
	assert_int_equal(
	    store_write(store, &report, 1, &duplicate, &err), -EINVAL);
	assert_non_null(strstr(err.text, " is no r"));
	stored_roll(store, &seen);
	assert_int_equal(seen.count, 0);
	store_close(store);
	stored_tear_down(NULL);
}

/* --- networks --- */

static void put_named(struct store *store, int report, int64_t at_ms,
    const char *network, size_t count)
{
	struct measurement rows[5];
	size_t n;

	for (n = 0; n < count; n++) {
		rows[n] = stored_row(report, (int)n, 25);
		rows[n].at_ms = at_ms;
		strcpy(rows[n].network, network);
	}
	write_rows(store, "", rows, count);
}

static void named(void **state)
{
	static const int64_t day_ms = 86400000;
	struct store *store = stored_open(false);
	struct network_info network;
	struct err err;

	(void)state;
	put_named(store, 1, STORED_NOON, "Old name", 5);
	put_named(store, 2, STORED_NOON + day_ms, "Mistake", 1);
	put_named(store, 3, STORED_NOON + day_ms, "New name", 3);
	put_named(store, 4, STORED_NOON, "Old name", 5);
	stored_keep_up(store);
	assert_int_equal(store_network(store, 64500, &network, &err), 0);
	assert_string_equal(network.name, "New name");
	put_named(store, 5, STORED_NOON + 2 * day_ms, "Mistake", 1);
	stored_keep_up(store);
	assert_int_equal(store_network(store, 64500, &network, &err), 0);
	assert_string_equal(network.name, "Mistake");
	store_close(store);
}

#define CASE(name, run) \
	test_add_around(&list, name, run, stored_set_up, stored_tear_down)

int main(int argc, char **argv)
{
	struct test_list list = {0};

	on_cluster = stored_on_cluster(argc, argv);
	if (on_cluster)
		reports = 12;
	TEST_ROWS(&list, paged_rows, paged);
	TEST_ROWS(&list, cursor_rows, bad_cursor);
	CASE("a list by reports goes on, with each row once", goes_on);
	CASE("an import in any order, and again, gives the same", imported);
	CASE("a row twice in one import counts once", twice_at_once);
	TEST_ROWS(&list, id_rows, bad_id);
	CASE("a network has the name that most rows of its newest day had",
	    named);
	return test_run("store_pages", &list);
}
