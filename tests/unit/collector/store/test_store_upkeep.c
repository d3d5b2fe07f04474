/* SPDX-License-Identifier: Apache-2.0 */

/* What the store needs beside writes: removal of what is old, its log, and a
 * backup. A report of stored_put() has two rows, one of which counts. */

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/store/sqlite/sqlite_engine.h"
#include "collector/store/store_upkeep.h"
#include "tests/support/rows.h"
#include "tests/support/stored.h"

#define A_SECOND INT64_C(1000000)

static void put(struct store *store, int from, int to)
{
	bool duplicate;
	struct err err;

	for (; from < to; from++) {
		if (stored_put(store, from, &duplicate, &err) < 0)
			fail_msg("%s", err.text);
		assert_false(duplicate);
	}
}

static struct store_expiry expire(
    struct store *store, int before, size_t most, int64_t most_us)
{
	struct store_expiry expiry = {
	    .before_ms = STORED_NOON + before * 1000,
	    .reports_max = most,
	    .most_us = most_us,
	};
	struct err err;

	if (store_expire(store, &expiry, &err) < 0)
		fail_msg("%s", err.text);
	return expiry;
}

/* Reports `from` to `to` are there, and `counted` were ever counted. */
static void holds(struct store *store, int from, int to, int counted)
{
	struct store_page page = {.limit = 100};
	struct store_totals totals;
	struct stored_seen seen;
	struct row_filter filter;
	struct err err;

	assert_int_equal(store_totals(store, &totals, &err), 0);
	assert_int_equal(totals.reports, to - from);
	assert_int_equal(totals.measurements, 2 * (to - from));
	assert_int_equal(
	    totals.first_ms, from == to ? 0 : STORED_NOON + from * 1000);
	assert_int_equal(
	    totals.last_ms, from == to ? 0 : STORED_NOON + (to - 1) * 1000);
	row_filter_init(&filter);
	stored_list(store, &filter, &page, &seen);
	assert_int_equal(seen.count, 2 * (to - from));
	stored_roll(store, &seen);
	assert_int_equal(seen.total, counted);
}

/* --- removal --- */

static void in_steps(void **state)
{
	struct store *store = stored_open(false);
	struct store_expiry expiry;

	(void)state;
	put(store, 0, 10);
	expiry = expire(store, 5, 3, A_SECOND);
	assert_int_equal(expiry.reports, 3);
	assert_int_equal(expiry.measurements, 6);
	assert_true(expiry.more);
	holds(store, 3, 10, 10);
	expiry = expire(store, 5, 3, A_SECOND);
	assert_int_equal(expiry.reports, 2);
	assert_false(expiry.more);
	assert_int_equal(expiry.newest_ms, STORED_NOON + 9000);
	holds(store, 5, 10, 10);
	expiry = expire(store, 5, 3, A_SECOND);
	assert_int_equal(expiry.reports, 0);
	assert_false(expiry.more);
	store_close(store);
}

static void in_time(void **state)
{
	struct store *store = stored_open(false);
	struct store_expiry expiry;

	(void)state;
	put(store, 0, 4);
	expiry = expire(store, 4, 100, -1);
	assert_int_equal(expiry.reports, 1);
	assert_true(expiry.more);
	holds(store, 1, 4, 4);
	store_close(store);
}

static void all_of_it(void **state)
{
	struct store *store = stored_open(false);
	struct store_expiry expiry;

	(void)state;
	put(store, 0, 4);
	expiry = expire(store, 99, STORE_EXPIRY_MAX, A_SECOND);
	assert_int_equal(expiry.reports, 4);
	assert_int_equal(expiry.newest_ms, 0);
	holds(store, 0, 0, 4);
	put(store, 4, 6);
	holds(store, 4, 6, 6);
	store_close(store);
}

static void come_again(void **state)
{
	struct store *store = stored_open(false);
	bool duplicate;
	struct err err;

	(void)state;
	put(store, 0, 10);
	expire(store, 5, 100, A_SECOND);
	assert_int_equal(stored_put(store, 2, &duplicate, &err), -EINVAL);
	assert_int_equal(stored_put(store, 7, &duplicate, &err), 0);
	assert_true(duplicate);
	holds(store, 5, 10, 10);
	store_close(store);
	store = stored_open(false);
	assert_int_equal(stored_put(store, 4, &duplicate, &err), -EINVAL);
	assert_string_equal(
	    err.text, "targets: older than what has been removed here");
	holds(store, 5, 10, 10);
	store_close(store);
}

