/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_ROLLUP_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_ROLLUP_H

/* Rollups: adding to them, and listing them (store.h). */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store.h"

struct store_changes_visit;

int sqlite_rollups(struct store *store, const struct row_filter *filter,
    struct rollup_page *page, rollup_visit *visit, void *arg, struct err *err);

int sqlite_first_days(
    struct store *store, rollup_first_visit *visit, void *arg, struct err *err);

/* Within a transaction: visit the rollups that pass the filter, of all networks
 * or (not NULL) of one. 0, -errno, or what was returned. */
int sqlite_visit_rollups(struct sqlite_store *sqlite,
    const struct row_filter *filter, const struct rollup_row *network,
    const struct store_changes_visit *visit, struct err *err);

/* Visit the agents that a bound statement with the columns of SQL_FIRST_DAYS
 * gives. 0, -errno, or what was returned. */
int sqlite_visit_vantages(struct sqlite_store *sqlite, sqlite3_stmt *statement,
    rollup_first_visit *visit, void *arg, struct err *err);

/* How many rows one agent may add on one day: what it reports about 4096
 * endpoints, three ports and both families, several times over. What is more is
 * not counted. */
#define SQLITE_ROLLUPS_MAX 65536

/* Add measurements to the rollups, within a transaction. They are those that
 * count (rollup_is_counted()), sorted by rollup_compare(). The cost is that of
 * these measurements, whatever was counted before. 0 or -errno. */
int sqlite_add_rollups(struct sqlite_store *sqlite,
    const struct measurement *const *rows, size_t count, struct err *err);

/* Note that an agent, by its pseudonym, sent a report itself. 0 or -errno. */
int sqlite_note_local(
    struct sqlite_store *sqlite, const char *agent, struct err *err);

/* Note which operators these measurements, as above, say that their agents
 * have. 0 or -errno. */
int sqlite_note_operators(struct sqlite_store *sqlite,
    const struct measurement *const *rows, size_t count, struct err *err);

/* Add the counts of one row. 0 or -errno. */
int sqlite_add_rollup(
    struct sqlite_store *sqlite, const struct rollup_row *row, struct err *err);

#endif
