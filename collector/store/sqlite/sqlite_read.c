/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/row_cursor.h"
#include "lib/base/clock.h"

/*
 * Measurements are listed report by report, in the order of the reports' first
 * measurements and then of their UUIDs; within a report by time and number. (In
 * an order by rows a page would unpack all reports that were under way where it
 * begins.) The index report_time covers all that is needed to tell whether a
 * report must be unpacked.
 */

/* --- which reports --- */

/* The longest time that a report covers: one that began this long before
 * `since` may hold rows from after it. */
int sqlite_read_span(
    struct sqlite_store *sqlite, int64_t *span_ms, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_SPAN);
	int found = sqlite_step_one(sqlite, statement, err);

	*span_ms = 0;
	if (found <= 0)
		return found;
	*span_ms = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return 0;
}

static sqlite3_stmt *prepare_reports(struct sqlite_store *sqlite,
    const struct row_filter *filter, const struct store_page *page,
    const struct row_cursor *from, int64_t span_ms)
{
	const char *order = page->newest_first ? "DESC" : "ASC";
	const char *also = from->n == ROW_CURSOR_ALL ? "" : "=";
	sqlite3_stmt *statement = NULL;
	char text[512], behind[64] = "";

	if (page->cursor[0] != '\0')
		snprintf(behind, sizeof(behind),
		    " AND (first_ms, uuid) %s%s (?4, ?5)",
		    page->newest_first ? "<" : ">", also);
	snprintf(text, sizeof(text),
	    "SELECT first_ms, id, summary, uuid FROM report"
	    " WHERE first_ms >= ?1 AND last_ms >= ?2 AND first_ms < ?3%s"
	    " ORDER BY first_ms %s, uuid %s",
	    behind, order, order);
	if (sqlite3_prepare_v2(sqlite->db, text, -1, &statement, NULL) !=
	    SQLITE_OK)
		return NULL;
	sqlite3_bind_int64(statement, 1,
	    filter->since_ms != 0 ? filter->since_ms - span_ms : INT64_MIN);
	sqlite3_bind_int64(
	    statement, 2, filter->since_ms != 0 ? filter->since_ms : INT64_MIN);
	sqlite3_bind_int64(
	    statement, 3, filter->until_ms != 0 ? filter->until_ms : INT64_MAX);
	if (page->cursor[0] == '\0')
		return statement;
	sqlite3_bind_int64(statement, 4, from->at_ms);
	sqlite3_bind_blob(
	    statement, 5, from->report, ROW_UUID_BYTES, SQLITE_TRANSIENT);
	return statement;
}

/* --- a report's rows --- */

/* A page that is being listed. */
struct row_listing {
	struct sqlite_store *sqlite;
	const struct row_filter *filter;
	struct store_page *page;
	measurement_visit *visit;
	void *arg;
	struct err *err;
	size_t count;
	struct row_cursor last; /* behind the row that was visited last, or the
				   report that was looked at, if that is
				   where a page ends */
	struct row_cursor at;   /* behind the report that is looked at */
	bool full;
	bool began; /* a report was looked at */
};

/* A revoked agent's rows go, even if an import brought them. */
static int leave_out_revoked(struct row_listing *listing)
{
	struct sqlite_store *sqlite = listing->sqlite;
	struct pack *pack = &sqlite->scratch.pack;
	size_t i;

	for (i = 0; i < pack->counts[PACK_SOURCES]; i++) {
		sqlite3_stmt *statement = sqlite_prepare(
		    sqlite, SQL_IS_REVOKED);
		int found;

		sqlite3_bind_text(
		    statement, 1, pack->sources[i].agent, -1, SQLITE_STATIC);
		found = sqlite_step_one(sqlite, statement, listing->err);
		if (found < 0)
			return found;
		if (found > 0) {
			sqlite3_reset(statement);
			pack_leave_out(pack, i);
		}
	}
	return 0;
}

