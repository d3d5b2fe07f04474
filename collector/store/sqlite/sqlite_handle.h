/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_HANDLE_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_HANDLE_H

/*
 * An open SQLite database: its statements, transactions and errors. All other
 * modules of this engine use this one.
 *
 * A report is one row: its measurements are packed (pack.h), and so are the
 * counts of one vantage point and day (rollup.h). With a row for each
 * measurement instead, both CPU and disk came to five times as much.
 */

#include <sqlite3.h>

#include "collector/record/pack.h"
#include "collector/record/pack_read.h"
#include "collector/store/sqlite/sqlite_statement.h"
#include "collector/store/store_engine.h"
#include "lib/base/err.h"

/* A measurement and its number in its report. */
struct numbered_row {
	const struct measurement *row;
	uint32_t n;
};

struct sqlite_batch;
struct sqlite_known;

/* Buffers that are kept from call to call, so that a write allocates little. */
struct sqlite_scratch {
	struct packer packer;
	struct pack pack;
	struct buf bytes, summary;
	struct numbered_row *rows;
	const struct measurement **counted;
	size_t capacity;            /* of both arrays */
	struct sqlite_batch *batch; /* NULL: nothing was counted yet */
};

struct sqlite_store {
	struct store store; /* first */
	sqlite3 *db;
	char path[512];
	sqlite3_stmt *statements[SQL_COUNT]; /* prepared on first use */
	_Atomic bool interrupted;
	int64_t log_pages; /* in the WAL after the last commit */
	int64_t log_most;  /* a commit that leaves more copies them back */
	struct sqlite_scratch scratch;
	struct sqlite_known *known; /* NULL: no agent is kept */
};

/* The handle behind a store of this engine. */
static inline struct sqlite_store *sqlite_of(struct store *store)
{
	return (struct sqlite_store *)store;
}

/* Put SQLite's last error, with the path, into `err`, and return it as -errno.
 * Resets the statement that failed; NULL: none to reset. */
int sqlite_error(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, struct err *err);

/* The same for a row that could not be read: `error` is -EBADMSG, or -ENOMEM.
 */
int sqlite_damaged(struct sqlite_store *sqlite, int error, struct err *err);

/* A statement, reset, ready to bind. NULL: it could not be prepared; every
 * function here that takes a statement then gives the error. */
sqlite3_stmt *sqlite_prepare(
    struct sqlite_store *sqlite, enum sqlite_statement which);

/* Run a bound statement that gives no rows, and reset it. 0 or -errno. */
int sqlite_run(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, struct err *err);

/* Prepare and run a statement that has no parameters. 0 or -errno. */
int sqlite_run_bare(
    struct sqlite_store *sqlite, enum sqlite_statement which, struct err *err);

/* Run SQL text that gives no rows. 0 or -errno. */
int sqlite_execute(
    struct sqlite_store *sqlite, const char *text, struct err *err);

/* Step a bound statement to its first row. 1: there is one, and the caller
 * resets the statement; 0: there is none; or -errno. */
int sqlite_step_one(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, struct err *err);

/* Copy a text column into `out`, cut to its size; NULL gives "". */
void sqlite_column_text(
    sqlite3_stmt *statement, int column, char *out, size_t size);

/* Begin a transaction that writes. 0 or -errno. */
int sqlite_begin(struct sqlite_store *sqlite, struct err *err);

/* End it: commit if `error` is 0, and roll back if it is not or the commit
 * failed. Returns `error`, or -errno of the commit. */
int sqlite_end(struct sqlite_store *sqlite, int error, struct err *err);

#endif
