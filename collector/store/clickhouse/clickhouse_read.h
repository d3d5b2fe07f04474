/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_READ_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_READ_H

/* Listing measurements (store.h), by time, report and number. */

#include "collector/store/clickhouse/clickhouse_handle.h"

int clickhouse_measurements(struct store *store,
    const struct row_filter *filter, struct store_page *page,
    measurement_visit *visit, void *arg, struct err *err);

int clickhouse_report_rows(struct store *store, const char *id,
    measurement_visit *visit, void *arg, struct err *err);

int clickhouse_report_detail(
    struct store *store, const char *id, struct buf *out, struct err *err);

#endif
