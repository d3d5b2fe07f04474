/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_TOUCHED_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_TOUCHED_H

/* Which rollups a transaction touched: numbered, and the newest of them kept
 * (store_changes.h). */

#include "collector/store/sqlite/sqlite_handle.h"

/* How many are kept at least. */
#define SQLITE_TOUCHED_KEPT 100000

/* Note, within the transaction, that the agent's rows in this network and on
 * this day have changed. 0 or -errno. */
int sqlite_touch(
    struct sqlite_store *sqlite, const struct rollup_row *row, struct err *err);

/* Note that something about an agent has, or ("") that anything may have. 0 or
 * -errno. */
int sqlite_touch_agent(
    struct sqlite_store *sqlite, const char *agent, struct err *err);

#endif
