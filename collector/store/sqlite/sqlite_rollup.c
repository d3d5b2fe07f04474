/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_rollup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/store/sqlite/sqlite_batch.h"
#include "collector/store/sqlite/sqlite_network.h"
#include "collector/store/sqlite/sqlite_touched.h"
#include "collector/store/store_changes.h"
#include "lib/base/clock.h"

/* --- counting --- */

/* Bind the key of the table's row. */
static void bind_key(sqlite3_stmt *statement, const struct rollup_row *row)
{
	sqlite3_bind_int64(statement, 1, row->asn);
	sqlite3_bind_int(statement, 2, row->family);
	sqlite3_bind_int(statement, 3, row->port);
	sqlite3_bind_int(statement, 4, row->day);
	sqlite3_bind_text(statement, 5, row->prefix, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 6, row->agent, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 7, row->endpoint, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 8, rollup_codes(row));
	sqlite3_bind_int64(statement, 9, row->after_asn);
	sqlite3_bind_int64(statement, 10, row->before_asn);
}

/* Bind its counts; times are of the day. */
static void bind_counts(sqlite3_stmt *statement, const struct rollup_row *row)
{
	int64_t day_ms = rollup_day_ms(row->day);

	sqlite3_bind_int64(statement, 11, row->count);
	sqlite3_bind_int64(statement, 12, row->first_ms - day_ms);
	sqlite3_bind_int64(statement, 13, row->last_ms - day_ms);
}

/* Take one of the rows that an agent may add on a day. 1, 0: there are none
 * left, or -errno. */
static int take_allowance(
    struct sqlite_store *sqlite, const struct rollup_row *row, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_TAKE_ALLOWANCE);
	int error;

	sqlite3_bind_text(statement, 1, row->agent, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 2, row->day);
	sqlite3_bind_int(statement, 3, SQLITE_ROLLUPS_MAX);
	error = sqlite_run(sqlite, statement, err);
	return error < 0 ? error : sqlite3_changes(sqlite->db) > 0;
}

static int insert_rollup(
    struct sqlite_store *sqlite, const struct rollup_row *row, struct err *err)
{
	sqlite3_stmt *statement;
	int error = take_allowance(sqlite, row, err);

	if (error <= 0)
		return error;
	statement = sqlite_prepare(sqlite, SQL_ADD_ROLLUP);
	bind_key(statement, row);
	bind_counts(statement, row);
	error = sqlite_run(sqlite, statement, err);
	if (error < 0)
		return error;
	statement = sqlite_prepare(sqlite, SQL_ADD_VANTAGE);
	sqlite3_bind_text(statement, 1, row->agent, -1, SQLITE_STATIC);
	return sqlite_run(sqlite, statement, err);
}

int sqlite_add_rollup(
    struct sqlite_store *sqlite, const struct rollup_row *row, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_CHANGE_ROLLUP);
	int error;

	bind_key(statement, row);
	bind_counts(statement, row);
	error = sqlite_run(sqlite, statement, err);
	if (error < 0 || sqlite3_changes(sqlite->db) > 0)
		return error;
	return insert_rollup(sqlite, row, err);
}

/* Run what may change something about an agent. */
static int run_and_touch(struct sqlite_store *sqlite, sqlite3_stmt *statement,
    const char *agent, struct err *err)
{
	int error = sqlite_run(sqlite, statement, err);

	return error == 0 && sqlite3_changes(sqlite->db) > 0
		   ? sqlite_touch_agent(sqlite, agent, err)
		   : error;
}

/* Note who runs the agent. By its newest rows, and of a day's the greater name,
 * so that the order of arrival does not matter. */
static int note_operator(
    struct sqlite_store *sqlite, const struct measurement *row, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_NOTE_OPERATOR);

	sqlite3_bind_text(statement, 1, row->agent, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, row->run_by, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 3, rollup_day(row->at_ms));
	return run_and_touch(sqlite, statement, row->agent, err);
}

