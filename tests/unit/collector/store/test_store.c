/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/store.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/store/registry.h"
#include "tests/support/rows.h"
#include "tests/support/stored.h"

static int put(struct store *store, int number, bool *duplicate)
{
	struct err err;
	int error = stored_put(store, number, duplicate, &err);

	if (error < 0)
		print_message("%s\n", err.text);
	return error;
}

static struct stored_seen list(struct store *store,
    const struct row_filter *filter, struct store_page *page)
{
	struct stored_seen seen;

	stored_list(store, filter, page, &seen);
	return seen;
}

static struct stored_seen roll(struct store *store)
{
	struct stored_seen seen;

	stored_roll(store, &seen);
	return seen;
}

static void as_it_was(void **state)
{
	struct store *store = stored_open(false);
	struct measurement row = stored_row(1, 1, 25);
	struct store_page page = {.limit = 10};
	struct row_filter filter;
	struct stored_seen seen;
	bool duplicate;

	(void)state;
	row_filter_init(&filter);
	assert_int_equal(put(store, 1, &duplicate), 0);
	assert_false(duplicate);
	seen = list(store, &filter, &page);
	assert_int_equal(seen.count, 2);
	assert_memory_equal(&seen.last, &row, sizeof(row));
	assert_string_equal(page.cursor, "");
	seen = roll(store);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.rollup.count, 1);
	assert_int_equal(seen.rollup.day, STORED_NOON / 86400000);
	assert_string_equal(seen.rollup.prefix, row.prefix);
	assert_int_equal(seen.rollup.mechanism, MECHANISM_DROP);
	assert_int_equal(seen.rollup.where, WHERE_PATH);
	store_close(store);
}

static void repeated(void **state)
{
	struct store *store = stored_open(false);
	bool duplicate;

	(void)state;
	put(store, 1, &duplicate);
	assert_int_equal(put(store, 1, &duplicate), 0);
	assert_true(duplicate);
	assert_int_equal(roll(store).total, 1);
	put(store, 2, &duplicate);
	assert_false(duplicate);
	assert_int_equal(roll(store).total, 2);
	store_close(store);
	store = stored_open(false);
	put(store, 2, &duplicate);
	assert_true(duplicate);
	assert_int_equal(roll(store).total, 2);
	store_close(store);
}

static void twice_in_a_batch(void **state)
{
	struct store *store = stored_open(false);
	struct measurement row = stored_row(1, 0, 25);
	struct store_report reports[2] = {
	    {.agent_id = "agent", .rows = &row, .nrows = 1},
	    {.agent_id = "agent", .rows = &row, .nrows = 1},
	};
	bool duplicates[2];
	struct err err;

	(void)state;
	memcpy(reports[0].id, row.id, 36);
	memcpy(reports[1].id, row.id, 36);
	assert_int_equal(store_write(store, reports, 2, duplicates, &err), 0);
	assert_false(duplicates[0]);
	assert_true(duplicates[1]);
	assert_int_equal(roll(store).total, 1);
	store_close(store);
}

/* One report of a batch that cannot be stored: nothing of the batch is, and
 * the store goes on. */
static void whole_or_not(void **state)
{
	struct store *store = stored_open(false);
	struct measurement row = stored_row(1, 0, 25);
	struct store_report reports[2] = {
	    {.agent_id = "agent", .rows = &row, .nrows = 1},
	    {.id = "nonsense", .agent_id = "agent"},
	};
	bool duplicates[2], duplicate;
	struct err err;

	(void)state;
	memcpy(reports[0].id, row.id, 36);
	assert_true(store_write(store, reports, 2, duplicates, &err) < 0);
	assert_string_equal(err.text, "\"nonsense\" is no report id");
	assert_int_equal(roll(store).total, 0);
	assert_int_equal(put(store, 1, &duplicate), 0);
	assert_false(duplicate);
	assert_int_equal(roll(store).total, 1);
	store_close(store);
}

static void convict_nobody(void **state)
{
	struct store *store = stored_open(false);
	struct measurement rows[3] = {
	    stored_row(1, 0, 25), stored_row(1, 1, 587), stored_row(1, 2, 443)};
	struct store_report report = {
	    .agent_id = "agent", .rows = rows, .nrows = 3};
	struct store_totals totals;
	bool duplicate;
	struct err err;

	(void)state;
	memcpy(report.id, rows[0].id, 36);
	rows[0].attributed = false;
	rows[1].asn = 0;
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	assert_int_equal(roll(store).count, 0);
	assert_int_equal(store_totals(store, &totals, &err), 0);
	assert_int_equal(totals.measurements, 3);
	assert_int_equal(totals.reports, 1);
	store_close(store);
}

