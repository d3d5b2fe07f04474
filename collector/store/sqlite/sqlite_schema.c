/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_schema.h"

#include <stdio.h>

#include "collector/store/sqlite/sqlite_upgrade.h"

#define APPLICATION_ID 0x65673235 /* "eg25" */

/*
 * Element i upgrades a database from version i to i + 1; version 0 is empty. A
 * released element is never changed.
 *
 * report    rows and summary as in pack.h; agent: its number, or NULL (import);
 *           count: of the listed rows
 *           digest: of the content that its agent sent, if it did
 *           detail: as in report_detail.h, or NULL
 * rollup    codes as in rollup.h; first, last: times of the day in ms
 * allowance how many of its rollups of a day an agent has taken
 * network   how many measurements of the ASN's newest day gave it this name
 * vantage   operator: as the agent's rows of that day have it; "": unknown;
 *           local: it sent a report itself
 * total     a single row
 * history   codes as in codes.h; shares in hundredths
 * event     codes too
 * touched   ASN 0: of the agent something has changed, of "" anything may have
 */
static const char *const upgrades[] = {
    "CREATE TABLE report (id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE,"
    " agent INTEGER, received_ms INTEGER NOT NULL, first_ms INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL, count INTEGER NOT NULL, summary BLOB NOT NULL,"
    " rows BLOB NOT NULL);"
    "CREATE INDEX report_time ON report (first_ms, id, last_ms, summary);"
    "CREATE TABLE evidence (report INTEGER PRIMARY KEY, body BLOB NOT NULL);"
    "CREATE TABLE rollup (id INTEGER PRIMARY KEY, asn INTEGER NOT NULL,"
    " family INTEGER NOT NULL, port INTEGER NOT NULL, day INTEGER NOT NULL,"
    " prefix TEXT NOT NULL, agent TEXT NOT NULL, entries BLOB NOT NULL,"
    " UNIQUE (asn, family, port, day, prefix, agent));"
    "CREATE TABLE vantage (agent TEXT PRIMARY KEY) WITHOUT ROWID;"
    "CREATE TABLE network (asn INTEGER NOT NULL, country TEXT NOT NULL,"
    " name TEXT NOT NULL, day INTEGER NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY (asn, country, name)) WITHOUT ROWID;"
    "CREATE TABLE annotation (asn INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    "CREATE TABLE total (one INTEGER PRIMARY KEY, reports INTEGER NOT NULL,"
    " measurements INTEGER NOT NULL, last_ms INTEGER NOT NULL,"
    " span_ms INTEGER NOT NULL);"
    "INSERT INTO total VALUES (1, 0, 0, 0, 0);"
    "CREATE TABLE agent (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " public_key BLOB NOT NULL UNIQUE, contact TEXT NOT NULL,"
    " enrolled_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL DEFAULT 0,"
    " revoked_ms INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE token (sha256 BLOB PRIMARY KEY, made_ms INTEGER NOT NULL,"
    " used_ms INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;",

    /* Reports from before this time may have been removed. */
    "ALTER TABLE total ADD COLUMN expired_ms INTEGER NOT NULL DEFAULT 0;",

    /* The pseudonyms of revoked agents. */
    "CREATE TABLE revoked (agent TEXT PRIMARY KEY) WITHOUT ROWID;",

    /* Keys that were replaced, and may not be used again. */
    "CREATE TABLE former_key (public_key BLOB PRIMARY KEY) WITHOUT ROWID;",

    /* A summary names the ports too: one without them says nothing. */
    "UPDATE report SET summary = x'';",

    /* A row for each count, instead of one for all of a vantage point. */
    "ALTER TABLE rollup RENAME TO packed_rollup;"
    "CREATE TABLE rollup (asn INTEGER NOT NULL, family INTEGER NOT NULL,"
    " port INTEGER NOT NULL, day INTEGER NOT NULL, prefix TEXT NOT NULL,"
    " agent TEXT NOT NULL, endpoint TEXT NOT NULL, codes INTEGER NOT NULL,"
    " count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
    " PRIMARY KEY (asn, family, port, day, prefix, agent, endpoint, codes))"
    " WITHOUT ROWID;"
    "CREATE TABLE allowance (agent TEXT NOT NULL, day INTEGER NOT NULL,"
    " taken INTEGER NOT NULL, PRIMARY KEY (agent, day)) WITHOUT ROWID;"
    "ALTER TABLE report ADD COLUMN digest BLOB;",

    /* Whose pseudonyms and proofs it has; and how far retention has come. */
    ("CREATE TABLE secret (one INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL);"
     "ALTER TABLE total ADD COLUMN clock_ms INTEGER NOT NULL DEFAULT 0;"),

    /* What was published, by day: a day is written together. */
    ("CREATE TABLE history (day INTEGER NOT NULL, asn INTEGER NOT NULL,"
     " family INTEGER NOT NULL, port INTEGER NOT NULL, state INTEGER NOT NULL,"
     " level INTEGER NOT NULL, mechanism INTEGER NOT NULL,"
     " vantage_points INTEGER NOT NULL, low INTEGER NOT NULL,"
     " mid INTEGER NOT NULL, high INTEGER NOT NULL,"
     " PRIMARY KEY (day, asn, family, port)) WITHOUT ROWID;"
     "CREATE TABLE event (id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL,"
     " asn INTEGER NOT NULL, family INTEGER NOT NULL, port INTEGER NOT NULL,"
     " was INTEGER NOT NULL, became INTEGER NOT NULL, level INTEGER NOT NULL,"
     " vantage_points INTEGER NOT NULL, because TEXT NOT NULL) WITHOUT ROWID;"
     "CREATE INDEX event_time ON event (at_ms, id);"
     "CREATE INDEX event_network ON event (asn, at_ms, id);"
     "ALTER TABLE total ADD COLUMN closed_day INTEGER;"),

    /* Who enrolled an agent; and between which ASes a failure lies. */
    ("ALTER TABLE agent ADD COLUMN operator TEXT NOT NULL DEFAULT '';"
     "ALTER TABLE vantage ADD COLUMN operator TEXT NOT NULL DEFAULT '';"
     "ALTER TABLE vantage ADD COLUMN operator_day INTEGER NOT NULL DEFAULT -1;"
     "ALTER TABLE rollup RENAME TO old_rollup;"
     "CREATE TABLE rollup (asn INTEGER NOT NULL, family INTEGER NOT NULL,"
     " port INTEGER NOT NULL, day INTEGER NOT NULL, prefix TEXT NOT NULL,"
     " agent TEXT NOT NULL, endpoint TEXT NOT NULL, codes INTEGER NOT NULL,"
     " after_asn INTEGER NOT NULL, before_asn INTEGER NOT NULL,"
     " count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
     " PRIMARY KEY (asn, family, port, day, prefix, agent, endpoint, codes,"
     " after_asn, before_asn)) WITHOUT ROWID;"
     "INSERT INTO rollup SELECT asn, family, port, day, prefix, agent,"
     " endpoint, codes, 0, 0, count, first, last FROM old_rollup"
     " ORDER BY asn, family, port, day, prefix, agent, endpoint, codes;"
     "DROP TABLE old_rollup;"),

    /* Accusations that rest only on new agents. */
    ("ALTER TABLE vantage ADD COLUMN local INTEGER NOT NULL DEFAULT 0;"
     "CREATE TABLE review (asn INTEGER NOT NULL, family INTEGER NOT NULL,"
     " port INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
     " released INTEGER NOT NULL, reason TEXT NOT NULL,"
     " PRIMARY KEY (asn, family, port)) WITHOUT ROWID;"),

    /* What is shown of a report beside its rows. */
    "ALTER TABLE report ADD COLUMN detail BLOB;",

    /* Which rollups were touched lately. */
    ("CREATE TABLE touched (number INTEGER PRIMARY KEY, asn INTEGER NOT NULL,"
     " family INTEGER NOT NULL, port INTEGER NOT NULL, day INTEGER NOT NULL,"
     " agent TEXT NOT NULL);"),

    /* What is said of a network, by kind (network_words.h), when and by whom;
     * the old ones are replies of an unknown time, as they were published. */
    ("ALTER TABLE annotation RENAME TO old_annotation;"
     "CREATE TABLE annotation (asn INTEGER NOT NULL, kind INTEGER NOT NULL,"
     " at_ms INTEGER NOT NULL, said_by TEXT NOT NULL, text TEXT NOT NULL,"
     " PRIMARY KEY (asn, kind)) WITHOUT ROWID;"
     "INSERT INTO annotation SELECT asn, 0, 0, '', text FROM old_annotation"
     " WHERE text != '';"
     "DROP TABLE old_annotation;"),

    /* Lists go by what every store knows of a report. */
    ("DROP INDEX report_time;"
     "CREATE INDEX report_time ON report (first_ms, uuid, last_ms, summary);"),
};

#define VERSION ((int)(sizeof(upgrades) / sizeof(*upgrades)))

static int read_number(
    struct sqlite_store *sqlite, const char *text, int *number, struct err *err)
{
	sqlite3_stmt *statement = NULL;
	int error = 0;

	if (sqlite3_prepare_v2(sqlite->db, text, -1, &statement, NULL) !=
		SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW)
		error = sqlite_error(sqlite, NULL, err);
	else
		*number = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return error;
}

/* Within a transaction, or the answers may be of different states. */
static int read_version(
    struct sqlite_store *sqlite, int *version, struct err *err)
{
	int application = 0, objects = 0;
	int error = read_number(
	    sqlite, "PRAGMA application_id", &application, err);

	if (error == 0)
		error = read_number(
		    sqlite, "PRAGMA user_version", version, err);
	if (error == 0)
		error = read_number(sqlite,
		    "SELECT count(*) FROM sqlite_schema", &objects, err);
	if (error < 0)
		return error;
	if (application != APPLICATION_ID && (objects > 0 || *version > 0))
		return err_input(
		    err, "%.300s: is another program's database", sqlite->path);
	if (*version > VERSION)
		return err_input(err,
		    "%.300s: made by a newer egress25 (version %d, this one "
		    "knows %d)",
		    sqlite->path, *version, VERSION);
	return 0;
}

int sqlite_read_version(
    struct sqlite_store *sqlite, int *version, struct err *err)
{
	int error = sqlite_execute(sqlite, "BEGIN", err);

	if (error < 0)
		return error;
	error = read_version(sqlite, version, err);
	sqlite3_exec(sqlite->db, "COMMIT", NULL, NULL, NULL);
	return error;
}

/* Within a transaction, since two collectors may start at once. */
static int upgrade(struct sqlite_store *sqlite, struct err *err)
{
	char text[100];
	int version = 0;
	int error = read_version(sqlite, &version, err);
	bool packed = version <= SQLITE_PACKED_ROLLUPS;

	for (; error == 0 && version < VERSION; version++) {
		error = sqlite_execute(sqlite, upgrades[version], err);
		snprintf(text, sizeof(text),
		    "PRAGMA user_version = %d; PRAGMA application_id = %d",
		    version + 1, APPLICATION_ID);
		if (error == 0)
			error = sqlite_execute(sqlite, text, err);
	}
	/* Into the tables as they are now. */
	return error == 0 && packed ? sqlite_unpack_rollups(sqlite, err)
				    : error;
}

int sqlite_set_up_tables(
    struct sqlite_store *sqlite, bool read_only, struct err *err)
{
	int version = 0;
	int error = sqlite_read_version(sqlite, &version, err);

	if (error < 0 || version == VERSION)
		return error;
	if (read_only)
		return err_input(err,
		    "%.300s: is of an older version (%d, this one knows %d): "
		    "start the collector once",
		    sqlite->path, version, VERSION);
	error = sqlite_begin(sqlite, err);
	if (error < 0)
		return error;
	error = upgrade(sqlite, err);
	return sqlite_end(sqlite, error, err);
}
