/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/registry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"
#include "tests/support/stored.h"

/* There what an import brought and its agent sends is stored as his: it counts
 * once by its row, but is no repeat. */
static bool on_cluster;

static struct registry_agent agent_of(const char *id, uint8_t key)
{
	struct registry_agent agent = {
	    .public_key = {key}, .enrolled_ms = STORED_NOON};

	snprintf(agent.id, sizeof(agent.id), "%s", id);
	return agent;
}

static void enrol(struct store *store, const char *id, uint8_t key)
{
	struct registry_agent agent = agent_of(id, key);
	struct err err;

	assert_int_equal(registry_enrol(store, &agent, NULL, &err), 0);
}

static int change(struct store *store, const char *id, uint8_t from, uint8_t to)
{
	struct registry_agent agent = agent_of(id, from);
	uint8_t key[SIGN_PUBLIC_SIZE] = {to};
	struct err err;

	return registry_change_key(store, &agent, key, &err);
}

static uint8_t key_of(struct store *store, const char *id)
{
	struct registry_agent found;
	struct err err;

	assert_int_equal(registry_find(store, id, &found, &err), 0);
	return found.public_key[0];
}

/* --- keys --- */

/* Agents "one" with key 1 and "two" with key 2. */
static const struct key_row {
	const char *name, *agent;
	uint8_t from, to;
	bool is_revoked;
	int result;
	uint8_t counts; /* the key that counts then */
} key_rows[] = {
    {"another key counts at once", "one", 1, 3, false, 0, 3},
    {"a key that is not the agent's changes nothing", "one", 9, 3, false,
	-EACCES, 1},
    {"another agent's key changes nothing", "one", 2, 3, false, -EACCES, 1},
    {"nobody takes another agent's key", "one", 1, 2, false, -EACCES, 1},
    {"a revoked agent changes nothing", "one", 1, 3, true, -EACCES, 1},
    {"an agent that is not there changes nothing", "none", 1, 3, false, -EACCES,
	1},
};

static void key_row(void **state)
{
	const struct key_row *row = *state;
	struct store *store;
	struct err err;

	assert_int_equal(stored_set_up(NULL), 0);
	store = stored_open(false);
	enrol(store, "one", 1);
	enrol(store, "two", 2);
	if (row->is_revoked)
		assert_int_equal(
		    registry_revoke(store, "one", "p", STORED_NOON, &err), 0);
	assert_int_equal(
	    change(store, row->agent, row->from, row->to), row->result);
	assert_int_equal(key_of(store, "one"), row->counts);
	assert_int_equal(key_of(store, "two"), 2);
	store_close(store);
	assert_int_equal(stored_tear_down(NULL), 0);
}

static void old_key(void **state)
{
	struct registry_agent again = agent_of("one", 1);
	struct store *store = stored_open(false);
	struct err err;

	(void)state;
	enrol(store, "one", 1);
	assert_int_equal(change(store, "one", 1, 3), 0);
	assert_int_equal(change(store, "one", 1, 4), -EACCES);
	assert_int_equal(registry_enrol(store, &again, NULL, &err), -EACCES);
	assert_string_equal(
	    err.text, "public_key: its agent has another key by now");
	store_close(store);
	store = stored_open(true);
	assert_int_equal(key_of(store, "one"), 3);
	store_close(store);
}

/* Back and forth would let the way forth be played again. */
static void no_way_back(void **state)
{
	struct registry_agent again = agent_of("another-name", 3);
	struct store *store = stored_open(false);
	struct err err;

	(void)state;
	enrol(store, "one", 1);
	enrol(store, "two", 2);
	assert_int_equal(change(store, "one", 1, 3), 0);
	assert_int_equal(change(store, "one", 3, 4), 0);
	assert_int_equal(change(store, "one", 4, 3), -EACCES);
	assert_int_equal(change(store, "one", 4, 1), -EACCES);
	assert_int_equal(change(store, "two", 2, 3), -EACCES);
	assert_int_equal(registry_enrol(store, &again, NULL, &err), -EACCES);
	assert_int_equal(key_of(store, "one"), 4);
	store_close(store);
}

