/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_REBUILD_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_REBUILD_H

/*
 * Counting a day anew (store_upkeep.h). What is missing is added. Where a count
 * is too large, the day is counted in a new generation (clickhouse_mend.h).
 */

#include "collector/store/clickhouse/clickhouse_handle.h"
#include "collector/store/store_upkeep.h"

int clickhouse_rebuild_day(struct store *store, int32_t day,
    struct store_rebuilt *rebuilt, struct err *err);

#endif
