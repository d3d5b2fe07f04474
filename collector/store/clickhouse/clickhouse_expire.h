/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_EXPIRE_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_EXPIRE_H

/* Removing old reports (store_upkeep.h): by whole days. */

#include "collector/store/clickhouse/clickhouse_handle.h"
#include "collector/store/store_upkeep.h"

int clickhouse_expire(
    struct store *store, struct store_expiry *expiry, struct err *err);

#endif
