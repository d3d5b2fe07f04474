/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <threads.h>
#include <unistd.h>

#include "collector/store/sqlite/sqlite_backup.h"
#include "collector/store/sqlite/sqlite_batch.h"
#include "collector/store/sqlite/sqlite_changes.h"
#include "collector/store/sqlite/sqlite_expire.h"
#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/sqlite/sqlite_known.h"
#include "collector/store/sqlite/sqlite_log.h"
#include "collector/store/sqlite/sqlite_network.h"
#include "collector/store/sqlite/sqlite_past.h"
#include "collector/store/sqlite/sqlite_read.h"
#include "collector/store/sqlite/sqlite_registry.h"
#include "collector/store/sqlite/sqlite_review.h"
#include "collector/store/sqlite/sqlite_revise.h"
#include "collector/store/sqlite/sqlite_rollup.h"
#include "collector/store/sqlite/sqlite_schema.h"
#include "collector/store/sqlite/sqlite_write.h"
#include "lib/base/durable.h"

#define BUSY_MS         10000
#define INTERRUPT_STEPS 1000 /* of SQLite's VM: well under 1 ms */

/* A pause after each transaction lets more reports share the next one, which
 * saves a sixth of the CPU time of a report at half load. */
#define GATHER_US  3000
#define GROUP_MOST 512
#define ROWS_MOST  16384

static const char writer_pragmas[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
    "PRAGMA journal_size_limit = 67108864;";
static const char reader_pragmas[] =
    "PRAGMA query_only = ON; PRAGMA cache_size = -16384;"
    "PRAGMA temp_store = MEMORY;";

/* A flag, because sqlite3_interrupt() has no effect between two statements. */
static int is_interrupted(void *arg)
{
	return ((struct sqlite_store *)arg)->interrupted;
}

/* Its count of the memory in use, which nothing here asks for, takes a mutex at
 * each allocation: 3 % of the time of a report. */
/* Where the path leads, the database and the files that SQLite keeps beside it
 * must be files: it would wait for ever for somebody to open the other end of a
 * FIFO, with signals blocked, and lose what it writes to a device. */
static int check_kinds(const char *path, struct err *err)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
	char whole[PATH_MAX], name[PATH_MAX + 16];
	struct stat status;
	size_t i;

	if (realpath(path, whole) == NULL)
		return err_system(err, -errno, "%s", path);
	for (i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		snprintf(name, sizeof(name), "%s%s", whole, endings[i]);
		if (lstat(name, &status) == 0 && !S_ISREG(status.st_mode))
			return err_input(
			    err, "%.300s: is no regular file", name);
	}
	return 0;
}

