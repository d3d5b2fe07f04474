/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_SQLITE_H
#define EGRESS25_COLLECTOR_SQLITE_H

/*
 * The embedded engine behind store.h: one SQLite file in WAL mode, synced at
 * every commit. Split over sqlite.c (open, schema, statements, errors),
 * sqlite_write.c, sqlite_read.c and sqlite_registry.c, which share this.
 *
 * All words and names are interned: rows hold numbers, the table `text` what
 * they stand for, so that an enum may be reordered and a row stays small.
 */

#include <sqlite3.h>

#include "collector/intern.h"
#include "collector/store_engine.h"

enum sqlite_statement {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_ADD_TEXT,
	SQL_NEW_TEXTS,
	SQL_ADD_REPORT,
	SQL_FIND_REPORT,
	SQL_ADD_MEASUREMENT,
	SQL_ADD_ROLLUP,
	SQL_ADD_NETWORK,
	SQL_SEE_AGENT,
	SQL_FIND_NETWORK,
	SQL_ANNOTATE,
	SQL_TOTALS,
	SQL_ENROL,
	SQL_FIND_AGENT,
	SQL_FIND_KEY,
	SQL_REVOKE,
	SQL_LIST_AGENTS,
	SQL_ADD_TOKEN,
	SQL_USE_TOKEN,
	SQL_COUNT
};

struct sqlite_store {
	struct store store; /* first */
	sqlite3 *db;
	sqlite3_stmt *statements[SQL_COUNT]; /* prepared on first use */
	struct intern intern;
	int64_t interned; /* texts up to this number are in `intern` */
};

/* Open and make it the store's engine. */
int sqlite_store_open(const struct store_settings *settings,
    struct store **store, struct err *err);

/* -errno for SQLite's last error, and its words; also ends the statement that
 * failed, if one is given. */
int sqlite_error(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, struct err *err);

/* A statement, reset and without bindings. NULL: it did not prepare. */
sqlite3_stmt *sqlite_prepare(
    struct sqlite_store *sqlite, enum sqlite_statement which);

/* Run a statement that gives no rows. 0 or -errno. */
int sqlite_run(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, struct err *err);
int sqlite_run_bare(
    struct sqlite_store *sqlite, enum sqlite_statement which, struct err *err);

/* Take up the texts that the database has and we have not yet. */
int sqlite_load_texts(struct sqlite_store *sqlite, struct err *err);

/* Forget what was interned in a transaction that is rolled back. */
void sqlite_forget_texts(struct sqlite_store *sqlite);

/* A text column's value, never NULL, copied into `out`. */
void sqlite_column_text(
    sqlite3_stmt *statement, int column, char *out, size_t size);

/* The engine's functions, by file. */
int sqlite_write(struct store *store, const struct store_report *reports,
    size_t count, bool *duplicate, struct err *err);

int sqlite_measurements(struct store *store, const struct row_filter *filter,
    struct store_page *page, store_visit_measurement *visit, void *arg,
    struct err *err);
int sqlite_rollups(struct store *store, const struct row_filter *filter,
    store_visit_rollup *visit, void *arg, struct err *err);
int sqlite_network(struct store *store, uint32_t asn,
    struct network_row *network, struct err *err);
int sqlite_annotate(
    struct store *store, uint32_t asn, const char *text, struct err *err);
int sqlite_totals(
    struct store *store, struct store_totals *totals, struct err *err);

int sqlite_enrol(struct store *store, struct registry_agent *agent,
    const uint8_t *token_sha256, struct err *err);
int sqlite_find_agent(struct store *store, const char *id,
    struct registry_agent *agent, struct err *err);
int sqlite_revoke(
    struct store *store, const char *id, int64_t now_ms, struct err *err);
int sqlite_list_agents(
    struct store *store, registry_visit *visit, void *arg, struct err *err);
int sqlite_add_token(struct store *store, const uint8_t token_sha256[32],
    int64_t now_ms, struct err *err);

#endif