static void new_key(void **state)
{
	struct registry_agent again = agent_of("another-name", 3);
	struct store *store = stored_open(false);
	struct err err;

	(void)state;
	enrol(store, "one", 1);
	assert_int_equal(change(store, "one", 1, 3), 0);
	assert_int_equal(registry_enrol(store, &again, NULL, &err), 0);
	assert_string_equal(again.id, "one");
	store_close(store);
}

static void revoked_key(void **state)
{
	struct registry_agent again = agent_of("one", 1);
	struct store *store = stored_open(false);
	struct err err;

	(void)state;
	enrol(store, "one", 1);
	assert_int_equal(
	    registry_revoke(store, "one", "p", STORED_NOON, &err), 0);
	assert_int_equal(registry_enrol(store, &again, NULL, &err), -EACCES);
	assert_string_equal(err.text, "public_key: its agent is revoked");
	store_close(store);
}

/* --- what a revoked agent said --- */

/* Reports whose number is even are those of "bad", who is called "bad". */
static int put(struct store *store, int number)
{
	struct measurement rows[] = {
	    stored_row(number, 0, 443), stored_row(number, 1, 25)};
	struct store_report report = {
	    .received_ms = STORED_NOON, .rows = rows, .nrows = 2};
	const char *who = number % 2 == 0 ? "bad" : "good";
	bool duplicate;
	struct err err;

	snprintf(report.id, sizeof(report.id), "%.36s", rows[0].id);
	snprintf(report.agent_id, sizeof(report.agent_id), "%s", who);
	snprintf(rows[0].agent, sizeof(rows[0].agent), "%s", who);
	snprintf(rows[1].agent, sizeof(rows[1].agent), "%s", who);
	return store_write(store, &report, 1, &duplicate, &err);
}

static size_t listed(struct store *store, bool newest_first, size_t limit)
{
	struct store_page page = {.limit = limit, .newest_first = newest_first};
	struct row_filter filter;
	struct stored_seen seen;
	size_t count = 0;

	row_filter_init(&filter);
	do {
		stored_list(store, &filter, &page, &seen);
		count += seen.count;
		if (seen.count > 0)
			assert_string_equal(seen.last.agent, "good");
	} while (page.cursor[0] != '\0');
	return count;
}

static int see_day(void *arg, const struct vantage *vantage)
{
	char *log = arg;

	snprintf(log + strlen(log), 100 - strlen(log), "%s/%ld ",
	    vantage->agent, (long)vantage->first_day - STORED_NOON / 86400000);
	return 0;
}

/* Who was there on which day, beside the day of STORED_NOON. */
static void expect_days(struct store *store, const char *expected)
{
	char log[100] = "";
	struct err err;

	assert_int_equal(store_first_days(store, see_day, log, &err), 0);
	assert_string_equal(log, expected);
}

static void nothing_counts(void **state)
{
	struct store *store = stored_open(false);
	struct store_totals totals;
	struct stored_seen seen;
	struct err err;
	int i;

	(void)state;
	enrol(store, "good", 1);
	enrol(store, "bad", 2);
	for (i = 0; i < 10; i++)
		assert_int_equal(put(store, i), 0);
	stored_roll(store, &seen);
	assert_int_equal(seen.total, 10);
	expect_days(store, "bad/0 good/0 ");
	assert_int_equal(
	    registry_revoke(store, "bad", "bad", STORED_NOON, &err), 0);
	/* One that was on its way. */
	assert_int_equal(put(store, 10), 0);
	stored_roll(store, &seen);
	assert_int_equal(seen.total, 5);
	assert_string_equal(seen.rollup.agent, "good");
	expect_days(store, "good/0 ");
	assert_int_equal(store_totals(store, &totals, &err), 0);
	assert_int_equal(totals.agents, 1);
	for (i = 1; i < 12; i++) {
		assert_int_equal(listed(store, false, (size_t)i), 10);
		assert_int_equal(listed(store, true, (size_t)i), 10);
	}
	store_close(store);
}

