/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/store/registry.h"
#include "collector/store/store.h"
#include "tests/support/rows.h"
#include "tests/support/stored.h"

/* --- another program at the same file --- */

static sqlite3 *open_plainly(void)
{
	struct store_settings how = stored_settings(false);
	sqlite3 *db;

	assert_int_equal(sqlite3_open(how.path, &db), SQLITE_OK);
	return db;
}

static void execute(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
}

static void busy(void **state)
{
	struct store_settings how = stored_settings(false);
	struct store *store;
	bool duplicate;
	struct err err;
	sqlite3 *db;

	(void)state;
	how.busy_ms = 20;
	assert_int_equal(store_open(&how, &store, &err), 0);
	db = open_plainly();
	execute(db, "BEGIN IMMEDIATE");
	assert_int_equal(stored_put(store, 1, &duplicate, &err), -EBUSY);
	assert_non_null(strstr(err.text, "collector.db: database is locked"));
	execute(db, "COMMIT");
	assert_int_equal(stored_put(store, 1, &duplicate, &err), 0);
	assert_false(duplicate);
	sqlite3_close(db);
	store_close(store);
}

/* Several start at once on a machine that is new. */
static void at_once(void **state)
{
	pid_t children[4];
	bool duplicate;
	struct err err;
	int i, status;

	(void)state;
	for (i = 0; i < 4; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct store *store = stored_open(false);

			_exit(stored_put(store, i, &duplicate, &err) < 0);
		}
	}
	for (i = 0; i < 4; i++) {
		waitpid(children[i], &status, 0);
		assert_int_equal(status, 0);
	}
}

static void of_another(void **state)
{
	struct store_settings how = stored_settings(false);
	struct store *store;
	struct err err;
	sqlite3 *db = open_plainly();

	(void)state;
	execute(db, "CREATE TABLE mine (a)");
	sqlite3_close(db);
	assert_int_equal(store_open(&how, &store, &err), -EINVAL);
	assert_non_null(strstr(err.text, "is another program's database"));
	strcat(how.path, "-wal");
	assert_int_equal(access(how.path, F_OK), -1);
}

static void older(void **state)
{
	struct store_settings how = stored_settings(true);
	struct store *store;
	struct err err;
	sqlite3 *db = open_plainly();

	(void)state;
	execute(db, "PRAGMA application_id = 1701261877");
	sqlite3_close(db);
	assert_int_equal(store_open(&how, &store, &err), -EINVAL);
	assert_non_null(strstr(err.text, "is of an older version (0, "));
	store = stored_open(false);
	store_close(store);
	assert_int_equal(store_open(&how, &store, &err), 0);
	store_close(store);
}

/* An empty file is what a full disk or a bad copy leaves of a database. */
static void nothing_in_it(void **state)
{
	struct store_settings how = stored_settings(false);
	struct store *store;
	struct stat status;
	struct err err;
	int read_only;

	(void)state;
	close(open(how.path, O_WRONLY | O_CREAT, 0600));
	for (read_only = 0; read_only < 2; read_only++) {
		how.read_only = read_only;
		assert_int_equal(store_open(&how, &store, &err), -EINVAL);
		assert_non_null(strstr(err.text, "collector.db: is empty: "));
	}
	assert_int_equal(stat(how.path, &status), 0);
	assert_int_equal(status.st_size, 0);
}

static void no_directory(void **state)
{
	struct store_settings how = stored_settings(false);
	struct store *store;
	struct err err;
	int read_only;

	(void)state;
	strcpy(strrchr(how.path, '/'), "/nowhere/collector.db");
	for (read_only = 0; read_only < 2; read_only++) {
		how.read_only = read_only;
		assert_int_equal(store_open(&how, &store, &err), -ENOENT);
		assert_non_null(strstr(err.text,
		    "/nowhere/collector.db: its directory is not there"));
	}
}

