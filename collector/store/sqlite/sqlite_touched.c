/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_touched.h"

#include <stdio.h>

#define STEP 1024 /* older ones are forgotten as many at a time */

static int forget_old(struct sqlite_store *sqlite, struct err *err)
{
	int64_t number = sqlite3_last_insert_rowid(sqlite->db);
	sqlite3_stmt *statement;

	if (number % STEP != 0)
		return 0;
	statement = sqlite_prepare(sqlite, SQL_FORGET_TOUCHED);
	sqlite3_bind_int64(statement, 1, number - SQLITE_TOUCHED_KEPT);
	return sqlite_run(sqlite, statement, err);
}

int sqlite_touch(
    struct sqlite_store *sqlite, const struct rollup_row *row, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_TOUCH);
	int error;

	sqlite3_bind_int64(statement, 1, row->asn);
	sqlite3_bind_int(statement, 2, row->family);
	sqlite3_bind_int(statement, 3, row->port);
	sqlite3_bind_int(statement, 4, row->day);
	sqlite3_bind_text(statement, 5, row->agent, -1, SQLITE_STATIC);
	error = sqlite_run(sqlite, statement, err);
	return error == 0 ? forget_old(sqlite, err) : error;
}

int sqlite_touch_agent(
    struct sqlite_store *sqlite, const char *agent, struct err *err)
{
	struct rollup_row row = {0};

	snprintf(row.agent, sizeof(row.agent), "%s", agent);
	return sqlite_touch(sqlite, &row, err);
}
