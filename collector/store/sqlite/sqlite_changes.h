/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_CHANGES_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_CHANGES_H

/* What the notes of sqlite_touched.h say has changed (store_changes.h), in one
 * transaction, so that all is of the same moment. */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store_changes.h"

int sqlite_changes(
    struct store *store, struct store_changes *changes, struct err *err);

#endif
