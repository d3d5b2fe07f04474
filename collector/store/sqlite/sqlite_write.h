/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_WRITE_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_WRITE_H

/* Storing reports with their rows, rollups and totals (store.h). */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store.h"

int sqlite_write(struct store *store, const struct store_report *reports,
    size_t count, const struct store_flags *flags, struct err *err);

/* Store other rows of a report that is stored, within a transaction: those of
 * sqlite->scratch.rows, which are as many as it has. 0 or -errno. */
int sqlite_change_rows(
    struct sqlite_store *sqlite, int64_t id, size_t count, struct err *err);

#endif
