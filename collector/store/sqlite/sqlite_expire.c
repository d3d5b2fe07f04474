/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_expire.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/base/clock.h"

#define CLOCK_STEP_MS (INT64_C(3600) * 1000)

/* A report that is old enough to remove. */
struct old_report {
	int64_t id, count, last_ms;
};

int sqlite_read_limits(
    struct sqlite_store *sqlite, struct sqlite_limits *limits, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_EXPIRED);
	int found = sqlite_step_one(sqlite, statement, err);

	if (found <= 0)
		return found;
	limits->expired_ms = sqlite3_column_int64(statement, 0);
	limits->newest_ms = sqlite3_column_int64(statement, 1);
	limits->clock_ms = sqlite3_column_int64(statement, 2);
	sqlite3_reset(statement);
	return 0;
}

/* List old reports, up to reports_max. Returns how many, or -errno. */
static int find_old(struct sqlite_store *sqlite,
    const struct store_expiry *expiry, struct old_report *old, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_OLD_REPORTS);
	int count = 0, status = SQLITE_ERROR;

	sqlite3_bind_int64(statement, 1, expiry->before_ms);
	sqlite3_bind_int64(statement, 2, (int64_t)expiry->reports_max);
	while (statement != NULL &&
	       (status = sqlite3_step(statement)) == SQLITE_ROW) {
		old[count].id = sqlite3_column_int64(statement, 0);
		old[count].count = sqlite3_column_int64(statement, 1);
		old[count++].last_ms = sqlite3_column_int64(statement, 2);
	}
	if (status != SQLITE_DONE)
		return sqlite_error(sqlite, statement, err);
	sqlite3_reset(statement);
	return count;
}

static int drop(struct sqlite_store *sqlite, enum sqlite_statement which,
    int64_t id, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, which);

	sqlite3_bind_int64(statement, 1, id);
	return sqlite_run(sqlite, statement, err);
}

static int expire_total(struct sqlite_store *sqlite,
    const struct store_expiry *expiry, int64_t last_ms, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_EXPIRE_TOTAL);

	sqlite3_bind_int64(statement, 1, expiry->reports);
	sqlite3_bind_int64(statement, 2, expiry->measurements);
	sqlite3_bind_int64(statement, 3, last_ms + 1);
	return sqlite_run(sqlite, statement, err);
}

/* Within a transaction. */
static int drop_old(
    struct sqlite_store *sqlite, struct store_expiry *expiry, struct err *err)
{
	int64_t ends_us = clock_mono_us() + expiry->most_us, last_ms = 0;
	struct old_report old[STORE_EXPIRY_MAX];
	int i, error = 0, count = find_old(sqlite, expiry, old, err);

	for (i = 0; error == 0 && i < count; i++) {
		if (i > 0 && clock_mono_us() > ends_us)
			break;
		error = drop(sqlite, SQL_DROP_REPORT, old[i].id, err);
		if (error == 0)
			error = drop(sqlite, SQL_DROP_EVIDENCE, old[i].id, err);
		expiry->reports++;
		expiry->measurements += old[i].count;
		if (old[i].last_ms > last_ms)
			last_ms = old[i].last_ms;
	}
	if (count < 0)
		return count;
	expiry->more = i < count || (size_t)count == expiry->reports_max;
	if (error == 0 && count > 0)
		error = expire_total(sqlite, expiry, last_ms, err);
	return error;
}

/* Each time it is kept is a write, so an hour more or less does not count. */
static int keep_clock(struct sqlite_store *sqlite,
    const struct store_expiry *expiry, const struct sqlite_limits *limits,
    struct err *err)
{
	int64_t ahead_ms = expiry->keep_clock_ms - limits->clock_ms;
	sqlite3_stmt *statement;

	if (expiry->keep_clock_ms == 0 || llabs(ahead_ms) < CLOCK_STEP_MS)
		return 0;
	statement = sqlite_prepare(sqlite, SQL_SET_CLOCK);
	sqlite3_bind_int64(statement, 1, expiry->keep_clock_ms);
	return sqlite_run(sqlite, statement, err);
}

int sqlite_expire(
    struct store *store, struct store_expiry *expiry, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	struct sqlite_limits limits = {0};
	int error;

	expiry->reports = expiry->measurements = expiry->newest_ms = 0;
	expiry->clock_ms = 0;
	expiry->more = false;
	if (expiry->reports_max > STORE_EXPIRY_MAX)
		return err_input(
		    err, "a step is %d reports at most", STORE_EXPIRY_MAX);
	error = sqlite_begin(sqlite, err);
	if (error < 0)
		return error;
	error = drop_old(sqlite, expiry, err);
	if (error == 0)
		error = sqlite_read_limits(sqlite, &limits, err);
	if (error == 0)
		error = keep_clock(sqlite, expiry, &limits, err);
	error = sqlite_end(sqlite, error, err);
	expiry->newest_ms = limits.newest_ms;
	expiry->clock_ms = limits.clock_ms;
	return error;
}
