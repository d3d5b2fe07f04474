/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_UPGRADE_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_UPGRADE_H

/* What of an upgrade of the tables SQL alone cannot do. */

#include "collector/store/sqlite/sqlite_handle.h"

/* The last version whose rollups are packed: all counts of a vantage point, day
 * and network in one run of bytes. */
#define SQLITE_PACKED_ROLLUPS 5

/* Count what is in the table packed_rollup, and drop it. Within a transaction.
 * 0 or -errno. */
int sqlite_unpack_rollups(struct sqlite_store *sqlite, struct err *err);

#endif
