/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_TIMEOUT_MS 10000

/* A step takes a database from version i to i + 1; version 0 is empty. A
 * step that has been released is never changed. */
static const char *const upgrades[] = {
    "CREATE TABLE text (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE);"
    "CREATE TABLE report (id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE,"
    " agent TEXT NOT NULL, received_ms INTEGER NOT NULL, signed BLOB);"
    "CREATE TABLE measurement (report INTEGER NOT NULL, n INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, agent INTEGER NOT NULL, asn INTEGER NOT NULL,"
    " network INTEGER NOT NULL, country INTEGER NOT NULL,"
    " prefix INTEGER NOT NULL, family INTEGER NOT NULL,"
    " endpoint INTEGER NOT NULL, address BLOB NOT NULL,"
    " port INTEGER NOT NULL, mode INTEGER NOT NULL, ended INTEGER NOT NULL,"
    " failure INTEGER NOT NULL, outcome INTEGER NOT NULL,"
    " mechanism INTEGER NOT NULL, place INTEGER NOT NULL,"
    " after_hop INTEGER, endpoint_hops INTEGER, icmp_type INTEGER,"
    " icmp_code INTEGER, smtp_code INTEGER, tls_version INTEGER NOT NULL,"
    " tls_verify INTEGER NOT NULL, connect_us INTEGER, total_us INTEGER,"
    " attributed INTEGER NOT NULL, PRIMARY KEY (report, n)) WITHOUT ROWID;"
    "CREATE INDEX measurement_at ON measurement (at_ms);"
    "CREATE TABLE rollup (asn INTEGER NOT NULL, family INTEGER NOT NULL,"
    " port INTEGER NOT NULL, day INTEGER NOT NULL, prefix INTEGER NOT NULL,"
    " agent INTEGER NOT NULL, endpoint INTEGER NOT NULL,"
    " outcome INTEGER NOT NULL, mechanism INTEGER NOT NULL,"
    " place INTEGER NOT NULL, count INTEGER NOT NULL,"
    " first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,"
    " PRIMARY KEY (asn, family, port, day, prefix, agent, endpoint, outcome,"
    " mechanism, place)) WITHOUT ROWID;"
    "CREATE TABLE network (asn INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL DEFAULT '', country TEXT NOT NULL DEFAULT '',"
    " annotation TEXT NOT NULL DEFAULT '',"
    " seen_ms INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE agent (id TEXT PRIMARY KEY, public_key BLOB NOT NULL UNIQUE,"
    " contact TEXT NOT NULL, enrolled_ms INTEGER NOT NULL,"
    " last_seen_ms INTEGER NOT NULL DEFAULT 0,"
    " revoked_ms INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
    "CREATE TABLE token (sha256 BLOB PRIMARY KEY, made_ms INTEGER NOT NULL,"
    " used_ms INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;",
};

#define VERSION ((int)(sizeof(upgrades) / sizeof(*upgrades)))

