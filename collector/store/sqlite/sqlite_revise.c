/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_revise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/record/row_id.h"
#include "collector/store/sqlite/sqlite_expire.h"
#include "collector/store/sqlite/sqlite_incoming.h"
#include "collector/store/sqlite/sqlite_read.h"
#include "collector/store/sqlite/sqlite_rollup.h"
#include "collector/store/sqlite/sqlite_touched.h"
#include "collector/store/sqlite/sqlite_write.h"
#include "lib/base/day.h"

/* A day that is being revised. */
struct revising {
	struct sqlite_store *sqlite;
	const struct store_revising *how;
	int64_t first_ms, id; /* of the report that was read last */
	uint8_t uuid[ROW_UUID_BYTES];
	struct measurement *rows; /* owned: its rows, sorted by time */
	size_t nrows, capacity;
	int32_t first_day, last_day; /* that have a changed row */
	struct err *err;
};

/* --- reports, one after the other --- */

static int make_room(struct revising *revising, size_t count)
{
	struct measurement *grown;

	if (count <= revising->capacity)
		return 0;
	grown = realloc(revising->rows, count * sizeof(*grown));
	if (grown == NULL)
		return err_system(revising->err, -ENOMEM, "database");
	revising->rows = grown;
	revising->capacity = count;
	return 0;
}

/* Unpack the rows of the report that the statement stands on. */
static int unpack(
    struct revising *revising, sqlite3_stmt *statement, const char *report)
{
	struct sqlite_store *sqlite = revising->sqlite;
	struct pack *pack = &sqlite->scratch.pack;
	int error = pack_read(pack, sqlite3_column_blob(statement, 3),
	    (size_t)sqlite3_column_bytes(statement, 3));
	size_t i;

	if (error < 0)
		return sqlite_damaged(sqlite, error, revising->err);
	revising->nrows = pack->counts[PACK_ROWS];
	error = make_room(revising, revising->nrows);
	for (i = 0; error == 0 && i < revising->nrows; i++) {
		pack_row_at(pack, i, &revising->rows[i]);
		row_id_make(revising->rows[i].id, report, pack->rows[i].n);
	}
	return error;
}

/* The next report begins after that time: none has the max UUID. */
static void begin_behind(struct revising *revising, int64_t first_ms)
{
	revising->first_ms = first_ms;
	memset(revising->uuid, 0xff, sizeof(revising->uuid));
}

/* Step to the next report that begins before `until_ms`: 1, 0: there is none,
 * or -errno. The caller resets the statement. */
static int next_report(struct revising *revising, int64_t until_ms,
    sqlite3_stmt **statement, char report[37])
{
	const void *uuid;
	int found, error;

	*statement = sqlite_prepare(revising->sqlite, SQL_NEXT_REPORT);
	sqlite3_bind_int64(*statement, 1, revising->first_ms);
	sqlite3_bind_blob(*statement, 2, revising->uuid, sizeof(revising->uuid),
	    SQLITE_TRANSIENT);
	sqlite3_bind_int64(*statement, 3, until_ms);
	found = sqlite_step_one(revising->sqlite, *statement, revising->err);
	if (found <= 0)
		return found;
	revising->id = sqlite3_column_int64(*statement, 0);
	revising->first_ms = sqlite3_column_int64(*statement, 1);
	uuid = sqlite3_column_blob(*statement, 2);
	if (sqlite3_column_bytes(*statement, 2) != ROW_UUID_BYTES)
		error = sqlite_damaged(
		    revising->sqlite, -EBADMSG, revising->err);
	else {
		memcpy(revising->uuid, uuid, ROW_UUID_BYTES);
		row_uuid_print(uuid, report);
		error = unpack(revising, *statement, report);
	}
	if (error < 0)
		sqlite3_reset(*statement);
	return error < 0 ? error : 1;
}

/* --- what is changed --- */

static void note_days(struct revising *revising)
{
	size_t i;

	for (i = 0; i < revising->nrows; i++) {
		int32_t day = rollup_day(revising->rows[i].at_ms);

		if (day < revising->first_day)
			revising->first_day = day;
		if (day > revising->last_day)
			revising->last_day = day;
	}
}

static int store_changed(struct revising *revising, const char *report)
{
	struct sqlite_store *sqlite = revising->sqlite;
	size_t i;

	if (incoming_make_room(sqlite, revising->nrows, revising->err) < 0)
		return -ENOMEM;
	for (i = 0; i < revising->nrows; i++) {
		struct numbered_row *row = &sqlite->scratch.rows[i];

		row->row = &revising->rows[i];
		if (!row_id_number(row->row->id, report, &row->n))
			return sqlite_damaged(sqlite, -EBADMSG, revising->err);
	}
	note_days(revising);
	return sqlite_change_rows(
	    sqlite, revising->id, revising->nrows, revising->err);
}

static int revise_report(
    struct revising *revising, sqlite3_stmt *statement, const char *report)
{
	struct store_revision revision = {
	    .id = report,
	    .received_ms = sqlite3_column_int64(statement, 4),
	    .signed_body = sqlite3_column_blob(statement, 5),
	    .signed_body_length = (size_t)sqlite3_column_bytes(statement, 5),
	    .rows = revising->rows,
	    .nrows = revising->nrows,
	};
	int changed = 0;