/* A report whose measurements lie a minute apart. */
static void reaches_over(void **state)
{
	struct measurement rows[] = {
	    stored_row(0, 0, 25), stored_row(60, 1, 25)};
	struct store_report report = {.rows = rows, .nrows = 2};
	struct store *store = stored_open(false);
	bool duplicate;
	struct err err;

	(void)state;
	memcpy(report.id, rows[0].id, 36);
	memcpy(rows[1].id, rows[0].id, 36);
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	assert_int_equal(expire(store, 30, 10, A_SECOND).reports, 0);
	assert_int_equal(expire(store, 61, 10, A_SECOND).reports, 1);
	store_close(store);
}

static int64_t evidence(void)
{
	struct store_settings how = stored_settings(false);
	sqlite3_stmt *statement;
	int64_t count;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(how.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM evidence",
			     -1, &statement, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	count = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return count;
}

static void with_evidence(void **state)
{
	struct measurement row = stored_row(0, 0, 25);
	struct store_report report = {
	    .rows = &row,
	    .nrows = 1,
	    .signed_body = "{}",
	    .signed_body_length = 2,
	};
	struct store *store = stored_open(false);
	bool duplicate;
	struct err err;

	(void)state;
	memcpy(report.id, row.id, 36);
	assert_int_equal(store_write(store, &report, 1, &duplicate, &err), 0);
	assert_int_equal(evidence(), 1);
	expire(store, 1, 10, A_SECOND);
	assert_int_equal(evidence(), 0);
	store_close(store);
}

static void not_read_only(void **state)
{
	struct store_expiry expiry = {.reports_max = 1};
	struct store *store = stored_open(false);
	struct err err;

	(void)state;
	put(store, 0, 1);
	store_close(store);
	store = stored_open(true);
	assert_int_equal(store_expire(store, &expiry, &err), -EROFS);
	store_close(store);
}

/* --- the log --- */

static void copied(void **state)
{
	struct store_settings how = stored_settings(false);
	struct store *store, *copier = stored_open(false);
	struct store_log log;
	struct err err;

	(void)state;
	how.copies_elsewhere = true;
	assert_int_equal(store_open(&how, &store, &err), 0);
	put(store, 0, 400);
	assert_true(store_log_pages(store) > 1000);
	assert_int_equal(store_copy_log(copier, &log, &err), 0);
	assert_int_equal(log.pages, store_log_pages(store));
	assert_int_equal(log.copied, log.pages);
	put(store, 400, 401);
	assert_true(store_log_pages(store) < 20);
	store_close(copier);
	store_close(store);
}

static void held_by_a_reader(void **state)
{
	struct store_settings how = stored_settings(false);
	struct store *store, *copier = stored_open(false);
	struct store_log log;
	struct err err;
	sqlite3 *db;

	(void)state;
	how.copies_elsewhere = true;
	assert_int_equal(store_open(&how, &store, &err), 0);
	put(store, 0, 5);
	assert_int_equal(sqlite3_open(how.path, &db), SQLITE_OK);
	sqlite3_exec(db, "BEGIN; SELECT * FROM total", NULL, NULL, NULL);
	put(store, 5, 10);
	assert_int_equal(store_copy_log(copier, &log, &err), 0);
	assert_true(log.copied < log.pages);
	sqlite3_close(db);
	assert_int_equal(store_copy_log(copier, &log, &err), 0);
	assert_int_equal(log.copied, log.pages);
	store_close(copier);
	store_close(store);
}

/* --- an end --- */

static int count_row(void *arg, const struct measurement *row)
{
	(void)row;
	(*(int *)arg)++;
	return 0;
}

static void interrupted(void **state)
{
	struct store *store = stored_open(false), *reader;
	struct store_page page = {.limit = 100000};
	struct row_filter filter;
	struct err err;
	int count = 0;

	(void)state;
	put(store, 0, 1000);
	reader = stored_open(true);
	row_filter_init(&filter);
	assert_int_equal(
	    store_measurements(reader, &filter, &page, count_row, &count, &err),
	    0);
	assert_int_equal(count, 2000);
	store_interrupt(reader);
	count = 0;
	assert_int_equal(
	    store_measurements(reader, &filter, &page, count_row, &count, &err),
	    -ECANCELED);
	assert_in_range(count, 0, 1000);
	put(store, 1000, 1001);
	store_close(reader);
	store_close(store);
}

/* --- backup --- */

static void backup_path(char path[600])
{
	struct store_settings how = stored_settings(false);

	snprintf(path, 600, "%s.backup", how.path);
}

static struct store *open_backup(void)
{
	struct store_settings how = {.engine = &sqlite_engine};
	struct store *store;
	char path[600];
	struct err err;

	backup_path(path);
	memcpy(how.path, path, sizeof(how.path));
	if (store_open(&how, &store, &err) < 0)
		fail_msg("%s", err.text);
	return store;
}

/* Somebody who writes until told to stop. */
struct writing {
	struct store *store;
	atomic_int next;
	atomic_bool ends;
};

static void *write_on(void *arg)
{
	struct writing *writing = arg;
	bool duplicate;
	struct err err;

	while (!atomic_load(&writing->ends)) {
		if (stored_put(writing->store, atomic_load(&writing->next),
			&duplicate, &err) < 0)
			break;
		atomic_fetch_add(&writing->next, 1);
	}
	return NULL;
}

/* Wait until more was written, so that the copy is made among writes. */
static int progress(void *arg, int64_t pages, int64_t pages_of)
{
	struct writing *writing = arg;
	int before = atomic_load(&writing->next);

	assert_in_range(pages, 1, pages_of);
	while (atomic_load(&writing->next) < before + 20)
		usleep(1000);
	return 0;
}

static void while_written(void **state)
{
	struct writing writing = {.store = stored_open(false), .next = 3000};
	struct store *reader, *copy;
	struct store_totals totals;
	struct stored_seen seen;
	pthread_t thread;
	struct stat status;
	char path[600];
	struct err err;

	(void)state;
	put(writing.store, 0, 3000);
	reader = stored_open(true);
	backup_path(path);
	assert_int_equal(pthread_create(&thread, NULL, write_on, &writing), 0);
	if (store_back_up(reader, path, progress, &writing, &err) < 0)
		fail_msg("%s", err.text);
	atomic_store(&writing.ends, true);
	pthread_join(thread, NULL);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	copy = open_backup();
	assert_int_equal(store_totals(copy, &totals, &err), 0);
	assert_in_range(totals.reports, 3000, atomic_load(&writing.next) - 20);
	assert_int_equal(totals.measurements, 2 * totals.reports);
	stored_roll(copy, &seen);
	assert_int_equal(seen.total, totals.reports);
	put(copy, (int)totals.reports, (int)totals.reports + 1);
	store_close(copy);
	store_close(reader);
	store_close(writing.store);
}

static void not_over_another(void **state)
{
	struct store *store = stored_open(false);
	struct store_settings how = stored_settings(false);
	struct err err;

	(void)state;
	assert_int_equal(
	    store_back_up(store, how.path, NULL, NULL, &err), -EEXIST);
	assert_non_null(strstr(err.text, "collector.db: File exists"));
	put(store, 0, 1);
	store_close(store);
}

static int enough(void *arg, int64_t pages, int64_t pages_of)
{
	return -ECANCELED;
}

static void ended_early(void **state)
{
	struct store *store = stored_open(false);
	char path[600];
	struct err err;

	(void)state;
	backup_path(path);
	assert_int_equal(
	    store_back_up(store, path, enough, NULL, &err), -ECANCELED);
	assert_int_equal(access(path, F_OK), -1);
	put(store, 0, 1);
	store_close(store);
}

#define CASE(name, run) \
	test_add_around(&list, name, run, stored_set_up, stored_tear_down)

int main(void)
{
	struct test_list list = {0};

	CASE("old reports go in steps, the counts stay, the totals follow",
	    in_steps);
	CASE("a step ends when its time is up, with one report at least",
	    in_time);
	CASE("what is left of nothing is nothing, and it goes on", all_of_it);
	CASE("a report that was removed is not counted when it comes again",
	    come_again);
	CASE("a report goes when its last measurement is old", reaches_over);
	CASE("its evidence goes with a report", with_evidence);
	CASE("a reader removes nothing", not_read_only);
	CASE("the log is copied elsewhere, and then starts anew", copied);
	CASE("a reader holds the log only as long as it reads",
	    held_by_a_reader);
	CASE("a reader that is interrupted ends in the middle", interrupted);
	CASE("a backup made while others write is whole and of one moment",
	    while_written);
	CASE("a backup replaces nothing", not_over_another);
	CASE("a backup that was ended leaves no file", ended_early);
	return test_run("store_upkeep", &list);
}