int sqlite_note_local(
    struct sqlite_store *sqlite, const char *agent, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_NOTE_LOCAL);

	sqlite3_bind_text(statement, 1, agent, -1, SQLITE_STATIC);
	return run_and_touch(sqlite, statement, agent, err);
}

int sqlite_note_operators(struct sqlite_store *sqlite,
    const struct measurement *const *rows, size_t count, struct err *err)
{
	const struct measurement *last = NULL;
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < count; i++) {
		if (rows[i]->run_by[0] == '\0' ||
		    (last != NULL && strcmp(last->agent, rows[i]->agent) == 0 &&
			strcmp(last->run_by, rows[i]->run_by) == 0 &&
			rollup_day(last->at_ms) == rollup_day(rows[i]->at_ms)))
			continue;
		last = rows[i];
		error = note_operator(sqlite, last, err);
	}
	return error;
}

/* Add the rows of the batch, and empty it. */
static int add_batch(struct sqlite_store *sqlite, struct err *err)
{
	struct sqlite_batch *batch = sqlite->scratch.batch;
	int dense = sqlite_batch_is_dense(sqlite, err);
	int error = dense < 0 ? dense : 0;
	size_t i;

	if (dense > 0)
		error = sqlite_batch_count(sqlite, err);
	for (i = 0; error == 0 && i < batch->count; i++) {
		const struct rollup_row *row = &batch->rows[i];

		if (dense == 0)
			error = sqlite_add_rollup(sqlite, row, err);
		else if (!batch->found[i])
			error = insert_rollup(sqlite, row, err);
	}
	if (error == 0 && batch->count > 0)
		error = sqlite_touch(sqlite, &batch->rows[0], err);
	batch->count = 0;
	return error;
}

int sqlite_add_rollups(struct sqlite_store *sqlite,
    const struct measurement *const *rows, size_t count, struct err *err)
{
	struct sqlite_batch *batch;
	struct rollup_row row;
	size_t at = 0;
	int error = 0;

	if (sqlite->scratch.batch == NULL)
		sqlite->scratch.batch = calloc(1, sizeof(*batch));
	batch = sqlite->scratch.batch;
	if (batch == NULL)
		return err_system(err, -ENOMEM, "database");
	batch->count = 0;
	while (error == 0 && at < count) {
		at += rollup_take(rows + at, count - at, &row);
		if (sqlite_batch_take(batch, &row))
			continue;
		error = add_batch(sqlite, err);
		sqlite_batch_take(batch, &row);
	}
	return error == 0 ? add_batch(sqlite, err) : error;
}

/* --- listing --- */

/* A list that is being made. */
struct rollup_listing {
	struct sqlite_store *sqlite;
	const struct row_filter *filter;
	struct rollup_page *page; /* NULL: no end */
	rollup_visit *visit;
	void *arg;
	struct err *err;
	bool has_advanced;
	int32_t day; /* that is visited, of a network */
};

/* The first day of a network that is visited. */
static int32_t first_day(
    const struct rollup_listing *listing, const struct rollup_row *row)
{
	const struct row_filter *filter = listing->filter;
	int32_t day = filter->since_ms != 0 ? rollup_day(filter->since_ms)
					    : INT32_MIN;
	const struct rollup_page *page = listing->page;

	if (page != NULL && page->from.asn == row->asn &&
	    page->from.family == row->family && page->from.port == row->port &&
	    page->from.day > day)
		day = page->from.day;
	return day;
}

/* True: the page ends before that day of a network. */
static bool ends_before(
    struct rollup_listing *listing, const struct rollup_row *row, int32_t day)
{
	struct rollup_page *page = listing->page;

	if (page == NULL || page->until_us == 0 || !listing->has_advanced ||
	    clock_mono_us() < page->until_us)
		return false;
	page->is_cut = true;
	page->from = (struct rollup_place){
	    row->asn, row->family, row->port, day};
	return true;
}

static bool has_ended(const struct rollup_listing *listing)
{
	return listing->page != NULL && listing->page->is_cut;
}