/* An agent's inventions are kept, as evidence against it, and go nowhere. */
static void not_listed(void **state)
{
	struct store *store = stored_open(false);
	struct measurement rows[] = {
	    stored_row(1, 0, 25), stored_row(1, 1, 587), stored_row(1, 2, 443)};
	struct store_report report = {
	    .agent_id = "agent", .rows = rows, .nrows = 3};
	struct store_page page = {.limit = 10};
	struct store_totals totals;
	struct network_info network;
	struct stored_seen seen;
	struct row_filter filter;
	bool duplicate;
	struct err err;

	(void)state;
	memcpy(report.id, rows[0].id, 36);
	rows[0].listed = false;
	rows[1].listed = false;
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	assert_int_equal(roll(store).count, 0);
	row_filter_init(&filter);
	stored_list(store, &filter, &page, &seen);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.last.port, 443);
	assert_int_equal(store_totals(store, &totals, &err), 0);
	assert_int_equal(totals.measurements, 1);
	assert_int_equal(totals.agents, 0);
	assert_int_equal(totals.networks, 0);
	assert_int_equal(store_network(store, 64500, &network, &err), -ENOENT);
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	assert_true(duplicate);
	store_close(store);
}

/* An import brought the first of nine rows, with all that an export has. */
static void import_then_agent(void **state)
{
	struct store *store = stored_open(false);
	struct measurement rows[9];
	struct store_report report = {.rows = rows, .nrows = 4};
	struct store_page page = {.limit = 20};
	struct store_totals totals;
	struct stored_seen seen;
	struct row_filter filter;
	bool duplicate;
	struct err err;
	int i;

	(void)state;
	for (i = 0; i < 9; i++)
		rows[i] = stored_row(1, i, 25);
	memcpy(report.id, rows[0].id, 36);
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	report.nrows = 9;
	strcpy(report.agent_id, "agent");
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	assert_false(duplicate);
	row_filter_init(&filter);
	stored_list(store, &filter, &page, &seen);
	assert_int_equal(seen.count, 9);
	assert_int_equal(roll(store).total, 9);
	assert_int_equal(store_totals(store, &totals, &err), 0);
	assert_int_equal(totals.measurements, 9);
	assert_int_equal(totals.reports, 1);
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	assert_true(duplicate);
	report.digest[0] = 1;
	assert_int_equal(
	    store_write(store, &report, 1, &duplicate, &err), -EEXIST);
	store_close(store);
}

static void other_content(void **state)
{
	struct store *store = stored_open(false);
	struct registry_agent agents[2] = {{.id = "first", .public_key = {1}},
	    {.id = "second", .public_key = {2}}};
	struct measurement row = stored_row(1, 0, 25);
	struct store_report report = {.rows = &row, .nrows = 1};
	bool duplicate, refused = false;
	const struct store_flags flags = {&duplicate, &refused};
	struct err err;
	int i;

	(void)state;
	for (i = 0; i < 2; i++)
		assert_int_equal(
		    registry_enrol(store, &agents[i], NULL, &err), 0);
	memcpy(report.id, row.id, 36);
	strcpy(report.agent_id, "first");
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	report.digest[STORE_DIGEST_BYTES - 1] = 1;
	assert_int_equal(
	    store_write(store, &report, 1, &duplicate, &err), -EEXIST);
	assert_string_equal(err.text,
	    "report: 01930000-0000-7000-8000-000000000001 is stored with other "
	    "content");
	assert_int_equal(store_write_valid(store, &report, 1, &flags, &err), 0);
	assert_true(refused && !duplicate);
	report.digest[STORE_DIGEST_BYTES - 1] = 0;
	strcpy(report.agent_id, "second");
	strcpy(row.agent, "00000000000000bb");
	assert_int_equal(
	    store_write(store, &report, 1, &duplicate, &err), -EEXIST);
	assert_non_null(strstr(err.text, "is another agent's report"));
	assert_int_equal(roll(store).total, 1);
	store_close(store);
}

