/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_REVISE_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_REVISE_H

/* Changing stored rows, and counting their days anew (store_revise.h). */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store_revise.h"

int sqlite_revise_day(
    struct store *store, const struct store_revising *how, struct err *err);

#endif
