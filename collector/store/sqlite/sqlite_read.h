/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_READ_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_READ_H

/* Listing measurements (store.h). */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store.h"

int sqlite_measurements(struct store *store, const struct row_filter *filter,
    struct store_page *page, measurement_visit *visit, void *arg,
    struct err *err);

int sqlite_report_rows(struct store *store, const char *id,
    measurement_visit *visit, void *arg, struct err *err);
int sqlite_report_detail(
    struct store *store, const char *id, struct buf *out, struct err *err);

/* The longest time that a stored report covers. 0 or -errno. */
int sqlite_read_span(
    struct sqlite_store *sqlite, int64_t *span_ms, struct err *err);

#endif