static void too_long(void **state)
{
	struct store *store = stored_open(false);
	struct measurement rows[2] = {
	    stored_row(1, 0, 25), stored_row(1, 1, 25)};
	struct store_report report = {.rows = rows, .nrows = 2};
	bool duplicate;
	struct err err;

	(void)state;
	memcpy(report.id, rows[0].id, 36);
	rows[1].at_ms -= STORE_SPAN_MAX_MS + 1;
	strcpy(report.agent_id, "agent");
	assert_int_equal(
	    store_write(store, &report, 1, &duplicate, &err), -EINVAL);
	assert_non_null(strstr(err.text, "span over a day"));
	rows[1].at_ms++;
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	store_close(store);
}

/* Imports are trusted. */
static void long_import(void **state)
{
	struct store *store = stored_open(false);
	struct measurement rows[2] = {
	    stored_row(1, 0, 25), stored_row(1, 1, 25)};
	struct store_report report = {.rows = rows, .nrows = 2};
	bool duplicate;
	struct err err;

	(void)state;
	memcpy(report.id, rows[0].id, 36);
	rows[1].at_ms -= 300 * STORE_SPAN_MAX_MS;
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	assert_int_equal(roll(store).total, 2);
	store_close(store);
}

/* An agent's rollups are one row each, which is counted up in place, and no
 * more of them than SQLITE_ROLLUPS_MAX a day. */
static void in_place(void **state)
{
	struct store *store = stored_open(false);
	struct measurement row = stored_row(1, 0, 25);
	struct store_report report = {.rows = &row, .nrows = 1};
	bool duplicate;
	struct err err;
	sqlite3 *db;
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		row = stored_row(i, 0, 25);
		memcpy(report.id, row.id, 36);
		assert_int_equal(
		    store_write(store, &report, 1, &duplicate, &err), 0);
	}
	assert_int_equal(roll(store).count, 1);
	assert_int_equal(roll(store).total, 5);
	assert_int_equal(
	    sqlite3_open(stored_settings(false).path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE allowance SET taken = 65536",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	for (i = 5; i < 7; i++) {
		row = stored_row(i, 0, 25);
		memcpy(report.id, row.id, 36);
		if (i == 6)
			strcpy(row.endpoint, "mx2");
		assert_int_equal(
		    store_write(store, &report, 1, &duplicate, &err), 0);
	}
	assert_int_equal(roll(store).count, 1);
	assert_int_equal(roll(store).total, 6);
	store_close(store);
}

/* Imports are idempotent by row, not by report. */
static void import_rows(void **state)
{
	struct store *store = stored_open(false);
	struct measurement rows[2] = {
	    stored_row(1, 0, 25), stored_row(1, 1, 587)};
	struct store_report report = {.rows = rows, .nrows = 1};
	bool duplicate;
	struct err err;

	(void)state;
	memcpy(report.id, rows[0].id, 36);
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	assert_false(duplicate);
	report.nrows = 2;
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	assert_false(duplicate);
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	assert_true(duplicate);
	assert_int_equal(roll(store).total, 2);
	store_close(store);
}

static const struct filter_row {
	const char *name;
	struct row_filter filter;
	bool newest_first;
	const char *ids;
} filter_rows[] = {
    {"oldest first", {.outcome = -1}, false, " 0001:0 0001:1 0002:0 0002:1"},
    {"newest first", {.outcome = -1}, true, " 0002:1 0002:0 0001:1 0001:0"},
    {"one port", {.outcome = -1, .port = 25}, false, " 0001:1 0002:1"},
    {"one outcome", {.outcome = OUTCOME_FILTERED}, false, " 0001:1 0002:1"},
    {"an outcome that never was", {.outcome = OUTCOME_LOCAL}, false, ""},
    {"one network", {.outcome = -1, .has_asn = true, .asn = 64500}, false,
	" 0001:0 0001:1 0002:0 0002:1"},
    {"another network", {.outcome = -1, .has_asn = true, .asn = 1}, false, ""},
    {"a country", {.outcome = -1, .country = "DE"}, false,
	" 0001:0 0001:1 0002:0 0002:1"},
    {"another country", {.outcome = -1, .country = "FR"}, false, ""},
    {"since is included", {.outcome = -1, .since_ms = STORED_NOON + 2000},
	false, " 0002:0 0002:1"},
    {"until is not", {.outcome = -1, .until_ms = STORED_NOON + 2000}, false,
	" 0001:0 0001:1"},
    {"the other family", {.outcome = -1, .family = 6}, false, ""},
};