static void private_file(void **state)
{
	struct store_settings how = stored_settings(false);
	struct store *store = stored_open(false);
	struct stat status;

	(void)state;
	assert_int_equal(stat(how.path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	strcat(how.path, "-wal");
	assert_int_equal(stat(how.path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	store_close(store);
}

/* --- damage --- */

static const struct damage_row {
	const char *name, *change, *sentence;
	int error;
} damage_rows[] = {
    {"rows that cannot be read are said to be damaged",
	"UPDATE report SET rows = x'0105'", "is damaged", -EBADMSG},
    {"rows of a later packing are not guessed at",
	"UPDATE report SET rows = x'7f'", "is damaged", -EBADMSG},
    {"counts that nothing was counted for are said to be damaged",
	"UPDATE rollup SET count = 0", "is damaged", -EBADMSG},
    {"counts that end before they begin are said to be damaged",
	"UPDATE rollup SET last = first - 1", "is damaged", -EBADMSG},
    {"counts of no outcome are said to be damaged",
	"UPDATE rollup SET codes = 8192257", "is damaged", -EBADMSG},
    {"a table that is gone is an error", "DROP TABLE rollup",
	"no such table: rollup", -EIO},
};

static int see_row(void *arg, const struct measurement *row)
{
	(void)arg;
	(void)row;
	return 0;
}

static int see_rollup(void *arg, const struct rollup_row *row)
{
	(void)arg;
	(void)row;
	return 0;
}

static void damaged(void **state)
{
	const struct damage_row *row = *state;
	struct store_page page = {.limit = 10};
	struct row_filter filter;
	struct store *store;
	bool duplicate;
	struct err err;
	sqlite3 *db;
	int error;

	stored_set_up(NULL);
	store = stored_open(false);
	stored_put(store, 1, &duplicate, &err);
	db = open_plainly();
	execute(db, row->change);
	sqlite3_close(db);
	row_filter_init(&filter);
	error = store_measurements(store, &filter, &page, see_row, NULL, &err);
	if (error == 0)
		error = store_rollups(
		    store, &filter, NULL, see_rollup, NULL, &err);
	assert_int_equal(error, row->error);
	assert_non_null(strstr(err.text, row->sentence));
	assert_non_null(strstr(err.text, "collector.db"));
	store_close(store);
	stored_tear_down(NULL);
}

/* Reports of one group, of which the second adds to one that cannot be read. */
static void apart(void **state)
{
	struct store *store = stored_open(false);
	struct measurement rows[3] = {
	    stored_row(1, 0, 25), stored_row(2, 1, 587), stored_row(3, 0, 25)};
	struct store_report reports[3] = {{{0}}};
	bool duplicate[3], refused[3] = {false};
	const struct store_flags flags = {duplicate, refused};
	struct store_totals totals;
	struct err err;
	sqlite3 *db;
	size_t i;

	(void)state;
	stored_put(store, 2, duplicate, &err);
	db = open_plainly();
	execute(db, "UPDATE report SET rows = x'0105', digest = NULL");
	sqlite3_close(db);
	for (i = 0; i < 3; i++) {
		reports[i].rows = &rows[i];
		reports[i].nrows = 1;
		strcpy(reports[i].agent_id, "agent");
		memcpy(reports[i].id, rows[i].id, 36);
	}
	assert_int_equal(store_write_valid(store, reports, 3, &flags, &err), 0);
	assert_false(refused[0] || duplicate[0]);
	assert_true(refused[1] && !duplicate[1]);
	assert_false(refused[2] || duplicate[2]);
	assert_int_equal(store_totals(store, &totals, &err), 0);
	assert_int_equal(totals.reports, 3);
	assert_int_equal(totals.measurements, 4);
	assert_int_equal(
	    store_write(store, &reports[1], 1, duplicate, &err), -EBADMSG);
	store_close(store);
}

/* --- a full disk --- */

/* A small file system that is this process's alone; without the right to make
 * one, a limit on files. Returns what a write to a full one fails with. */
static int make_small(const char *folder, char ballast[64])
{
	struct rlimit limit = {400 * 1024, RLIM_INFINITY};

	snprintf(ballast, 64, "%s/ballast", folder);
	if (unshare(CLONE_NEWNS) == 0 &&
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("small", folder, "tmpfs", 0, "size=1m") == 0) {
		int fd = open(ballast, O_WRONLY | O_CREAT, 0600);
		int error = posix_fallocate(fd, 0, 400 * 1024);

		close(fd);
		return error == 0 ? -ENOSPC : 0;
	}
	signal(SIGXFSZ, SIG_IGN);
	return setrlimit(RLIMIT_FSIZE, &limit) == 0 ? -EIO : 0;
}

static int check(bool is_true, const char *what)
{
	if (!is_true)
		fprintf(stderr, "# not so: %s\n", what);
	return is_true ? 0 : 1;
}

static void make_room(const char *ballast)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

	unlink(ballast);
	setrlimit(RLIMIT_FSIZE, &limit);
}

/* In a child: fill it, be refused, make room, go on. The exit code. */
static int fill_the_disk(void)
{
	struct store_settings how = stored_settings(false);
	int failed = 0, error = 0, expected, stored = 0;
	struct store_totals totals;
	struct store *store;
	char ballast[64];
	bool duplicate;
	struct err err;

	*strrchr(how.path, '/') = '\0';
	expected = make_small(how.path, ballast);
	store = stored_open(false);
	while (error == 0 && stored < 20000) {
		error = stored_put(store, stored, &duplicate, &err);
		stored += error == 0;
	}
	failed += check(error == expected, "refused for want of room");
	failed += check(strstr(err.text, "collector.db: ") != NULL, err.text);
	failed += check(
	    store_totals(store, &totals, &err) == 0 && totals.reports == stored,
	    "what was acknowledged is there, and no more");
	make_room(ballast);
	error = stored_put(store, stored, &duplicate, &err);
	failed += check(error == 0, err.text);
	failed += check(
	    !duplicate, "the same report is taken once there is room");
	store_close(store);
	store = stored_open(false);
	failed += check(store_totals(store, &totals, &err) == 0 &&
			    totals.reports == stored + 1,
	    "and all are there when it is opened again");
	store_close(store);
	return failed;
}

static void disk_full(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0)
		_exit(fill_the_disk());
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

/* --- kill -9 --- */

#define GROUP 5

/* Write groups, and after each say how many reports are acknowledged. */
static void write_groups(int pipe_fd)
{
	struct store *store = stored_open(false);
	struct measurement rows[GROUP][2];
	struct store_report reports[GROUP];
	bool duplicates[GROUP];
	int number, i;
	struct err err;

	for (number = 0; number < 100000; number += GROUP) {
		for (i = 0; i < GROUP; i++) {
			rows[i][0] = stored_row(number + i, 0, 25);
			rows[i][1] = stored_row(number + i, 1, 587);
			memset(&reports[i], 0, sizeof(reports[i]));
			memcpy(reports[i].id, rows[i][0].id, 36);
			strcpy(reports[i].agent_id, "agent");
			reports[i].rows = rows[i];
			reports[i].nrows = 2;
		}
		i = number + GROUP;
		if (store_write(store, reports, GROUP, duplicates, &err) < 0 ||
		    write(pipe_fd, &i, sizeof(i)) != sizeof(i))
			_exit(1);
	}
	_exit(0);
}

/* Everything agrees: reports, rows, rollups, and SQLite's own opinion. */
static void agrees(int acknowledged)
{
	struct store *store = stored_open(false);
	struct store_totals totals;
	struct stored_seen seen;
	sqlite3_stmt *statement;
	struct err err;
	sqlite3 *db;

	assert_int_equal(store_totals(store, &totals, &err), 0);
	assert_in_range(totals.reports, acknowledged, acknowledged + GROUP);
	assert_int_equal(totals.reports % GROUP, 0);
	assert_int_equal(totals.measurements, totals.reports * 2);
	stored_roll(store, &seen);
	assert_int_equal(seen.total, totals.measurements);
	store_close(store);
	db = open_plainly();
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1,
			     &statement, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_string_equal(sqlite3_column_text(statement, 0), "ok");
	sqlite3_finalize(statement);
	sqlite3_close(db);
}

static void killed(void **state)
{
	int acknowledged, number, fds[2], round;
	pid_t child;

	(void)state;
	for (round = 0; round < 8; round++) {
		stored_tear_down(NULL);
		stored_set_up(NULL);
		assert_int_equal(pipe(fds), 0);
		child = fork();
		if (child == 0)
			write_groups(fds[1]);
		close(fds[1]);
		acknowledged = 0;
		while (acknowledged < 20 + round * 35 &&
		       read(fds[0], &number, sizeof(number)) == sizeof(number))
			acknowledged = number;
		usleep((useconds_t)round * 170);
		kill(child, SIGKILL);
		while (read(fds[0], &number, sizeof(number)) == sizeof(number))
			acknowledged = number;
		waitpid(child, NULL, 0);
		close(fds[0]);
		agrees(acknowledged);
	}
}

/* --- what is planted beside the database --- */

static const struct planted_row {
	const char *name, *ending;
	bool is_link, is_new; /* a link to a file; there is no database yet */
} planted_rows[] = {
    {"a FIFO for a journal", "-journal", false, false},
    {"a FIFO for a log", "-wal", false, false},
    {"a FIFO for the log's index", "-shm", false, false},
    {"a link for a journal", "-journal", true, false},
    {"a link for a log", "-wal", true, false},
    {"a link for the log's index", "-shm", true, false},
    {"a FIFO for a journal before the database is made", "-journal", false,
	true},
};

static void plant(const char *at, const char *target, bool is_link)
{
	int fd;

	if (!is_link) {
		assert_int_equal(mkfifo(at, 0600), 0);
		return;
	}
	fd = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "whole", 5), 5);
	close(fd);
	assert_int_equal(symlink(target, at), 0);
}

/* It is refused at once, by readers too, and nothing is written there. */
static void planted(void **state)
{
	const struct planted_row *row = *state;
	struct store_settings how;
	char at[600], target[600];
	struct store *store;
	struct stat status;
	struct err err;
	int readers;

	assert_int_equal(stored_set_up(state), 0);
	how = stored_settings(false);
	snprintf(at, sizeof(at), "%s%s", how.path, row->ending);
	snprintf(target, sizeof(target), "%s.other", how.path);
	if (!row->is_new)
		store_close(stored_open(false));
	plant(at, target, row->is_link);
	alarm(60); /* SQLite would wait for ever */
	for (readers = 0; readers < 2; readers++) {
		how = stored_settings(readers);
		assert_int_equal(store_open(&how, &store, &err), -EINVAL);
		assert_non_null(strstr(err.text, row->ending));
		assert_non_null(strstr(err.text, ": is no regular file"));
	}
	alarm(0);
	assert_int_equal(lstat(at, &status), 0);
	assert_int_equal(
	    status.st_mode & S_IFMT, row->is_link ? S_IFLNK : S_IFIFO);
	if (row->is_link && stat(target, &status) == 0)
		assert_int_equal(status.st_size, 5);
	unlink(at);
	stored_tear_down(state);
}

/* --- agents --- */

static void last_seen(void **state)
{
	struct store *store = stored_open(false);
	struct registry_agent agent = {
	    .id = "agent", .public_key = {1}, .enrolled_ms = 1};
	bool duplicate;
	struct err err;

	(void)state;
	assert_int_equal(registry_enrol(store, &agent, NULL, &err), 0);
	assert_int_equal(stored_put(store, 1, &duplicate, &err), 0);
	assert_int_equal(registry_find(store, "agent", &agent, &err), 0);
	assert_int_equal(agent.last_seen_ms, STORED_NOON);
	assert_int_equal(agent.enrolled_ms, 1);
	store_close(store);
}

#define CASE(name, run) \
	test_add_around(&list, name, run, stored_set_up, stored_tear_down)

int main(void)
{
	struct test_list list = {0};

	CASE("a writer that another keeps waiting says so and goes on", busy);
	CASE("several may make the tables at once", at_once);
	CASE("another program's database is left alone", of_another);
	CASE("a reader waits for a writer to upgrade", older);
	CASE("an empty file is no new database", nothing_in_it);
	CASE("a directory that is not there is said to be", no_directory);
	CASE("what is damaged fails its own report, not its group", apart);
	CASE("nobody else may read the database", private_file);
	TEST_ROWS(&list, damage_rows, damaged);
	TEST_ROWS(&list, planted_rows, planted);
	CASE("a full disk loses nothing, and writing goes on after it",
	    disk_full);
	CASE("kill -9 between and within groups leaves whole groups", killed);
	CASE("a report says that its agent was seen", last_seen);
	return test_run("store_faults", &list);
}
