/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_ENGINE_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_ENGINE_H

/* The engine for many machines: tables on a ClickHouse cluster, of version
 * 18.16 or newer, over HTTP. */

#include "collector/store/store_engine.h"

/* Its operations, for store_settings.engine. */
extern const struct store_engine clickhouse_engine;

#endif