static void filtered(void **state)
{
	const struct filter_row *row = *state;
	struct store_page page = {
	    .limit = 10, .newest_first = row->newest_first};
	struct store *store;
	bool duplicate;

	stored_set_up(NULL);
	store = stored_open(false);
	put(store, 1, &duplicate);
	put(store, 2, &duplicate);
	assert_string_equal(list(store, &row->filter, &page).ids, row->ids);
	store_close(store);
	stored_tear_down(NULL);
}

static void by_pages(void **state)
{
	struct store *store = stored_open(false);
	struct store_page page = {.limit = 3};
	struct row_filter filter;
	bool duplicate;
	struct err err;

	(void)state;
	row_filter_init(&filter);
	put(store, 1, &duplicate);
	put(store, 2, &duplicate);
	assert_string_equal(
	    list(store, &filter, &page).ids, " 0001:0 0001:1 0002:0");
	assert_true(page.cursor[0] != '\0');
	put(store, 3, &duplicate);
	assert_string_equal(
	    list(store, &filter, &page).ids, " 0002:1 0003:0 0003:1");
	assert_string_equal(page.cursor, "");
	strcpy(page.cursor, "1.2;drop");
	assert_int_equal(
	    store_measurements(store, &filter, &page, NULL, NULL, &err),
	    -EINVAL);
	assert_string_equal(err.text, "\"1.2;drop\" is no cursor of ours");
	store_close(store);
}

static void reader_sees(void **state)
{
	struct store *writer = stored_open(false), *reader = stored_open(true);
	struct store_page page = {.limit = 10};
	struct row_filter filter;
	static const struct annotation known = {
	    ANNOTATION_OBJECTION, STORED_NOON, "noc@example.net", "known"};
	struct network_info network;
	bool duplicate;
	struct err err;

	(void)state;
	row_filter_init(&filter);
	put(writer, 1, &duplicate);
	assert_int_equal(list(reader, &filter, &page).count, 2);
	assert_int_equal(roll(reader).total, 1);
	assert_int_equal(store_network(reader, 64500, &network, &err), 0);
	assert_string_equal(network.name, "Example");
	assert_string_equal(network.country, "DE");
	assert_int_equal(store_network(reader, 1, &network, &err), -ENOENT);
	assert_int_equal(put(reader, 2, &duplicate), -EROFS);
	assert_int_equal(store_annotate(writer, 64500, &known, &err), 0);
	put(writer, 2, &duplicate);
	assert_int_equal(store_network(reader, 64500, &network, &err), 0);
	assert_string_equal(network.annotations[0].text, "known");
	assert_string_equal(network.annotations[0].by, "noc@example.net");
	assert_int_equal(network.annotations[0].kind, ANNOTATION_OBJECTION);
	assert_int_equal(network.annotations[0].at_ms, STORED_NOON);
	assert_string_equal(network.annotations[1].text, "");
	store_close(reader);
	store_close(writer);
}

/* What is said later of a kind takes the place of it, in whatever order they
 * come. */
static const struct said_row {
	const char *sentence;
	struct annotation said[4]; /* ended by one without time and text */
	const char *then;          /* texts, the newest first */
} said_rows[] = {
    {"what is said of each kind stands, the newest first",
	{{ANNOTATION_REPLY, 10, "noc", "a reply"},
	    {ANNOTATION_REMARK, 30, "", "a remark"},
	    {ANNOTATION_OBJECTION, 20, "noc", "an objection"}},
	"a remark, an objection, a reply, "},
    {"a newer reply takes the place of a reply",
	{{ANNOTATION_REPLY, 10, "", "one"},
	    {ANNOTATION_OBJECTION, 10, "", "two"},
	    {ANNOTATION_REPLY, 11, "", "three"}},
	"three, two, "},
    {"an older reply, imported later, does not",
	{{ANNOTATION_REPLY, 11, "", "new"}, {ANNOTATION_REPLY, 10, "", "old"}},
	"new, "},
    {"nor one of an unknown time",
	{{ANNOTATION_REPLY, 11, "", "new"}, {ANNOTATION_REPLY, 0, "", "old"}},
	"new, "},
    {"the later one of the same time does",
	{{ANNOTATION_REPLY, 0, "", "one"}, {ANNOTATION_REPLY, 0, "", "two"}},
	"two, "},
    {"an empty one takes away what it is the kind of",
	{{ANNOTATION_REPLY, 10, "", "a reply"},
	    {ANNOTATION_REMARK, 10, "", "a remark"},
	    {ANNOTATION_REPLY, 11, "", ""}},
	"a remark, "},
    {"and an older one does not bring it back",
	{{ANNOTATION_REPLY, 11, "", ""}, {ANNOTATION_REPLY, 10, "", "old"}},
	""},
};

