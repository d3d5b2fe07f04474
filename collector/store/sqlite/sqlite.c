/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/store/sqlite/sqlite_engine.h"

#define BUSY_MS         10000
#define INTERRUPT_STEPS 1000 /* of SQLite's machine: far under 1 ms */

/* --- errors --- */

static int errno_of(sqlite3 *db)
{
	int system = sqlite3_system_errno(db);

	switch (sqlite3_errcode(db) & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_INTERRUPT:
		return -ECANCELED;
	case SQLITE_NOTADB:
		return -EINVAL;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return system > 0 ? -system : -EIO;
	default:
		return -EIO;
	}
}

int sqlite_error(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, struct err *err)
{
	int error = errno_of(sqlite->db);

	err_input(err, "%.300s: %s", sqlite->path, sqlite3_errmsg(sqlite->db));
	if (statement != NULL)
		sqlite3_reset(statement);
	return error;
}

int sqlite_damaged(struct sqlite_store *sqlite, int error, struct err *err)
{
	if (error != -EBADMSG)
		return err_system(err, error, "%.300s", sqlite->path);
	err_input(err, "%.300s: is damaged: a report's rows cannot be read",
	    sqlite->path);
	return -EIO;
}

/* --- statements --- */

sqlite3_stmt *sqlite_prepare(
    struct sqlite_store *sqlite, enum sqlite_statement which)
{
	sqlite3_stmt **statement = &sqlite->statements[which];

	if (*statement == NULL)
		sqlite3_prepare_v3(sqlite->db, sqlite_statements[which], -1,
		    SQLITE_PREPARE_PERSISTENT, statement, NULL);
	else
		sqlite3_reset(*statement);
	return *statement;
}

int sqlite_run(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, struct err *err)
{
	if (statement == NULL || sqlite3_step(statement) != SQLITE_DONE)
		return sqlite_error(sqlite, statement, err);
	sqlite3_reset(statement);
	return 0;
}

int sqlite_run_bare(
    struct sqlite_store *sqlite, enum sqlite_statement which, struct err *err)
{
	return sqlite_run(sqlite, sqlite_prepare(sqlite, which), err);
}

int sqlite_execute(
    struct sqlite_store *sqlite, const char *text, struct err *err)
{
	if (sqlite3_exec(sqlite->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_error(sqlite, NULL, err);
	return 0;
}

int sqlite_step_one(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, struct err *err)
{
	int status = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);

	if (status == SQLITE_ROW)
		return 1;
	if (status != SQLITE_DONE)
		return sqlite_error(sqlite, statement, err);
	sqlite3_reset(statement);
	return 0;
}

void sqlite_column_text(
    sqlite3_stmt *statement, int column, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	snprintf(out, size, "%s", text != NULL ? text : "");
}

/* --- opening --- */

static const char writer_pragmas[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
    "PRAGMA journal_size_limit = 67108864;";
static const char reader_pragmas[] =
    "PRAGMA query_only = ON; PRAGMA cache_size = -16384;"
    "PRAGMA temp_store = MEMORY;";

/* The agents' keys and contacts are in it: nobody else's to read. SQLite gives
 * its other files the same mode. One that exists is not opened: closing it
 * would drop the locks of this process's other handles (fcntl(2)). */
static void make_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

/* sqlite3_interrupt() would be lost between two statements. */
static int is_interrupted(void *arg)
{
	return ((struct sqlite_store *)arg)->interrupted;
}

static int open_database(struct sqlite_store *sqlite,
    const struct store_settings *settings, struct err *err)
{
	bool read_only = settings->read_only;
	int flags = SQLITE_OPEN_NOMUTEX |
		    (read_only ? SQLITE_OPEN_READONLY
			       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	int error, version = 0;

	if (!read_only)
		make_private(sqlite->path);
	if (sqlite3_open_v2(sqlite->path, &sqlite->db, flags, NULL) !=
	    SQLITE_OK)
		return sqlite_error(sqlite, NULL, err);
	sqlite3_extended_result_codes(sqlite->db, 1);
	if (read_only)
		sqlite3_progress_handler(
		    sqlite->db, INTERRUPT_STEPS, is_interrupted, sqlite);
	sqlite3_busy_timeout(
	    sqlite->db, settings->busy_ms != 0 ? settings->busy_ms : BUSY_MS);
	error = sqlite_read_version(sqlite, &version, err);
	if (error == 0)
		error = sqlite_execute(
		    sqlite, read_only ? reader_pragmas : writer_pragmas, err);
	if (!read_only)
		sqlite_watch_log(sqlite, settings->copies_elsewhere);
	return error < 0 ? error : sqlite_set_up_tables(sqlite, read_only, err);
}

static void interrupt(struct store *store)
{
	((struct sqlite_store *)store)->interrupted = true;
}

static void close_store(struct store *store)
{
	struct sqlite_store *sqlite = (struct sqlite_store *)store;
	int i;

	for (i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(sqlite->statements[i]);
	sqlite3_close(sqlite->db);
	packer_free(&sqlite->packer);
	pack_free(&sqlite->pack);
	buf_free(&sqlite->bytes);
	buf_free(&sqlite->summary);
	free(sqlite->rows);
	free(sqlite->counted);
	free(sqlite);
}

static const struct store_engine engine = {
    .close = close_store,
    .interrupt = interrupt,
    .write = sqlite_write,
    .measurements = sqlite_measurements,
    .rollups = sqlite_rollups,
    .network = sqlite_network,
    .annotate = sqlite_annotate,
    .totals = sqlite_totals,
    .expire = sqlite_expire,
    .copy_log = sqlite_copy_log,
    .log_pages = sqlite_log_pages,
    .back_up = sqlite_back_up,
    .enrol = sqlite_enrol,
    .find_agent = sqlite_find_agent,
    .change_key = sqlite_change_key,
    .revoke = sqlite_revoke,
    .list_agents = sqlite_list_agents,
    .add_token = sqlite_add_token,
};

int sqlite_store_open(const struct store_settings *settings,
    struct store **store, struct err *err)
{
	struct sqlite_store *sqlite = calloc(1, sizeof(*sqlite));
	int error;

	if (sqlite == NULL)
		return err_system(err, -ENOMEM, "database");
	sqlite->store.engine = &engine;
	memcpy(sqlite->path, settings->path, sizeof(sqlite->path));
	error = open_database(sqlite, settings, err);
	if (error < 0) {
		close_store(&sqlite->store);
		return error;
	}
	*store = &sqlite->store;
	return 0;
}