static bool read_row(sqlite3_stmt *statement, struct rollup_row *row)
{
	int64_t day_ms;

	row->day = sqlite3_column_int(statement, 0);
	day_ms = rollup_day_ms(row->day);
	sqlite_column_text(statement, 1, row->prefix, sizeof(row->prefix));
	sqlite_column_text(statement, 2, row->agent, sizeof(row->agent));
	sqlite_column_text(statement, 3, row->endpoint, sizeof(row->endpoint));
	row->after_asn = (uint32_t)sqlite3_column_int64(statement, 5);
	row->before_asn = (uint32_t)sqlite3_column_int64(statement, 6);
	row->count = sqlite3_column_int64(statement, 7);
	row->first_ms = day_ms + sqlite3_column_int64(statement, 8);
	row->last_ms = day_ms + sqlite3_column_int64(statement, 9);
	return rollup_set_codes(row, sqlite3_column_int64(statement, 4)) &&
	       row->count > 0 && row->first_ms <= row->last_ms;
}

static int visit_row(struct rollup_listing *listing, sqlite3_stmt *statement,
    struct rollup_row *row)
{
	const struct row_filter *filter = listing->filter;

	if (!read_row(statement, row))
		return sqlite_damaged(listing->sqlite, -EBADMSG, listing->err);
	if (row->day != listing->day && ends_before(listing, row, row->day))
		return 0;
	listing->day = row->day;
	listing->has_advanced = true;
	if ((filter->since_ms != 0 && row->last_ms < filter->since_ms) ||
	    (filter->until_ms != 0 && row->first_ms >= filter->until_ms))
		return 0;
	return listing->visit(listing->arg, row);
}

static int visit_network(struct rollup_listing *listing, struct rollup_row *row)
{
	struct sqlite_store *sqlite = listing->sqlite;
	const struct row_filter *filter = listing->filter;
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_LIST_ROLLUPS);
	int status = SQLITE_ROW, error = 0;

	listing->day = INT32_MIN;
	sqlite3_bind_int64(statement, 1, row->asn);
	sqlite3_bind_int(statement, 2, row->family);
	sqlite3_bind_int(statement, 3, row->port);
	sqlite3_bind_int(statement, 4, first_day(listing, row));
	sqlite3_bind_int(statement, 5,
	    filter->until_ms != 0 ? rollup_day(filter->until_ms) : INT32_MAX);
	while (error == 0 && statement != NULL && !has_ended(listing) &&
	       (status = sqlite3_step(statement)) == SQLITE_ROW)
		error = visit_row(listing, statement, row);
	if (error == 0 && !has_ended(listing) &&
	    (statement == NULL || status != SQLITE_DONE))
		return sqlite_error(sqlite, statement, listing->err);
	sqlite3_reset(statement);
	return error;
}

/* Move `row` on to the next network. 1, 0 at the end, or -errno. */
static int next_network(struct rollup_listing *listing, struct rollup_row *row)
{
	struct sqlite_store *sqlite = listing->sqlite;
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_NEXT_NETWORK);
	int found;

	sqlite3_bind_int64(statement, 1, row->asn);
	sqlite3_bind_int(statement, 2, row->family);
	sqlite3_bind_int(statement, 3, row->port);
	found = sqlite_step_one(sqlite, statement, listing->err);
	if (found <= 0)
		return found;
	row->asn = (uint32_t)sqlite3_column_int64(statement, 0);
	row->family = (uint8_t)sqlite3_column_int(statement, 1);
	row->port = (uint16_t)sqlite3_column_int(statement, 2);
	sqlite3_reset(statement);
	return !listing->filter->has_asn || row->asn == listing->filter->asn;
}

/* 1 if the network passes the filter, 0 if not, or -errno. */
static int network_matches(
    struct rollup_listing *listing, const struct rollup_row *row)
{
	const struct row_filter *filter = listing->filter;
	struct network_info network;
	int error;