static int unpack(struct row_listing *listing, int64_t report, char id[37])
{
	struct sqlite_store *sqlite = listing->sqlite;
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_GET_ROWS);
	const void *uuid;
	bool is_imported;
	int found, error;

	sqlite3_bind_int64(statement, 1, report);
	found = sqlite_step_one(sqlite, statement, listing->err);
	if (found <= 0)
		return found < 0
			   ? found
			   : sqlite_damaged(sqlite, -EBADMSG, listing->err);
	uuid = sqlite3_column_blob(statement, 0);
	id[0] = '\0';
	if (uuid != NULL &&
	    sqlite3_column_bytes(statement, 0) == ROW_UUID_BYTES)
		row_uuid_print(uuid, id);
	error = pack_read(&sqlite->scratch.pack,
	    sqlite3_column_blob(statement, 1),
	    (size_t)sqlite3_column_bytes(statement, 1));
	/* A revoked agent's report has no rows. */
	if (sqlite3_column_int(statement, 2) != 0)
		sqlite->scratch.pack.counts[PACK_ROWS] = 0;
	is_imported = sqlite3_column_int(statement, 3) != 0;
	sqlite3_reset(statement);
	if (error < 0)
		return sqlite_damaged(sqlite, error, listing->err);
	return is_imported ? leave_out_revoked(listing) : 0;
}

static int visit_row(struct row_listing *listing, const char *id, size_t index)
{
	const struct pack *pack = &listing->sqlite->scratch.pack;
	struct measurement row;

	pack_row_at(pack, index, &row);
	row_id_make(row.id, id, pack->rows[index].n);
	listing->last.n = pack->rows[index].n;
	listing->count++;
	return listing->visit(listing->arg, &row);
}

/* How many of the report's rows come before the cursor, in the list's order. */
static size_t skip_to(const struct row_listing *listing, uint32_t n)
{
	const struct pack *pack = &listing->sqlite->scratch.pack;
	size_t i, count = pack->counts[PACK_ROWS];

	for (i = 0; i < count; i++)
		if (pack->rows[i].n == n)
			return listing->page->newest_first ? count - i : i + 1;
	return 0;
}

/* Visit the rows that match, beginning with number `from` in the list's order,
 * until one more would not fit on the page. */
static int visit_rows(struct row_listing *listing, const char *id, size_t from)
{
	const struct pack *pack = &listing->sqlite->scratch.pack;
	size_t i, index, count = pack->counts[PACK_ROWS];
	int result = 0;

	for (i = from; result == 0 && i < count; i++) {
		index = listing->page->newest_first ? count - 1 - i : i;
		if (!pack_matches(pack, index, listing->filter))
			continue;
		if (listing->count == listing->page->limit) {
			listing->full = true;
			break;
		}
		listing->last = listing->at;
		result = visit_row(listing, id, index);
	}
	return result;
}

/* Each page advances, or a list would never end. */
static bool is_late(const struct row_listing *listing)
{
	return listing->page->until_us != 0 && listing->began &&
	       clock_mono_us() >= listing->page->until_us;
}

/* Go on to the report of the statement's row. */
static int step_to(struct row_listing *listing, sqlite3_stmt *statement)
{
	const void *uuid = sqlite3_column_blob(statement, 3);

	if (sqlite3_column_bytes(statement, 3) != ROW_UUID_BYTES)
		return sqlite_damaged(listing->sqlite, -EBADMSG, listing->err);
	listing->began = true;
	listing->at.at_ms = sqlite3_column_int64(statement, 0);
	memcpy(listing->at.report, uuid, ROW_UUID_BYTES);
	listing->at.n = ROW_CURSOR_ALL;
	return 0;
}

static bool is_at(
    const struct row_listing *listing, const struct row_cursor *from)
{
	return listing->page->cursor[0] != '\0' &&
	       listing->at.at_ms == from->at_ms &&
	       memcmp(listing->at.report, from->report, ROW_UUID_BYTES) == 0;
}

static int visit_report(struct row_listing *listing, sqlite3_stmt *statement,
    const struct row_cursor *from)
{
	char id[37];
	int error;

	if (is_late(listing)) {
		listing->full = true;
		listing->last = listing->at;
		return 0;
	}
	error = step_to(listing, statement);
	if (error < 0 ||
	    !pack_may_match(sqlite3_column_blob(statement, 2),
		(size_t)sqlite3_column_bytes(statement, 2), listing->filter))
		return error;
	error = unpack(listing, sqlite3_column_int64(statement, 1), id);
	if (error < 0)
		return error;
	return visit_rows(
	    listing, id, is_at(listing, from) ? skip_to(listing, from->n) : 0);
}