static const char *const sql[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_ADD_TEXT] = "INSERT INTO text (value) VALUES (?1)",
    [SQL_NEW_TEXTS] = "SELECT id, value FROM text WHERE id > ?1",
    [SQL_ADD_REPORT] = "INSERT INTO report (uuid, agent, received_ms, signed)"
		       " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (uuid) DO NOTHING",
    [SQL_FIND_REPORT] = "SELECT id FROM report WHERE uuid = ?1",
    [SQL_ADD_MEASUREMENT] =
	"INSERT INTO measurement (report, n, at_ms, agent, asn, network,"
	" country, prefix, family, endpoint, address, port, mode, ended,"
	" failure, outcome, mechanism, place, after_hop, endpoint_hops,"
	" icmp_type, icmp_code, smtp_code, tls_version, tls_verify,"
	" connect_us, total_us, attributed) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
	" ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
	" ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28)"
	" ON CONFLICT (report, n) DO NOTHING",
    [SQL_ADD_ROLLUP] =
	"INSERT INTO rollup (asn, family, port, day, prefix, agent, endpoint,"
	" outcome, mechanism, place, count, first_ms, last_ms)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?11, ?11)"
	" ON CONFLICT DO UPDATE SET count = count + 1,"
	" first_ms = min(first_ms, excluded.first_ms),"
	" last_ms = max(last_ms, excluded.last_ms)",
    [SQL_ADD_NETWORK] =
	"INSERT INTO network (asn, name, country, seen_ms)"
	" VALUES (?1, ?2, ?3, ?4) ON CONFLICT (asn) DO UPDATE SET"
	" name = excluded.name, country = excluded.country,"
	" seen_ms = excluded.seen_ms WHERE excluded.seen_ms >= seen_ms",
    [SQL_SEE_AGENT] =
	"UPDATE agent SET last_seen_ms = max(last_seen_ms, ?2) WHERE id = ?1",
    [SQL_FIND_NETWORK] =
	"SELECT name, country, annotation FROM network WHERE asn = ?1",
    [SQL_ANNOTATE] =
	"INSERT INTO network (asn, annotation) VALUES (?1, ?2)"
	" ON CONFLICT (asn) DO UPDATE SET annotation = excluded.annotation",
    [SQL_TOTALS] = "SELECT (SELECT count(*) FROM report),"
		   " (SELECT count(*) FROM measurement),"
		   " (SELECT count(DISTINCT agent) FROM rollup),"
		   " (SELECT count(DISTINCT asn) FROM rollup),"
		   " (SELECT min(at_ms) FROM measurement),"
		   " (SELECT max(at_ms) FROM measurement)",
    [SQL_ENROL] = "INSERT INTO agent (id, public_key, contact, enrolled_ms)"
		  " VALUES (?1, ?2, ?3, ?4)",
    [SQL_FIND_AGENT] =
	"SELECT id, public_key, contact, enrolled_ms, last_seen_ms,"
	" revoked_ms FROM agent WHERE id = ?1",
    [SQL_FIND_KEY] =
	"SELECT id, public_key, contact, enrolled_ms, last_seen_ms,"
	" revoked_ms FROM agent WHERE public_key = ?1",
    [SQL_REVOKE] =
	"UPDATE agent SET revoked_ms = ?2 WHERE id = ?1 AND revoked_ms = 0",
    [SQL_LIST_AGENTS] =
	"SELECT id, public_key, contact, enrolled_ms, last_seen_ms,"
	" revoked_ms FROM agent ORDER BY enrolled_ms, id",
    [SQL_ADD_TOKEN] = "INSERT INTO token (sha256, made_ms) VALUES (?1, ?2)",
    [SQL_USE_TOKEN] =
	"UPDATE token SET used_ms = ?2 WHERE sha256 = ?1 AND used_ms = 0",
};

static int errno_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CANTOPEN:
		return -ENOENT;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	default:
		return -EIO;
	}
}

int sqlite_error(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, struct err *err)
{
	int error = errno_of(sqlite3_errcode(sqlite->db));

	err_input(err, "database: %s", sqlite3_errmsg(sqlite->db));
	if (statement != NULL)
		sqlite3_reset(statement);
	return error;
}

sqlite3_stmt *sqlite_prepare(
    struct sqlite_store *sqlite, enum sqlite_statement which)
{
	sqlite3_stmt **statement = &sqlite->statements[which];

	if (*statement == NULL)
		sqlite3_prepare_v3(sqlite->db, sql[which], -1,
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

void sqlite_column_text(
    sqlite3_stmt *statement, int column, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	snprintf(out, size, "%s", text != NULL ? text : "");
}

int sqlite_load_texts(struct sqlite_store *sqlite, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_NEW_TEXTS);
	int status;

	if (statement == NULL)
		return sqlite_error(sqlite, NULL, err);
	sqlite3_bind_int64(statement, 1, sqlite->interned);
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(statement, 0);
		const char *text = (const char *)sqlite3_column_text(
		    statement, 1);

		if (text == NULL || intern_add(&sqlite->intern, text, id) < 0) {
			sqlite3_reset(statement);
			return err_system(err, -ENOMEM, "database");
		}
		sqlite->interned = id;
	}
	if (status != SQLITE_DONE)
		return sqlite_error(sqlite, statement, err);
	sqlite3_reset(statement);
	return 0;
}

