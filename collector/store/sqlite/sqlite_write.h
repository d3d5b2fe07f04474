/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_WRITE_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_WRITE_H

/* Storing reports with their rows, rollups and totals (store.h). */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store.h"

int sqlite_write(struct store *store, const struct store_report *reports,
    size_t count, const struct store_flags *flags, struct err *err);

#endif
