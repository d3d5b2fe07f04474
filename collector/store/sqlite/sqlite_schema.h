/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_SCHEMA_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_SCHEMA_H

/* The tables, and their versions. */

#include "collector/store/sqlite/sqlite_handle.h"

/* Read the version of the tables; 0: there are none yet. 0, -errno, or -EINVAL:
 * another program's database, or a newer version. */
int sqlite_read_version(
    struct sqlite_store *sqlite, int *version, struct err *err);

/* Make the tables, or upgrade them. 0 or -errno; -EINVAL: read-only, and they
 * are of an older version. */
int sqlite_set_up_tables(
    struct sqlite_store *sqlite, bool read_only, struct err *err);

#endif
