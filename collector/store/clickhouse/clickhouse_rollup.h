/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_ROLLUP_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_ROLLUP_H

/* Rollups: counting them, and listing them (store.h). */

#include "collector/store/clickhouse/clickhouse_handle.h"

/* Count anew what was received since the last time (store_upkeep()). Any
 * collector may do so at any time, and twice: rows only come, so that
 * of a key the count is right that knew most copies of rows, and of these most
 * to be superseded. */
int clickhouse_upkeep(struct store *store, int64_t now_ms, struct err *err);

/* The clock of who stored and is most ahead, as the last look at what was
 * touched found it, but no more than CLICKHOUSE_APART_MS (store_now()). */
int64_t clickhouse_now(struct store *store, int64_t now_ms);

int clickhouse_rollups(struct store *store, const struct row_filter *filter,
    struct rollup_page *page, rollup_visit *visit, void *arg, struct err *err);

int clickhouse_first_days(
    struct store *store, rollup_first_visit *visit, void *arg, struct err *err);

/* The same two of what was touched since (clickhouse_touched.h; 0: ever): of
 * networks in which such a day of an agent is counted, all rows that pass the
 * filter; and of those agents. */
int clickhouse_rollups_since(struct clickhouse *handle, int64_t since_ms,
    const struct row_filter *filter, rollup_visit *visit, void *arg,
    struct err *err);
int clickhouse_first_days_since(struct clickhouse *handle, int64_t since_ms,
    rollup_first_visit *visit, void *arg, struct err *err);

/* Print the condition, with AND before it, that a row's day and agent were
 * touched since; 0: none. */
void clickhouse_rollup_print_touched(struct buf *sql, int64_t since_ms);

#endif