	if ((filter->family != 0 && filter->family != row->family) ||
	    (filter->port != 0 && filter->port != row->port))
		return 0;
	if (filter->country[0] == '\0')
		return 1;
	error = sqlite_network(
	    &listing->sqlite->store, row->asn, &network, listing->err);
	if (error < 0)
		return error == -ENOENT ? 0 : error;
	return strcmp(network.country, filter->country) == 0;
}

/* Just before the first network that is asked for. */
static void begin_at(
    const struct rollup_listing *listing, struct rollup_row *row)
{
	const struct row_filter *filter = listing->filter;
	const struct rollup_page *page = listing->page;

	if (filter->has_asn)
		row->asn = filter->asn;
	if (page == NULL || page->from.asn < row->asn)
		return;
	row->asn = page->from.asn;
	row->family = page->from.family;
	row->port = page->from.port;
	if (row->port > 0)
		row->port--;
}

static int visit_networks(struct rollup_listing *listing)
{
	struct rollup_row row = {.asn = 0};
	int more, error = 0;

	begin_at(listing, &row);
	while (error == 0 && !has_ended(listing) &&
	       (more = next_network(listing, &row)) != 0) {
		if (more > 0 &&
		    ends_before(listing, &row, first_day(listing, &row)))
			break;
		error = more < 0 ? more : network_matches(listing, &row);
		if (error > 0)
			error = visit_network(listing, &row);
		listing->has_advanced = true;
	}
	return error;
}

/* In one transaction, so that all rows are of the same moment. */
int sqlite_rollups(struct store *store, const struct row_filter *filter,
    struct rollup_page *page, rollup_visit *visit, void *arg, struct err *err)
{
	struct rollup_listing listing = {
	    .sqlite = sqlite_of(store),
	    .filter = filter,
	    .page = page,
	    .visit = visit,
	    .arg = arg,
	    .err = err,
	};
	int error = sqlite_run_bare(listing.sqlite, SQL_READ, err);
	int ended;

	if (error < 0)
		return error;
	error = visit_networks(&listing);
	ended = sqlite_run_bare(
	    listing.sqlite, SQL_COMMIT, error == 0 ? err : NULL);
	return error != 0 ? error : ended;
}

int sqlite_visit_rollups(struct sqlite_store *sqlite,
    const struct row_filter *filter, const struct rollup_row *network,
    const struct store_changes_visit *visit, struct err *err)
{
	struct rollup_listing listing = {
	    .sqlite = sqlite,
	    .filter = filter,
	    .visit = visit->row,
	    .arg = visit->arg,
	    .err = err,
	};
	struct rollup_row row;

	if (network == NULL)
		return visit_networks(&listing);
	row = *network;
	return visit_network(&listing, &row);
}

int sqlite_visit_vantages(struct sqlite_store *sqlite, sqlite3_stmt *statement,
    rollup_first_visit *visit, void *arg, struct err *err)
{
	struct vantage vantage;
	int status = SQLITE_DONE, result = 0;

	if (statement == NULL)
		return sqlite_error(sqlite, NULL, err);
	while (
	    result == 0 && (status = sqlite3_step(statement)) == SQLITE_ROW) {
		sqlite_column_text(
		    statement, 0, vantage.agent, sizeof(vantage.agent));
		vantage.first_day = sqlite3_column_int(statement, 1);
		sqlite_column_text(
		    statement, 2, vantage.run_by, sizeof(vantage.run_by));
		vantage.is_local = sqlite3_column_int(statement, 3) != 0;
		result = visit(arg, &vantage);
	}
	if (result == 0 && status != SQLITE_DONE)
		return sqlite_error(sqlite, statement, err);
	sqlite3_reset(statement);
	return result;
}

int sqlite_first_days(
    struct store *store, rollup_first_visit *visit, void *arg, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);

	return sqlite_visit_vantages(
	    sqlite, sqlite_prepare(sqlite, SQL_FIRST_DAYS), visit, arg, err);
}
