/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_move.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/row_id.h"
#include "collector/store/sqlite/sqlite_expire.h"
#include "collector/store/sqlite/sqlite_handle.h"

#define REPORTS_MOST 512
#define ROWS_MOST    20000 /* but for the last report */

/* --- reports --- */

/* Copy a column; NULL stays NULL. */
static int copy_column(
    sqlite3_stmt *statement, int column, const void **copy, size_t *length)
{
	const void *bytes = sqlite3_column_blob(statement, column);
	void *made;

	*copy = NULL;
	*length = (size_t)sqlite3_column_bytes(statement, column);
	if (bytes == NULL)
		return 0;
	made = malloc(*length + 1);
	if (made == NULL)
		return -ENOMEM;
	memcpy(made, bytes, *length);
	*copy = made;
	return 0;
}

static int unpack_rows(
    struct pack *pack, sqlite3_stmt *statement, struct store_report *report)
{
	struct measurement *rows;
	size_t i, count;
	int error = pack_read(pack, sqlite3_column_blob(statement, 3),
	    (size_t)sqlite3_column_bytes(statement, 3));

	if (error < 0)
		return error;
	count = pack->counts[PACK_ROWS];
	rows = malloc((count + 1) * sizeof(*rows));
	if (rows == NULL)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		pack_row_at(pack, i, &rows[i]);
		row_id_make(rows[i].id, report->id, pack->rows[i].n);
	}
	report->rows = rows;
	report->nrows = count;
	return 0;
}

/* Whose it is. An agent that the registry has no more still sent it. */
static void read_sender(sqlite3_stmt *statement, struct store_report *report)
{
	const void *digest = sqlite3_column_blob(statement, 4);

	if (digest == NULL)
		return;
	if (sqlite3_column_bytes(statement, 4) == STORE_DIGEST_BYTES)
		memcpy(report->digest, digest, STORE_DIGEST_BYTES);
	sqlite_column_text(
	    statement, 5, report->agent_id, sizeof(report->agent_id));
	if (report->agent_id[0] == '\0')
		strcpy(report->agent_id, "-");
}

/* Read the report that the statement stands on. */
static int read_report(struct sqlite_store *sqlite, sqlite3_stmt *statement,
    struct store_report *report)
{
	const void *uuid = sqlite3_column_blob(statement, 1), *body;
	int error;

	memset(report, 0, sizeof(*report));
	if (sqlite3_column_bytes(statement, 1) != ROW_UUID_BYTES)
		return -EBADMSG;
	row_uuid_print(uuid, report->id);
	report->received_ms = sqlite3_column_int64(statement, 2);
	read_sender(statement, report);
	error = unpack_rows(&sqlite->scratch.pack, statement, report);
	if (error == 0)
		error = copy_column(
		    statement, 6, &report->detail, &report->detail_length);
	if (error == 0)
		error = copy_column(
		    statement, 7, &body, &report->signed_body_length);
	if (error == 0)
		report->signed_body = body;
	return error;
}

int sqlite_move_reports(struct store *store, int64_t *position,
    struct move_batch *batch, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_MOVE_REPORTS);
	int found = 0, error = 0;

	*batch = (struct move_batch){0};
	batch->reports = calloc(REPORTS_MOST, sizeof(*batch->reports));
	if (batch->reports == NULL)
		return err_system(err, -ENOMEM, "reports");
	sqlite3_bind_int64(statement, 1, *position);
	while (error == 0 && batch->nreports < REPORTS_MOST &&
	       batch->nrows < ROWS_MOST &&
	       (found = sqlite_step_one(sqlite, statement, err)) > 0) {
		struct store_report *report = &batch
						   ->reports[batch->nreports++];

		error = read_report(sqlite, statement, report);
		batch->nrows += report->nrows;
		*position = sqlite3_column_int64(statement, 0);
	}
	sqlite3_reset(statement);
	if (error < 0)
		return sqlite_damaged(sqlite, error, err);
	return found < 0 ? found : batch->nreports > 0;
}

/* --- the registry --- */

static void read_bytes(sqlite3_stmt *statement, uint8_t bytes[32])
{
	const void *found = sqlite3_column_blob(statement, 0);

	if (found != NULL && sqlite3_column_bytes(statement, 0) == 32)
		memcpy(bytes, found, 32);
}

/* Visit what the statement lists. */
static int visit_entries(struct sqlite_store *sqlite,
    enum sqlite_statement which, struct move_entry entry, move_visit *visit,
    void *arg, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, which);
	int found = 0, result = 0;

	while (result == 0 &&
	       (found = sqlite_step_one(sqlite, statement, err)) > 0) {
		if (entry.kind == MOVE_REVOKED)
			sqlite_column_text(statement, 0, entry.pseudonym,
			    sizeof(entry.pseudonym));
		else
			read_bytes(statement, entry.bytes);
		if (entry.kind == MOVE_TOKEN) {
			entry.made_ms = sqlite3_column_int64(statement, 1);
			entry.used_ms = sqlite3_column_int64(statement, 2);
		}
		result = visit(arg, &entry);
	}
	sqlite3_reset(statement);
	return result == 0 ? found : result;
}

struct agent_listing {
	move_visit *visit;
	void *arg;
};

static int on_agent(void *arg, const struct registry_agent *agent)
{
	const struct agent_listing *listing = arg;
	const struct move_entry entry = {.kind = MOVE_AGENT, .agent = *agent};

	return listing->visit(listing->arg, &entry);
}

int sqlite_move_registry(
    struct store *store, move_visit *visit, void *arg, struct err *err)
{
	static const struct {
		enum sqlite_statement which;
		enum move_kind kind;
	} lists[] = {
	    {SQL_MOVE_FORMER_KEYS, MOVE_FORMER_KEY},
	    {SQL_MOVE_TOKENS, MOVE_TOKEN},
	    {SQL_MOVE_REVOKED, MOVE_REVOKED},
	};
	struct agent_listing listing = {visit, arg};
	int result = registry_list(store, on_agent, &listing, err);
	size_t i;

	for (i = 0; result == 0 && i < sizeof(lists) / sizeof(*lists); i++)
		result = visit_entries(sqlite_of(store), lists[i].which,
		    (struct move_entry){.kind = lists[i].kind}, visit, arg,
		    err);
	return result;
}

/* --- limits --- */

int sqlite_move_limits(
    struct store *store, struct move_limits *limits, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	struct sqlite_limits found = {0};
	sqlite3_stmt *statement;
	int error = sqlite_read_limits(sqlite, &found, err), noted;

	*limits = (struct move_limits){
	    .expired_ms = found.expired_ms, .clock_ms = found.clock_ms};
	if (error < 0)
		return error;
	statement = sqlite_prepare(sqlite, SQL_FIND_SECRET);
	noted = sqlite_step_one(sqlite, statement, err);
	if (noted <= 0)
		return noted;
	if (sqlite3_column_bytes(statement, 0) == REGISTRY_FINGERPRINT_BYTES) {
		memcpy(limits->fingerprint, sqlite3_column_blob(statement, 0),
		    REGISTRY_FINGERPRINT_BYTES);
		limits->has_fingerprint = true;
	}
	sqlite3_reset(statement);
	return 0;
}
