/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_REVISE_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_REVISE_H

/* Changing stored rows, and counting their days anew (store_revise.h). */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store_revise.h"
#include "collector/store/store_upkeep.h"

int sqlite_revise_day(
    struct store *store, const struct store_revising *how, struct err *err);

int sqlite_rebuild_day(struct store *store, int32_t day,
    struct store_rebuilt *rebuilt, struct err *err);

#endif