	if (revision.signed_body != NULL)
		changed = revising->how->revise(revising->how->arg, &revision);
	sqlite3_reset(statement);
	return changed > 0 ? store_changed(revising, report) : changed;
}

static int revise_reports(struct revising *revising)
{
	int32_t day = revising->how->day;
	sqlite3_stmt *statement;
	char report[37];
	int found, error = 0;

	begin_behind(revising, rollup_day_ms(day) - 1);
	while (error == 0) {
		found = next_report(
		    revising, rollup_day_ms(day + 1), &statement, report);
		if (found <= 0)
			return found;
		error = revise_report(revising, statement, report);
	}
	return error;
}

/* --- rollups --- */

static int add_rollups_of(struct revising *revising, int32_t day)
{
	struct sqlite_store *sqlite = revising->sqlite;
	size_t i, counted = 0;

	if (incoming_make_room(sqlite, revising->nrows, revising->err) < 0)
		return -ENOMEM;
	for (i = 0; i < revising->nrows; i++)
		if (rollup_day(revising->rows[i].at_ms) == day &&
		    rollup_is_counted(&revising->rows[i]))
			sqlite->scratch.counted[counted++] = &revising->rows[i];
	if (counted == 0)
		return 0;
	qsort(sqlite->scratch.counted, counted,
	    sizeof(*sqlite->scratch.counted), rollup_compare);
	return sqlite_add_rollups(
	    sqlite, sqlite->scratch.counted, counted, revising->err);
}

static int drop_day(
    struct revising *revising, enum sqlite_statement which, int32_t day)
{
	sqlite3_stmt *statement = sqlite_prepare(revising->sqlite, which);

	sqlite3_bind_int(statement, 1, day);
	return sqlite_run(revising->sqlite, statement, revising->err);
}

static int count_day(struct revising *revising, int32_t day, int64_t span_ms)
{
	sqlite3_stmt *statement;
	char report[37];
	int found = 0, error = drop_day(revising, SQL_DROP_ROLLUPS, day);

	if (error == 0)
		error = drop_day(revising, SQL_DROP_ALLOWANCES, day);
	begin_behind(revising, rollup_day_ms(day) - span_ms - 1);
	while (error == 0) {
		found = next_report(
		    revising, rollup_day_ms(day + 1), &statement, report);
		if (found <= 0)
			return found;
		sqlite3_reset(statement);
		error = add_rollups_of(revising, day);
	}
	return error;
}

static int count_days(struct revising *revising, int64_t expired_ms)
{
	int64_t span_ms = 0;
	int32_t day;
	int error = sqlite_read_span(revising->sqlite, &span_ms, revising->err);

	for (day = revising->first_day; error == 0 && day <= revising->last_day;
	     day++)
		if (rollup_day_ms(day) >= expired_ms)
			error = count_day(revising, day, span_ms);
	return error;
}

int sqlite_revise_day(
    struct store *store, const struct store_revising *how, struct err *err)
{
	struct revising revising = {
	    .sqlite = sqlite_of(store),
	    .how = how,
	    .first_day = INT32_MAX,
	    .last_day = INT32_MIN,
	    .err = err,
	};
	struct sqlite_limits removed = {0};
	int error = sqlite_begin(revising.sqlite, err);

	if (error < 0)
		return error;
	error = sqlite_read_limits(revising.sqlite, &removed, err);
	if (error == 0 && rollup_day_ms(how->day) >= removed.expired_ms)
		error = revise_reports(&revising);
	if (error == 0)
		error = count_days(&revising, removed.expired_ms);
	if (error == 0 && revising.first_day <= revising.last_day)
		error = sqlite_touch_agent(revising.sqlite, "", err);
	free(revising.rows);
	return sqlite_end(revising.sqlite, error, err);
}

/* --- counting alone --- */

static int sum_day(
    struct sqlite_store *sqlite, int32_t day, int64_t *sum, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_SUM_ROLLUPS);
	int found;

	sqlite3_bind_int(statement, 1, day);
	found = sqlite_step_one(sqlite, statement, err);
	if (found <= 0)
		return found;
	*sum = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return 0;
}

/* Within a transaction. */
static int rebuild(struct revising *revising, struct store_rebuilt *rebuilt)
{
	struct sqlite_store *sqlite = revising->sqlite;
	struct sqlite_limits removed = {0};
	int32_t day = revising->first_day;
	int error = sqlite_read_limits(sqlite, &removed, revising->err);

	if (error == 0)
		error = sum_day(sqlite, day, &rebuilt->before, revising->err);
	rebuilt->is_kept = rollup_day_ms(day) < removed.expired_ms;
	if (error == 0)
		error = count_days(revising, removed.expired_ms);
	if (error == 0)
		error = sum_day(sqlite, day, &rebuilt->after, revising->err);
	return error;
}

int sqlite_rebuild_day(struct store *store, int32_t day,
    struct store_rebuilt *rebuilt, struct err *err)
{
	struct revising revising = {
	    .sqlite = sqlite_of(store),
	    .first_day = day,
	    .last_day = day,
	    .err = err,
	};
	int error = sqlite_begin(revising.sqlite, err);

	*rebuilt = (struct store_rebuilt){0};
	if (error < 0)
		return error;
	error = rebuild(&revising, rebuilt);
	free(revising.rows);
	return sqlite_end(revising.sqlite, error, err);
}
