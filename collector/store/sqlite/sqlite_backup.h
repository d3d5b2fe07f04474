/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_BACKUP_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_BACKUP_H

/* Backups (store_upkeep.h). */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store_upkeep.h"

int sqlite_back_up(struct store *store, const char *path,
    store_progress *progress, void *arg, struct err *err);

#endif
