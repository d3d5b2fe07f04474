/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_CHANGES_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_CHANGES_H

/* What was received since the last look (store_changes.h): with a few minutes
 * before it, for rows that a replica got late; and once an hour all of it. The
 * rollups are those of the last clickhouse_upkeep(). */

#include "collector/store/clickhouse/clickhouse_handle.h"
#include "collector/store/store_changes.h"

int clickhouse_changes(
    struct store *store, struct store_changes *changes, struct err *err);

#endif
