/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_LOG_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_LOG_H

/* The write-ahead log (store_upkeep.h). */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store_upkeep.h"

int sqlite_copy_log(
    struct store *store, struct store_log *log, struct err *err);

int64_t sqlite_log_pages(const struct store *store);

/* From now on note the log's length after each commit, and copy a long log back
 * into the database. If a log copier does that too (`copies_elsewhere`), only a
 * very long one is copied here. */
void sqlite_watch_log(struct sqlite_store *sqlite, bool copies_elsewhere);

#endif