static int join_said(void *arg, uint32_t asn, const struct annotation *said)
{
	assert_int_equal(asn, 64500);
	buf_printf(arg, "%s, ", said->text);
	return 0;
}

static void what_is_said(void **state)
{
	const struct said_row *row = *state;
	struct store *store;
	struct network_info network;
	struct buf listed = {0}, shown = {0};
	struct err err;
	size_t i;
	int found;

	stored_set_up(NULL);
	store = stored_open(false);
	for (i = 0; row->said[i].at_ms != 0 || row->said[i].text[0] != '\0';
	     i++)
		assert_int_equal(
		    store_annotate(store, 64500, &row->said[i], &err), 0);
	buf_append_text(&listed, "");
	buf_append_text(&shown, "");
	assert_int_equal(store_annotations(store, join_said, &listed, &err), 0);
	found = store_network(store, 64500, &network, &err);
	assert_int_equal(found, row->then[0] != '\0' ? 0 : -ENOENT);
	for (i = 0; i < ANNOTATION_KINDS; i++)
		if (network.annotations[i].text[0] != '\0')
			join_said(&shown, 64500, &network.annotations[i]);
	assert_string_equal(listed.data, row->then);
	assert_string_equal(shown.data, row->then);
	buf_free(&listed);
	buf_free(&shown);
	store_close(store);
	stored_tear_down(NULL);
}

static void newer(void **state)
{
	struct store_settings how = stored_settings(false);
	struct store *store = stored_open(false);
	struct err err;
	sqlite3 *db;

	(void)state;
	store_close(store);
	assert_int_equal(sqlite3_open(how.path, &db), SQLITE_OK);
	sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
	sqlite3_close(db);
	assert_int_equal(store_open(&how, &store, &err), -EINVAL);
	assert_non_null(strstr(err.text, "made by a newer egress25"));
}

static void not_there(void **state)
{
	struct store_settings how = stored_settings(true);
	struct store *store;
	struct err err;

	(void)state;
	assert_int_equal(store_open(&how, &store, &err), -ENOENT);
	assert_non_null(strstr(err.text, "collector.db"));
}

static void no_database(void **state)
{
	struct store_settings how = stored_settings(false);
	struct store *store;
	struct err err;
	FILE *file = fopen(how.path, "w");

	(void)state;
	fputs("this is no database, it is a longer line of text\n", file);
	fclose(file);
	assert_true(store_open(&how, &store, &err) < 0);
	assert_non_null(strstr(err.text, "not a database"));
}

/* A child writes and says after each commit what it wrote. */
static void write_and_tell(int pipe_fd)
{
	struct store *store = stored_open(false);
	bool duplicate;
	int number;

	for (number = 1; number < 100000; number++) {
		if (put(store, number, &duplicate) < 0 ||
		    write(pipe_fd, &number, sizeof(number)) != sizeof(number))
			_exit(1);
	}
	_exit(0);
}

/* kill -9 in the middle of it: what was told is there, once. */
static void killed(void **state)
{
	int acknowledged = 0, number, fds[2], round;
	struct store *store;
	struct stored_seen seen;

	(void)state;
	for (round = 0; round < 5; round++) {
		pid_t child;

		stored_tear_down(NULL);
		stored_set_up(NULL);
		assert_int_equal(pipe(fds), 0);
		child = fork();
		if (child == 0)
			write_and_tell(fds[1]);
		close(fds[1]);
		acknowledged = 0;
		while (acknowledged < 10 + round * 7 &&
		       read(fds[0], &number, sizeof(number)) == sizeof(number))
			acknowledged = number;
		kill(child, SIGKILL);
		while (read(fds[0], &number, sizeof(number)) == sizeof(number))
			acknowledged = number;
		waitpid(child, NULL, 0);
		close(fds[0]);
		store = stored_open(false);
		seen = roll(store);
		assert_in_range(seen.total, acknowledged, acknowledged + 1);
		store_close(store);
	}
}