static int visit_reports(struct row_listing *listing, sqlite3_stmt *statement,
    const struct row_cursor *from)
{
	int status = SQLITE_ROW, result = 0;

	while (result == 0 && !listing->full &&
	       (status = sqlite3_step(statement)) == SQLITE_ROW)
		result = visit_report(listing, statement, from);
	if (result == 0 && status != SQLITE_ROW && status != SQLITE_DONE)
		result = sqlite_error(listing->sqlite, NULL, listing->err);
	listing->page->cursor[0] = '\0';
	if (result == 0 && listing->full)
		row_cursor_add(listing->page->cursor, true, &listing->last);
	return result;
}

int sqlite_measurements(struct store *store, const struct row_filter *filter,
    struct store_page *page, measurement_visit *visit, void *arg,
    struct err *err)
{
	struct row_listing listing = {
	    .sqlite = sqlite_of(store),
	    .filter = filter,
	    .page = page,
	    .visit = visit,
	    .arg = arg,
	    .err = err,
	};
	struct row_cursor from = {0};
	const char *cursor = page->cursor;
	sqlite3_stmt *statement;
	int64_t span_ms;
	int error;

	if (cursor[0] != '\0' && !row_cursor_read(&cursor, '\0', true, &from))
		return err_input(
		    err, "\"%.60s\" is no cursor of ours", page->cursor);
	error = sqlite_read_span(listing.sqlite, &span_ms, err);
	if (error < 0)
		return error;
	statement = prepare_reports(
	    listing.sqlite, filter, page, &from, span_ms);
	if (statement == NULL)
		return sqlite_error(listing.sqlite, NULL, err);
	error = visit_reports(&listing, statement, &from);
	sqlite3_finalize(statement);
	return error;
}

/* --- one report --- */

/* The row that a statement has of a report, to be read and reset. */
static int find_of_report(struct sqlite_store *sqlite,
    enum sqlite_statement which, const char *id, sqlite3_stmt **statement,
    struct err *err)
{
	uint8_t uuid[ROW_UUID_BYTES];
	int found = 0;

	*statement = sqlite_prepare(sqlite, which);
	if (row_uuid_pack(id, uuid)) {
		sqlite3_bind_blob(
		    *statement, 1, uuid, sizeof(uuid), SQLITE_TRANSIENT);
		found = sqlite_step_one(sqlite, *statement, err);
	}
	if (found < 0)
		return found;
	if (found == 0) {
		err_input(err, "there is no report \"%.60s\"", id);
		return -ENOENT;
	}
	return 0;
}

static int find_report(struct sqlite_store *sqlite, const char *id,
    int64_t *number, struct err *err)
{
	sqlite3_stmt *statement;
	int error = find_of_report(
	    sqlite, SQL_FIND_REPORT, id, &statement, err);

	if (error < 0)
		return error;
	*number = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return 0;
}

int sqlite_report_rows(struct store *store, const char *id,
    measurement_visit *visit, void *arg, struct err *err)
{
	struct store_page page = {.limit = SIZE_MAX};
	struct row_filter filter;
	struct row_listing listing = {
	    .sqlite = sqlite_of(store),
	    .filter = &filter,
	    .page = &page,
	    .visit = visit,
	    .arg = arg,
	    .err = err,
	};
	char found[37];
	int64_t number;
	int error;

	row_filter_init(&filter);
	error = find_report(listing.sqlite, id, &number, err);
	if (error == 0)
		error = unpack(&listing, number, found);
	return error < 0 ? error : visit_rows(&listing, found, 0);
}

int sqlite_report_detail(
    struct store *store, const char *id, struct buf *out, struct err *err)
{
	sqlite3_stmt *statement;
	int error = find_of_report(
	    sqlite_of(store), SQL_GET_DETAIL, id, &statement, err);

	if (error < 0)
		return error;
	if (sqlite3_column_bytes(statement, 0) > 0)
		buf_append(out, sqlite3_column_blob(statement, 0),
		    (size_t)sqlite3_column_bytes(statement, 0));
	sqlite3_reset(statement);
	return out->failed ? err_system(err, -ENOMEM, "a report") : 0;
}
