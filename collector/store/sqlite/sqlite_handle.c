/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_handle.h"

#include <errno.h>
#include <stdio.h>

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
	case SQLITE_CORRUPT:
		return -EBADMSG;
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
	err_input(
	    err, "%.300s: is damaged: a row cannot be read", sqlite->path);
	return error;
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

/* --- transactions --- */

int sqlite_begin(struct sqlite_store *sqlite, struct err *err)
{
	return sqlite_run_bare(sqlite, SQL_BEGIN, err);
}

int sqlite_end(struct sqlite_store *sqlite, int error, struct err *err)
{
	if (error == 0)
		error = sqlite_run_bare(sqlite, SQL_COMMIT, err);
	if (error < 0 && sqlite3_get_autocommit(sqlite->db) == 0)
		sqlite_run_bare(sqlite, SQL_ROLLBACK, NULL);
	return error;
}