static void cursor_inside(void **state)
{
	struct store_page page = {.limit = 1};
	struct store *store = stored_open(false);
	struct row_filter filter;
	struct stored_seen seen;
	struct err err;
	int i;

	(void)state;
	row_filter_init(&filter);
	enrol(store, "good", 1);
	enrol(store, "bad", 2);
	for (i = 0; i < 2; i++)
		assert_int_equal(put(store, i), 0);
	stored_list(store, &filter, &page, &seen);
	assert_string_equal(seen.last.agent, "bad");
	assert_int_equal(
	    registry_revoke(store, "bad", "bad", STORED_NOON, &err), 0);
	page.limit = 10;
	stored_list(store, &filter, &page, &seen);
	assert_int_equal(seen.count, 2);
	assert_string_equal(seen.last.agent, "good");
	store_close(store);
}

/* --- reports' ids --- */

static const struct id_row {
	const char *name, *first, *second; /* who sends the id; "": an import */
	int result;
	bool is_duplicate;
} id_rows[] = {
    {"a report again is a repeat", "good", "good", 0, true},
    {"an id that is another agent's is refused", "good", "bad", -EEXIST, false},
    {"a report that was imported before is a repeat", "", "good", 0, true},
    {"an import of what was reported is a repeat", "good", "", 0, true},
};

static void id_row(void **state)
{
	const struct id_row *row = *state;
	struct measurement rows[2];
	struct store_report reports[2] = {{{0}}};
	bool duplicates[2] = {false};
	struct store *store;
	struct err err;

	assert_int_equal(stored_set_up(NULL), 0);
	store = stored_open(false);
	enrol(store, "good", 1);
	enrol(store, "bad", 2);
	rows[0] = rows[1] = stored_row(1, 0, 25);
	if (strcmp(row->second, "bad") == 0)
		strcpy(rows[1].agent, "00000000000000bb");
	reports[0].rows = &rows[0];
	reports[1].rows = &rows[1];
	reports[0].nrows = reports[1].nrows = 1;
	snprintf(
	    reports[0].agent_id, sizeof(reports[0].agent_id), "%s", row->first);
	snprintf(reports[1].agent_id, sizeof(reports[1].agent_id), "%s",
	    row->second);
	snprintf(reports[0].id, sizeof(reports[0].id), "%.36s", rows[0].id);
	memcpy(reports[1].id, reports[0].id, sizeof(reports[0].id));
	assert_int_equal(
	    store_write(store, &reports[0], 1, duplicates, &err), 0);
	assert_int_equal(
	    store_write(store, &reports[1], 1, &duplicates[1], &err),
	    row->result);
	assert_int_equal(duplicates[1],
	    row->is_duplicate && !(on_cluster && row->first[0] == '\0'));
	store_close(store);
	assert_int_equal(stored_tear_down(NULL), 0);
}

/* What an import brought of a revoked agent goes as well. */
static void revoked_import(void **state)
{
	struct measurement rows[2] = {
	    stored_row(1, 0, 25), stored_row(1, 1, 25)};
	struct store_report report = {.rows = rows, .nrows = 2};
	struct store *store = stored_open(false);
	struct store_page page = {.limit = 10};
	struct stored_seen seen;
	struct row_filter filter;
	bool duplicate;
	struct err err;

	(void)state;
	enrol(store, "bad", 1);
	strcpy(rows[0].agent, "00000000000000bb");
	snprintf(report.id, sizeof(report.id), "%.36s", rows[0].id);
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	row_filter_init(&filter);
	stored_list(store, &filter, &page, &seen);
	assert_int_equal(seen.count, 2);
	assert_int_equal(
	    registry_revoke(store, "bad", "00000000000000bb", 1, &err), 0);
	stored_list(store, &filter, &page, &seen);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.last.agent, rows[1].agent);
	stored_roll(store, &seen);
	assert_int_equal(seen.total, 1);
	store_close(store);
}