static void set_up_library(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int open_database(struct sqlite_store *sqlite,
    const struct store_settings *settings, struct err *err)
{
	bool read_only = settings->read_only;
	int flags = SQLITE_OPEN_NOMUTEX |
		    (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
	int error = check_kinds(sqlite->path, err), version = 0;

	if (error < 0)
		return error;
	if (sqlite3_open_v2(sqlite->path, &sqlite->db, flags, NULL) !=
	    SQLITE_OK)
		return sqlite_error(sqlite, NULL, err);
	sqlite3_extended_result_codes(sqlite->db, 1);
	if (read_only)
		sqlite->known = sqlite_known_new();
	if (read_only)
		sqlite3_progress_handler(
		    sqlite->db, INTERRUPT_STEPS, is_interrupted, sqlite);
	sqlite3_busy_timeout(
	    sqlite->db, settings->busy_ms != 0 ? settings->busy_ms : BUSY_MS);
	error = sqlite_read_version(sqlite, &version, err);
	if (error == 0)
		error = sqlite_execute(
		    sqlite, read_only ? reader_pragmas : writer_pragmas, err);
	if (error == 0 && !read_only)
		error = sqlite_batch_open(sqlite, err);
	if (!read_only)
		sqlite_watch_log(sqlite, settings->copies_elsewhere);
	return error < 0 ? error : sqlite_set_up_tables(sqlite, read_only, err);
}

static void interrupt(struct store *store)
{
	sqlite_of(store)->interrupted = true;
}

static void free_scratch(struct sqlite_scratch *scratch)
{
	packer_free(&scratch->packer);
	pack_free(&scratch->pack);
	buf_free(&scratch->bytes);
	buf_free(&scratch->summary);
	free(scratch->rows);
	free(scratch->counted);
	free(scratch->batch);
}

static void close_store(struct store *store)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	int i;

	for (i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(sqlite->statements[i]);
	sqlite3_close(sqlite->db);
	free_scratch(&sqlite->scratch);
	sqlite_known_free(sqlite->known);
	free(sqlite);
}

/* --- a database that is not there yet --- */

static int set_up_at(struct sqlite_store *fresh, struct err *err)
{
	/* Mode 0600, since it holds the agents' keys and contacts; SQLite gives
	 * its other files the same mode. */
	int fd = open(fresh->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_system(err, -errno, "%s", fresh->path);
	close(fd);
	if (check_kinds(fresh->path, err) < 0)
		return -EINVAL;
	if (sqlite3_open_v2(fresh->path, &fresh->db,
		SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		return sqlite_error(fresh, NULL, err);
	return sqlite_set_up_tables(fresh, false, err);
}

/* Make it under another name, so that an empty file is never one of ours that
 * was just begun. Several processes may do so at once: one gives its name. */
static int create(const char *path, struct err *err)
{
	struct sqlite_store *fresh = calloc(1, sizeof(*fresh));
	char unfinished[sizeof(fresh->path)];
	int error;

	if (fresh == NULL)
		return err_system(err, -ENOMEM, "database");
	if (snprintf(unfinished, sizeof(unfinished), "%s.%ld.new", path,
		(long)getpid()) >= (int)sizeof(unfinished)) {
		free(fresh);
		return err_input(err, "%.300s: the path is too long", path);
	}
	memcpy(fresh->path, unfinished, sizeof(unfinished));
	unlink(unfinished);
	error = set_up_at(fresh, err);
	close_store(&fresh->store);
	if (error == 0 && link(unfinished, path) < 0 && errno != EEXIST)
		error = err_system(err, -errno, "%s", path);
	unlink(unfinished);
	if (error == 0)
		durable_sync_parent(path);
	return error;
}

/* Is its directory there? */
static bool has_directory(const char *path)
{
	char directory[512];
	char *slash;

	snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (slash == NULL)
		return true;
	*slash = '\0';
	return directory[0] == '\0' || access(directory, F_OK) == 0;
}

/* What an open would say badly, or not at all. */
static int look_for(const struct store_settings *settings, struct err *err)
{
	const char *path = settings->path;
	struct stat status;

	if (stat(path, &status) == 0) {
		if (status.st_size > 0)
			return 0;
		return err_input(err,
		    "%s: is empty: put a backup there, or remove it to begin "
		    "anew",
		    path);
	}
	if (errno != ENOENT || (!settings->read_only && has_directory(path)))
		return errno == ENOENT ? create(path, err)
				       : err_system(err, -errno, "%s", path);
	err_input(err, "%s: %s", path,
	    has_directory(path) ? "there is no database; 'serve' makes it"
				: "its directory is not there");
	return -ENOENT;
}

static int open_store(const struct store_settings *settings,
    struct store **store, struct err *err)
{
	struct sqlite_store *sqlite = calloc(1, sizeof(*sqlite));
	static once_flag once = ONCE_FLAG_INIT;
	int error;

	call_once(&once, set_up_library);
	if (sqlite == NULL)
		return err_system(err, -ENOMEM, "database");
	sqlite->store.engine = settings->engine;
	memcpy(sqlite->path, settings->path, sizeof(sqlite->path));
	error = look_for(settings, err);
	if (error == 0)
		error = open_database(sqlite, settings, err);
	if (error < 0) {
		close_store(&sqlite->store);
		return error;
	}
	*store = &sqlite->store;
	return 0;
}

const struct store_engine sqlite_engine = {
    .name = "SQLite",
    .gather_us = GATHER_US,
    .group_most = GROUP_MOST,
    .rows_most = ROWS_MOST,
    .open = open_store,
    .close = close_store,
    .interrupt = interrupt,
    .write = sqlite_write,
    .measurements = sqlite_measurements,
    .report_rows = sqlite_report_rows,
    .report_detail = sqlite_report_detail,
    .rollups = sqlite_rollups,
    .first_days = sqlite_first_days,
    .changes = sqlite_changes,
    .network = sqlite_network,
    .annotate = sqlite_annotate,
    .decide_review = sqlite_decide_review,
    .reviews = sqlite_reviews,
    .revise_day = sqlite_revise_day,
    .annotations = sqlite_annotations,
    .totals = sqlite_totals,
    .add_past = sqlite_add_past,
    .closed_day = sqlite_closed_day,
    .history = sqlite_history,
    .events = sqlite_events,
    .last_events = sqlite_last_events,
    .expire = sqlite_expire,
    .rebuild_day = sqlite_rebuild_day,
    .copy_log = sqlite_copy_log,
    .log_pages = sqlite_log_pages,
    .back_up = sqlite_back_up,
    .enrol = sqlite_enrol,
    .find_agent = sqlite_find_agent,
    .change_key = sqlite_change_key,
    .revoke = sqlite_revoke,
    .list_agents = sqlite_list_agents,
    .add_token = sqlite_add_token,
    .has_secret = sqlite_has_secret,
    .bind_secret = sqlite_bind_secret,
};
