/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_DUMPS_SNAPSHOT_H
#define EGRESS25_COLLECTOR_DUMPS_SNAPSHOT_H

#include "collector/dumps/export_rows.h"

/* Make a new SQLite file at `path`, of mode 0644, with a table for each
 * kind of rows that is exported. Of the request `what` and `format` do not
 * matter. Synced. *rows: of all tables. 0 or -errno; what there is of the file
 * then is the caller's to remove. */
int snapshot_write(struct store *store, const struct export_request *request,
    const char *path, int64_t *rows, struct err *err);

#endif
