/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_changes.h"

#include "collector/record/rollup.h"
#include "collector/store/sqlite/sqlite_rollup.h"

/* Changes that are being visited. */
struct changing {
	struct sqlite_store *sqlite;
	struct store_changes *changes;
	const struct store_changes_visit *visit;
	struct row_filter filter; /* of rollups that are wanted */
	int64_t last;             /* number that was seen before */
	struct err *err;
};

/* The numbers that there are, and whether what lies between says enough. 1: it
 * does, 0: all is to be visited, or -errno. */
static int read_span(struct changing *changing, int64_t *newest)
{
	sqlite3_stmt *statement = sqlite_prepare(
	    changing->sqlite, SQL_TOUCHED_SPAN);
	int64_t oldest;
	bool all_new;
	int found;

	sqlite3_bind_int64(statement, 1, changing->last);
	found = sqlite_step_one(changing->sqlite, statement, changing->err);
	if (found <= 0)
		return found;
	oldest = sqlite3_column_int64(statement, 0);
	*newest = sqlite3_column_int64(statement, 1);
	all_new = sqlite3_column_int(statement, 2) != 0;
	sqlite3_reset(statement);
	return changing->changes->mark.at > 0 && !all_new &&
	       *newest >= changing->last && oldest <= changing->last + 1;
}

static int visit_agents(struct changing *changing)
{
	struct sqlite_store *sqlite = changing->sqlite;
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_TOUCHED_AGENTS);

	sqlite3_bind_int64(statement, 1, changing->last);
	return sqlite_visit_vantages(sqlite, statement,
	    changing->visit->vantage, changing->visit->arg, changing->err);
}

static int visit_network(struct changing *changing, sqlite3_stmt *statement)
{
	const struct store_changes_visit *visit = changing->visit;
	struct rollup_row row = {
	    .asn = (uint32_t)sqlite3_column_int64(statement, 0),
	    .family = (uint8_t)sqlite3_column_int(statement, 1),
	    .port = (uint16_t)sqlite3_column_int(statement, 2),
	};
	int32_t from_day = sqlite3_column_int(statement, 3);
	struct row_filter filter = changing->filter;
	int error;

	if (from_day < changing->changes->since_day)
		from_day = changing->changes->since_day;
	filter.since_ms = rollup_day_ms(from_day);
	error = visit->network(visit->arg, &row, from_day);
	return error == 0 ? sqlite_visit_rollups(changing->sqlite, &filter,
				&row, visit, changing->err)
			  : error;
}

static int visit_networks(struct changing *changing)
{
	struct sqlite_store *sqlite = changing->sqlite;
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_TOUCHED_NETWORKS);
	int status = SQLITE_ERROR, error = 0;

	sqlite3_bind_int64(statement, 1, changing->last);
	while (error == 0 && statement != NULL &&
	       (status = sqlite3_step(statement)) == SQLITE_ROW)
		error = visit_network(changing, statement);
	if (error == 0 && status != SQLITE_DONE)
		return sqlite_error(sqlite, statement, changing->err);
	sqlite3_reset(statement);
	return error;
}

static int visit_all(struct changing *changing)
{
	const struct store_changes_visit *visit = changing->visit;
	struct sqlite_store *sqlite = changing->sqlite;
	int error = sqlite_visit_vantages(sqlite,
	    sqlite_prepare(sqlite, SQL_FIRST_DAYS), visit->vantage, visit->arg,
	    changing->err);

	return error == 0 ? sqlite_visit_rollups(sqlite, &changing->filter,
				NULL, visit, changing->err)
			  : error;
}

static int visit_changes(struct changing *changing)
{
	const struct store_changes_visit *visit = changing->visit;
	int64_t newest = 0;
	int known = read_span(changing, &newest), error;

	if (known < 0)
		return known;
	error = visit->begin(visit->arg, known == 0);
	if (error == 0 && known == 0)
		error = visit_all(changing);
	if (error == 0 && known > 0)
		error = visit_agents(changing);
	if (error == 0 && known > 0)
		error = visit_networks(changing);
	if (error == 0)
		changing->changes->mark = (struct store_mark){
		    .at = newest + 1, .is_exact = true};
	return error;
}

int sqlite_changes(
    struct store *store, struct store_changes *changes, struct err *err)
{
	struct changing changing = {
	    .sqlite = sqlite_of(store),
	    .changes = changes,
	    .visit = changes->visit,
	    .last = changes->mark.at - 1,
	    .err = err,
	};
	int error = sqlite_run_bare(changing.sqlite, SQL_READ, err), ended;

	if (error < 0)
		return error;
	row_filter_init(&changing.filter);
	changing.filter.since_ms = rollup_day_ms(changes->since_day);
	error = visit_changes(&changing);
	ended = sqlite_run_bare(
	    changing.sqlite, SQL_COMMIT, error == 0 ? err : NULL);
	return error != 0 ? error : ended;
}