static void secrets(void **state)
{
	const uint8_t first[REGISTRY_FINGERPRINT_BYTES] = {1};
	const uint8_t other[REGISTRY_FINGERPRINT_BYTES] = {2};
	struct store *store = stored_open(false);
	struct err err;

	(void)state;
	assert_int_equal(registry_has_secret(store, &err), 0);
	assert_int_equal(registry_bind_secret(store, first, &err), 0);
	assert_int_equal(registry_has_secret(store, &err), 1);
	assert_int_equal(registry_bind_secret(store, first, &err), 0);
	assert_int_equal(registry_bind_secret(store, other, &err), -EACCES);
	assert_non_null(strstr(err.text, "goes with another secret"));
	assert_int_equal(registry_bind_secret(store, first, &err), 0);
	store_close(store);
}

static void agents_have_a_secret(void **state)
{
	struct store *store = stored_open(false);
	struct err err;

	(void)state;
	enrol(store, "good", 1);
	assert_int_equal(registry_has_secret(store, &err), 1);
	store_close(store);
}

/* In one transaction: "bad" says what "good" said, between two new ones. */
static void stolen_id(void **state)
{
	struct measurement rows[3] = {
	    stored_row(1, 0, 25), stored_row(3, 0, 25), stored_row(5, 0, 25)};
	bool duplicate[3] = {false}, refused[3] = {false};
	const struct store_flags flags = {duplicate, refused};
	struct store_report reports[3] = {{{0}}};
	struct store *store = stored_open(false);
	struct store_totals totals;
	struct err err;
	size_t i;

	(void)state;
	enrol(store, "good", 1);
	enrol(store, "bad", 2);
	assert_int_equal(put(store, 7), 0);
	for (i = 0; i < 3; i++) {
		reports[i].rows = &rows[i];
		reports[i].nrows = 1;
		snprintf(
		    reports[i].id, sizeof(reports[i].id), "%.36s", rows[i].id);
		strcpy(reports[i].agent_id, i == 1 ? "bad" : "good");
		strcpy(rows[i].agent,
		    i == 1 ? "00000000000000bb" : "00000000000000aa");
	}
	assert_int_equal(store_write(store, reports, 1, duplicate, &err), 0);
	memcpy(reports[1].id, reports[0].id, sizeof(reports[0].id));
	memcpy(rows[1].id, rows[0].id, sizeof(rows[0].id));
	assert_int_equal(
	    store_write(store, reports, 3, duplicate, &err), -EEXIST);
	assert_int_equal(store_write_valid(store, reports, 3, &flags, &err), 0);
	assert_true(duplicate[0] && !duplicate[1] && !duplicate[2]);
	assert_true(!refused[0] && refused[1] && !refused[2]);
	stored_keep_up(store);
	assert_int_equal(store_totals(store, &totals, &err), 0);
	assert_int_equal(totals.reports, 3);
	assert_int_equal(totals.measurements, 4);
	store_close(store);
}

#define ADD(name, run) \
	test_add_around(&list, name, run, stored_set_up, stored_tear_down)

int main(int argc, char **argv)
{
	struct test_list list = {0};

	on_cluster = stored_on_cluster(argc, argv);
	TEST_ROWS(&list, key_rows, key_row);
	ADD("a key that was replaced neither counts nor enrols", old_key);
	ADD("a key that was changed never comes back, for nobody", no_way_back);
	ADD("enrolling with the new key is the agent that was", new_key);
	ADD("a revoked agent's key does not enrol", revoked_key);
	ADD("nothing that a revoked agent said is listed or counted",
	    nothing_counts);
	ADD("a page may go on behind a report that is revoked since",
	    cursor_inside);
	TEST_ROWS(&list, id_rows, id_row);
	ADD("a revoked agent's imported rows go", revoked_import);
	ADD("a store goes with one secret", secrets);
	ADD("where agents are enrolled there is a secret",
	    agents_have_a_secret);
	ADD("a stolen id holds up none of the reports beside it", stolen_id);
	return test_run("registry", &list);
}