static int see_agent(void *arg, const struct registry_agent *agent)
{
	(void)agent;
	(*(int *)arg)++;
	return 0;
}

static void agents(void **state)
{
	struct store *store = stored_open(false);
	struct registry_agent agent = {.id = "one",
				  .contact = "me",
				  .public_key = {1},
				  .enrolled_ms = STORED_NOON},
			      again = agent, found;
	struct err err;
	int count = 0;

	(void)state;
	assert_int_equal(registry_enrol(store, &agent, NULL, &err), 0);
	strcpy(again.id, "two");
	assert_int_equal(registry_enrol(store, &again, NULL, &err), 0);
	assert_string_equal(again.id, "one");
	assert_int_equal(registry_find(store, "one", &found, &err), 0);
	assert_string_equal(found.contact, "me");
	assert_int_equal(registry_find(store, "two", &found, &err), -ENOENT);
	assert_int_equal(
	    registry_revoke(store, "one", "p1", STORED_NOON + 1, &err), 0);
	assert_int_equal(
	    registry_revoke(store, "one", "p1", STORED_NOON + 2, &err), 0);
	assert_int_equal(registry_find(store, "one", &found, &err), 0);
	assert_int_equal(found.revoked_ms, STORED_NOON + 1);
	assert_int_equal(
	    registry_revoke(store, "two", "p2", STORED_NOON + 1, &err),
	    -ENOENT);
	assert_int_equal(registry_list(store, see_agent, &count, &err), 0);
	assert_int_equal(count, 1);
	store_close(store);
}

static void tokens(void **state)
{
	struct store *store = stored_open(false);
	struct registry_agent one = {.id = "one", .public_key = {1}},
			      two = {.id = "two", .public_key = {2}};
	uint8_t token[32] = {7}, other[32] = {8};
	struct err err;

	(void)state;
	assert_int_equal(
	    registry_add_token(store, token, STORED_NOON, &err), 0);
	one.enrolled_ms = two.enrolled_ms = STORED_NOON;
	assert_int_equal(registry_enrol(store, &one, other, &err), -EACCES);
	assert_int_equal(registry_enrol(store, &one, token, &err), 0);
	assert_int_equal(registry_enrol(store, &two, token, &err), -EACCES);
	assert_string_equal(err.text, "token: is unknown or used");
	assert_int_equal(registry_enrol(store, &one, token, &err), 0);
	store_close(store);
}

#define CASE(name, run) \
	test_add_around(&list, name, run, stored_set_up, stored_tear_down)

/* The same rows run on both engines (tests/cluster). */
int main(int argc, char **argv)
{
	bool on_cluster = stored_on_cluster(argc, argv);
	struct test_list list = {0};

	CASE("a row comes back as it went in", as_it_was);
	CASE("a report that comes again changes nothing", repeated);
	CASE("a report twice in one batch counts once", twice_in_a_batch);
	CASE("a batch is stored whole or not at all", whole_or_not);
	CASE("what is not attributed or a control makes no rollup",
	    convict_nobody);
	CASE("what is not listed is kept, and is in no list or count",
	    not_listed);
	CASE("an import is idempotent by row", import_rows);
	CASE("what an import left out its agent adds", import_then_agent);
	CASE("a report of a known id and other content is refused",
	    other_content);
	CASE("a report of an agent spans at most a day", too_long);
	CASE("imported rows of one report span what they span", long_import);
	TEST_ROWS(&list, filter_rows, filtered);
	CASE("a listing goes on where it stopped", by_pages);
	CASE("a reader sees what was committed, and writes nothing",
	    reader_sees);
	TEST_ROWS(&list, said_rows, what_is_said);
	CASE("a key enrols once, and is found and revoked", agents);
	CASE("a token enrols one agent", tokens);
	if (on_cluster)
		return test_run("store", &list);
	CASE("rollups are counted up in place, and are bounded", in_place);
	CASE("a database of a newer version is left alone", newer);
	CASE("a reader makes no database", not_there);
	CASE("a file that is no database is said to be none", no_database);
	CASE("kill -9 loses nothing that was acknowledged", killed);
	return test_run("store", &list);
}
