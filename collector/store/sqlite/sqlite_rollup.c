/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_rollup.h"

#include <errno.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/store/sqlite/sqlite_network.h"

/* --- counting --- */

/* Bind what the rows of one run of bytes have in common. */
static void bind_key(sqlite3_stmt *statement, const struct measurement *row)
{
	sqlite3_bind_int64(statement, 1, row->asn);
	sqlite3_bind_int(statement, 2, row->family);
	sqlite3_bind_int(statement, 3, row->port);
	sqlite3_bind_int(statement, 4, rollup_day(row->at_ms));
	sqlite3_bind_text(statement, 5, row->prefix, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 6, row->agent, -1, SQLITE_STATIC);
}

static int change_rollup(
    struct sqlite_store *sqlite, int64_t id, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_CHANGE_ROLLUP);

	sqlite3_bind_int64(statement, 1, id);
	sqlite3_bind_blob64(statement, 2, sqlite->scratch.bytes.data,
	    sqlite->scratch.bytes.length, SQLITE_STATIC);
	return sqlite_run(sqlite, statement, err);
}

static int insert_rollup(
    struct sqlite_store *sqlite, const struct measurement *row, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ADD_ROLLUP);
	int error;

	bind_key(statement, row);
	sqlite3_bind_blob64(statement, 7, sqlite->scratch.bytes.data,
	    sqlite->scratch.bytes.length, SQLITE_STATIC);
	error = sqlite_run(sqlite, statement, err);
	if (error < 0)
		return error;
	statement = sqlite_prepare(sqlite, SQL_ADD_VANTAGE);
	sqlite3_bind_text(statement, 1, row->agent, -1, SQLITE_STATIC);
	return sqlite_run(sqlite, statement, err);
}

/* Add rows that belong to one run of bytes. */
static int add_together(struct sqlite_store *sqlite,
    const struct measurement *const *rows, size_t count, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_FIND_ROLLUP);
	const void *old = NULL;
	size_t length = 0;
	int64_t id = 0;
	int found, error;

	bind_key(statement, rows[0]);
	found = sqlite_step_one(sqlite, statement, err);
	if (found < 0)
		return found;
	if (found > 0) {
		id = sqlite3_column_int64(statement, 0);
		old = sqlite3_column_blob(statement, 1);
		length = (size_t)sqlite3_column_bytes(statement, 1);
	}
	buf_clear(&sqlite->scratch.bytes);
	error = rollup_merge(old, length, rows, count, &sqlite->scratch.bytes);
	sqlite3_reset(statement);
	if (error == 0 && sqlite->scratch.bytes.failed)
		error = -ENOMEM;
	if (error < 0)
		return sqlite_damaged(sqlite, error, err);
	return id != 0 ? change_rollup(sqlite, id, err)
		       : insert_rollup(sqlite, rows[0], err);
}

int sqlite_add_rollups(struct sqlite_store *sqlite,
    const struct measurement **rows, size_t count, struct err *err)
{
	size_t from, to;
	int error = 0;

	for (from = 0; error == 0 && from < count; from = to) {
		for (to = from + 1; to < count; to++)
			if (!rollup_is_same_run(rows[from], rows[to]))
				break;
		error = add_together(sqlite, rows + from, to - from, err);
	}
	return error;
}

/* --- listing --- */

/* A list that is being made. */
struct rollup_listing {
	struct sqlite_store *sqlite;
	const struct row_filter *filter;
	rollup_visit *visit;
	void *arg;
	struct err *err;
	int visited; /* what `visit` returned last */
};

static int visit_entry(void *arg, const struct rollup_row *row)
{
	struct rollup_listing *listing = arg;
	const struct row_filter *filter = listing->filter;

	if ((filter->since_ms != 0 && row->last_ms < filter->since_ms) ||
	    (filter->until_ms != 0 && row->first_ms >= filter->until_ms))
		return 0;
	listing->visited = listing->visit(listing->arg, row);
	return listing->visited;
}

/* Visit the entries of the run of bytes in the statement's row. */
static int visit_entries(struct rollup_listing *listing,
    sqlite3_stmt *statement, struct rollup_row *row)
{
	int error;

	row->day = sqlite3_column_int(statement, 0);
	sqlite_column_text(statement, 1, row->prefix, sizeof(row->prefix));
	sqlite_column_text(statement, 2, row->agent, sizeof(row->agent));
	error = rollup_read(sqlite3_column_blob(statement, 3),
	    (size_t)sqlite3_column_bytes(statement, 3), row, visit_entry,
	    listing);
	if (error != 0 && listing->visited == 0)
		return sqlite_damaged(listing->sqlite, error, listing->err);
	return error;
}

static int visit_network(struct rollup_listing *listing, struct rollup_row *row)
{
	struct sqlite_store *sqlite = listing->sqlite;
	const struct row_filter *filter = listing->filter;
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_LIST_ROLLUPS);
	int status = SQLITE_ROW, error = 0;

	sqlite3_bind_int64(statement, 1, row->asn);
	sqlite3_bind_int(statement, 2, row->family);
	sqlite3_bind_int(statement, 3, row->port);
	sqlite3_bind_int(statement, 4,
	    filter->since_ms != 0 ? rollup_day(filter->since_ms) : INT32_MIN);
	sqlite3_bind_int(statement, 5,
	    filter->until_ms != 0 ? rollup_day(filter->until_ms) : INT32_MAX);
	while (error == 0 && statement != NULL &&
	       (status = sqlite3_step(statement)) == SQLITE_ROW)
		error = visit_entries(listing, statement, row);
	if (error == 0 && (statement == NULL || status != SQLITE_DONE))
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

static int visit_networks(struct rollup_listing *listing)
{
	const struct row_filter *filter = listing->filter;
	struct rollup_row row = {
	    .asn = filter->has_asn ? filter->asn : filter->asn_from};
	int more, error = 0;

	while (error == 0 && (more = next_network(listing, &row)) != 0) {
		error = more < 0 ? more : network_matches(listing, &row);
		if (error > 0)
			error = visit_network(listing, &row);
	}
	return error;
}

/* In one transaction, so that all rows are of the same moment. */
int sqlite_rollups(struct store *store, const struct row_filter *filter,
    rollup_visit *visit, void *arg, struct err *err)
{
	struct rollup_listing listing = {
	    .sqlite = sqlite_of(store),
	    .filter = filter,
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
