/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_review.h"

int sqlite_decide_review(
    struct store *store, const struct review *review, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_DECIDE_REVIEW);

	sqlite3_bind_int64(statement, 1, review->asn);
	sqlite3_bind_int(statement, 2, review->family);
	sqlite3_bind_int(statement, 3, review->port);
	sqlite3_bind_int64(statement, 4, review->at_ms);
	sqlite3_bind_int(statement, 5, review->is_released);
	sqlite3_bind_text(statement, 6, review->reason, -1, SQLITE_STATIC);
	return sqlite_run(sqlite, statement, err);
}

static void read_review(sqlite3_stmt *statement, struct review *review)
{
	review->asn = (uint32_t)sqlite3_column_int64(statement, 0);
	review->family = (uint8_t)sqlite3_column_int(statement, 1);
	review->port = (uint16_t)sqlite3_column_int(statement, 2);
	review->at_ms = sqlite3_column_int64(statement, 3);
	review->is_released = sqlite3_column_int(statement, 4) != 0;
	sqlite_column_text(
	    statement, 5, review->reason, sizeof(review->reason));
}

int sqlite_reviews(
    struct store *store, review_visit *visit, void *arg, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_LIST_REVIEWS);
	struct review review;
	int status = SQLITE_DONE, result = 0;

	if (statement == NULL)
		return sqlite_error(sqlite, NULL, err);
	while (
	    result == 0 && (status = sqlite3_step(statement)) == SQLITE_ROW) {
		read_review(statement, &review);
		result = visit(arg, &review);
	}
	if (result == 0 && status != SQLITE_DONE)
		return sqlite_error(sqlite, statement, err);
	sqlite3_reset(statement);
	return result;
}