void sqlite_forget_texts(struct sqlite_store *sqlite)
{
	intern_free(&sqlite->intern);
	sqlite->interned = 0;
	sqlite_load_texts(sqlite, NULL);
}

/* --- opening --- */

static int execute(
    struct sqlite_store *sqlite, const char *text, struct err *err)
{
	if (sqlite3_exec(sqlite->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_error(sqlite, NULL, err);
	return 0;
}

static int read_version(
    struct sqlite_store *sqlite, int *version, struct err *err)
{
	sqlite3_stmt *statement = NULL;
	int error = 0;

	if (sqlite3_prepare_v2(sqlite->db, "PRAGMA user_version", -1,
		&statement, NULL) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW)
		error = sqlite_error(sqlite, NULL, err);
	else
		*version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return error;
}

static int upgrade(struct sqlite_store *sqlite, int version, struct err *err)
{
	char text[64];
	int error = 0;

	for (; error == 0 && version < VERSION; version++) {
		snprintf(text, sizeof(text), "PRAGMA user_version = %d",
		    version + 1);
		error = execute(sqlite, "BEGIN IMMEDIATE", err);
		if (error == 0)
			error = execute(sqlite, upgrades[version], err);
		if (error == 0)
			error = execute(sqlite, text, err);
		if (error == 0)
			error = execute(sqlite, "COMMIT", err);
	}
	return error;
}

static int check_version(struct sqlite_store *sqlite,
    const struct store_settings *settings, struct err *err)
{
	int version = 0;
	int error = read_version(sqlite, &version, err);

	if (error < 0)
		return error;
	if (version > VERSION)
		return err_input(err,
		    "%.300s: made by a newer egress25 (version %d, this one "
		    "knows %d)",
		    settings->path, version, VERSION);
	if (version == VERSION)
		return 0;
	if (settings->read_only)
		return err_input(err,
		    "%.300s: not set up yet: start the "
		    "collector once",
		    settings->path);
	return upgrade(sqlite, version, err);
}

static const char writer_pragmas[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
    "PRAGMA wal_autocheckpoint = 4000;";
static const char reader_pragmas[] =
    "PRAGMA query_only = ON; PRAGMA cache_size = -16384;"
    "PRAGMA temp_store = MEMORY;";

static int open_database(struct sqlite_store *sqlite,
    const struct store_settings *settings, struct err *err)
{
	int flags = SQLITE_OPEN_NOMUTEX |
		    (settings->read_only
			    ? SQLITE_OPEN_READONLY
			    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	int error;

	if (sqlite3_open_v2(settings->path, &sqlite->db, flags, NULL) !=
	    SQLITE_OK) {
		error = sqlite_error(sqlite, NULL, err);
		err_prefix(err, "%.300s", settings->path);
		return error;
	}
	sqlite3_extended_result_codes(sqlite->db, 1);
	sqlite3_busy_timeout(sqlite->db, BUSY_TIMEOUT_MS);
	error = execute(
	    sqlite, settings->read_only ? reader_pragmas : writer_pragmas, err);
	if (error == 0)
		error = check_version(sqlite, settings, err);
	if (error == 0)
		error = sqlite_load_texts(sqlite, err);
	return error;
}

static void close_store(struct store *store)
{
	struct sqlite_store *sqlite = (struct sqlite_store *)store;
	int i;

	for (i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(sqlite->statements[i]);
	sqlite3_close(sqlite->db);
	intern_free(&sqlite->intern);
	free(sqlite);
}

static const struct store_engine engine = {
    .close = close_store,
    .write = sqlite_write,
    .measurements = sqlite_measurements,
    .rollups = sqlite_rollups,
    .network = sqlite_network,
    .annotate = sqlite_annotate,
    .totals = sqlite_totals,
    .enrol = sqlite_enrol,
    .find_agent = sqlite_find_agent,
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
	error = open_database(sqlite, settings, err);
	if (error < 0) {
		close_store(&sqlite->store);
		return error;
	}
	*store = &sqlite->store;
	return 0;
}
