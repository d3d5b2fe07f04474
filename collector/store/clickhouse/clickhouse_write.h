/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_WRITE_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_WRITE_H

/* Storing reports (store.h). */

#include "collector/store/clickhouse/clickhouse_handle.h"

int clickhouse_write(struct store *store, const struct store_report *reports,
    size_t count, const struct store_flags *flags, struct err *err);

#endif
