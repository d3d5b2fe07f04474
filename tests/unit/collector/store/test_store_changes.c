/* SPDX-License-Identifier: Apache-2.0 */

/* What a store says has changed since the last look. */

#include "collector/store/store_changes.h"

#include <stdio.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_move.h"
#include "collector/store/registry.h"
#include "tests/support/rows.h"
#include "tests/support/stored.h"

#define TODAY ((int32_t)(STORED_NOON / DAY_MS))

/* One look, as words: "all", or " AGENT" and " ASN:DAY (n)" with the number of
 * rows that followed; days are counted from today. */
struct look {
	struct store_changes changes;
	char text[1000];
	int rows;
};

static void say(struct look *look, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct look *look, const char *format, ...)
{
	size_t length = strlen(look->text);
	va_list args;

	va_start(args, format);
	vsnprintf(
	    look->text + length, sizeof(look->text) - length, format, args);
	va_end(args);
}

static void say_rows(struct look *look)
{
	if (look->rows > 0)
		say(look, " (%d)", look->rows);
	look->rows = 0;
}

static int begin(void *arg, bool is_all)
{
	say(arg, is_all ? "all" : "");
	return 0;
}

static int see_vantage(void *arg, const struct vantage *vantage)
{
	say(arg, " %s", vantage->agent + 14);
	return 0;
}

static int see_network(
    void *arg, const struct rollup_row *network, int32_t from_day)
{
	say_rows(arg);
	say(arg, " %u:%d", network->asn, from_day - TODAY);
	return 0;
}

static int see_row(void *arg, const struct rollup_row *row)
{
	(void)row;
	((struct look *)arg)->rows++;
	return 0;
}

static const char *look_at(struct store *store, struct look *look)
{
	const struct store_changes_visit visit = {
	    .begin = begin,
	    .vantage = see_vantage,
	    .network = see_network,
	    .row = see_row,
	    .arg = look,
	};
	struct err err = {""};

	look->text[0] = '\0';
	look->changes.since_day = TODAY - 29;
	look->changes.now_ms = STORED_NOON;
	stored_keep_up(store);
	look->changes.visit = &visit;
	if (store_changes(store, &look->changes, &err) < 0)
		fail_msg("%s", err.text);
	say_rows(look);
	return look->text;
}

/* Received so long ago, by the clock of who received it. */
static int64_t ago_ms;

static void put(
    struct store *store, int number, uint32_t asn, int day, const char *agent)
{
	struct measurement row = stored_row(number, 0, 25);
	struct store_report report = {
	    .received_ms = STORED_NOON - ago_ms, .rows = &row, .nrows = 1};
	struct err err = {""};
	bool duplicate;

	row.at_ms += day * DAY_MS;
	row.asn = asn;
	snprintf(row.agent, sizeof(row.agent), "00000000000000%s", agent);
	snprintf(row.endpoint, sizeof(row.endpoint), "mx%d", number);
	snprintf(report.id, sizeof(report.id), "%.36s", row.id);
	if (store_write(store, &report, 1, &duplicate, &err) < 0)
		fail_msg("%s", err.text);
}

static void networks(void **state)
{
	struct store *store = stored_open(false);
	struct look look = {0};

	(void)state;
	assert_string_equal(look_at(store, &look), "all");
	put(store, 1, 64500, 0, "aa");
	put(store, 2, 64500, -3, "bb");
	put(store, 3, 64501, -1, "cc");
	assert_string_equal(
	    look_at(store, &look), " aa bb cc 64500:-3 (2) 64501:-1 (1)");
	store_close(store);
}

static void before_window(void **state)
{
	struct store *store = stored_open(false);
	struct look look = {0};

	(void)state;
	look_at(store, &look);
	put(store, 1, 64500, -40, "aa");
	assert_string_equal(look_at(store, &look), " aa 64500:-29");
	store_close(store);
}

/* Nobody waits for another clock to get there. */
static void far_behind(void **state)
{
	struct store *store = stored_open(false);
	struct look look = {0};

	(void)state;
	put(store, 1, 64500, 0, "aa");
	assert_string_equal(look_at(store, &look), "all aa (1)");
	ago_ms = 5 * HOUR_MS;
	put(store, 2, 64501, -12, "bb");
	ago_ms = -5 * HOUR_MS;
	put(store, 3, 64502, -6, "cc");
	ago_ms = 0;
	look_at(store, &look);
	assert_non_null(strstr(look.text, " bb"));
	assert_non_null(strstr(look.text, " cc"));
	assert_non_null(strstr(look.text, " 64501:-12 (1) 64502:-6 (1)"));
	store_close(store);
}

