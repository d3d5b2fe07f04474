/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_ROLLUP_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_ROLLUP_H

/* Rollups: counting them, and listing them (store.h). */

#include "collector/store/clickhouse/clickhouse_handle.h"

/* Count anew what was received since the last time (store_upkeep()). Any
 * collector may do so at any time, and twice: rows only come, so that counts
 * only grow, and the largest is right. */
int clickhouse_upkeep(struct store *store, int64_t now_ms, struct err *err);

int clickhouse_rollups(struct store *store, const struct row_filter *filter,
    rollup_visit *visit, void *arg, struct err *err);

int clickhouse_first_days(
    struct store *store, rollup_first_visit *visit, void *arg, struct err *err);

#endif
