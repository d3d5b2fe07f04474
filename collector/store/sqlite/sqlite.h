/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_H

/*
 * The embedded engine behind store.h: one SQLite file in WAL mode, synced at
 * every commit. Split over sqlite.c (open, statements, errors),
 * sqlite_schema.c (tables, versions) and one file a subject; they share this.
 *
 * A report is one row: its measurements are packed (pack.h), and so are the
 * counts of a vantage point's day (rollup.h). A row a measurement costs five
 * times the CPU and five times the disk.
 */

#include <sqlite3.h>

#include "collector/record/pack.h"
#include "collector/store/sqlite/sqlite_statement.h"
#include "collector/store/store_engine.h"

/* A measurement and its number in its report. */
struct sqlite_row {
	const struct measurement *row;
	uint32_t n;
};

struct sqlite_store {
	struct store store; /* first */
	sqlite3 *db;
	char path[512];
	sqlite3_stmt *statements[SQL_COUNT]; /* prepared on first use */
	_Atomic bool interrupted;
	int64_t log_pages; /* after the last commit */
	int64_t log_most;  /* a commit copies a longer log back */
	/* Scratch memory, kept from call to call. */
	struct packer packer;
	struct pack pack;
	struct buf bytes, summary;
	struct sqlite_row *rows;
	const struct measurement **counted;
	size_t capacity; /* of both */
};

/* The version of the tables, 0: none yet. -EINVAL: another program's, or of a
 * newer version. */
int sqlite_read_version(
    struct sqlite_store *sqlite, int *version, struct err *err);

/* Make or upgrade the tables; a reader refuses those of an older version. */
int sqlite_set_up_tables(
    struct sqlite_store *sqlite, bool read_only, struct err *err);

/* -errno for SQLite's last error, and its words; also ends the statement that
 * failed, if one is given. */
int sqlite_error(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, struct err *err);

/* Packed bytes that cannot be read. `error` as pack.h and rollup.h have it. */
int sqlite_damaged(struct sqlite_store *sqlite, int error, struct err *err);

/* A statement, reset and without bindings. NULL: it did not prepare. */
sqlite3_stmt *sqlite_prepare(
    struct sqlite_store *sqlite, enum sqlite_statement which);

/* Run a statement that gives no rows. 0 or -errno. */
int sqlite_run(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, struct err *err);
int sqlite_run_bare(
    struct sqlite_store *sqlite, enum sqlite_statement which, struct err *err);
int sqlite_execute(
    struct sqlite_store *sqlite, const char *text, struct err *err);

/* Step to the one row: 1 where there is one, 0 where there is none, -errno. */
int sqlite_step_one(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, struct err *err);

/* A text column's value, never NULL, copied into `out`. */
void sqlite_column_text(
    sqlite3_stmt *statement, int column, char *out, size_t size);

/* Up to which time reports were removed, and the newest measurement's. */
struct sqlite_marks {
	int64_t expired_ms, newest_ms; /* 0: none */
};
int sqlite_read_marks(
    struct sqlite_store *sqlite, struct sqlite_marks *marks, struct err *err);

/* After each commit: note the log's length, copy a long one back. */
void sqlite_watch_log(struct sqlite_store *sqlite, bool copies_elsewhere);

/* Count measurements that are new, within a transaction; they are sorted. */
int sqlite_add_rollups(struct sqlite_store *sqlite,
    const struct measurement **rows, size_t count, struct err *err);
int sqlite_add_networks(struct sqlite_store *sqlite,
    const struct measurement *const *rows, size_t count, struct err *err);

/* The functions of the engine are in sqlite_engine.h. */

#endif