/* Two collectors know another network of a report; it counts in one. */
static void superseded(void **state)
{
	struct store *store = stored_open(false);
	struct measurement row = stored_row(1, 0, 25);
	struct store_report report = {
	    .received_ms = STORED_NOON, .rows = &row, .nrows = 1};
	struct move_batch batch = {.reports = &report, .nreports = 1};
	struct look look = {0};
	struct err err = {""};
	int64_t stored = 0;
	uint32_t asn;

	(void)state;
	put(store, 1, 64500, 0, "aa");
	look_at(store, &look);
	snprintf(report.id, sizeof(report.id), "%.36s", row.id);
	for (asn = 64501; asn < 64504; asn++) {
		row.asn = asn;
		assert_int_equal(
		    clickhouse_move_reports(store, &batch, true, &stored, &err),
		    0);
	}
	look_at(store, &look);
	assert_non_null(strstr(look.text, " aa 64500:0"));
	for (asn = 64501; asn < 64504; asn++) {
		char network[20];

		snprintf(network, sizeof(network), " %u:0", asn);
		assert_non_null(strstr(look.text, network));
	}
	assert_non_null(strstr(look.text, " (1)"));
	assert_null(strstr(strstr(look.text, " (1)") + 1, " (1)"));
	store_close(store);
}

/* A cluster tells what came within minutes again. */
static void nothing_new(void **state)
{
	struct store *store = stored_open(false);
	struct look look = {0};

	(void)state;
	put(store, 1, 64500, 0, "aa");
	assert_string_equal(look_at(store, &look), "all aa (1)");
	if (look.changes.mark.is_exact) {
		assert_string_equal(look_at(store, &look), "");
		put(store, 1, 64500, 0, "aa"); /* once more */
		assert_string_equal(look_at(store, &look), "");
	}
	put(store, 2, 64500, 0, "aa");
	assert_string_equal(look_at(store, &look), " aa 64500:0 (2)");
	store_close(store);
}

static void revoked(void **state)
{
	struct store *store = stored_open(false);
	struct registry_agent agent = {
	    .id = "one", .public_key = {1}, .enrolled_ms = STORED_NOON};
	struct look look = {0};
	struct err err = {""};

	(void)state;
	put(store, 1, 64500, 0, "aa");
	put(store, 2, 64500, 0, "bb");
	assert_int_equal(registry_enrol(store, &agent, NULL, &err), 0);
	assert_string_equal(look_at(store, &look), "all aa bb (2)");
	assert_int_equal(registry_revoke(store, "one", "00000000000000bb",
			     STORED_NOON, &err),
	    0);
	assert_string_equal(look_at(store, &look), "all aa (1)");
	store_close(store);
}

/* More than an engine keeps notes of. */
static void long_ago(void **state)
{
	struct store *store = stored_open(false);
	struct look look = {0};

	(void)state;
	put(store, 1, 64500, 0, "aa");
	look_at(store, &look);
	look.changes.mark.at += 1000000;
	assert_string_equal(look_at(store, &look), "all aa (1)");
	store_close(store);
}

int main(int argc, char **argv)
{
	struct test_list list = {0};
	bool on_cluster = stored_on_cluster(argc, argv);

	test_add_around(&list, "networks with their earliest changed day",
	    networks, stored_set_up, stored_tear_down);
	test_add_around(&list, "what is there already is nothing new",
	    nothing_new, stored_set_up, stored_tear_down);
	test_add_around(&list, "after a revocation all follows", revoked,
	    stored_set_up, stored_tear_down);
	test_add_around(&list, "an agent with rows before the window",
	    before_window, stored_set_up, stored_tear_down);
	test_add_around(&list, "rows from a clock that is far behind",
	    far_behind, stored_set_up, stored_tear_down);
	if (on_cluster)
		test_add_around(&list,
		    "a copy that counts no more, and the one that does",
		    superseded, stored_set_up, stored_tear_down);
	if (!on_cluster)
		test_add_around(&list, "a mark of another database", long_ago,
		    stored_set_up, stored_tear_down);
	return test_run("store_changes", &list);
}
