/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_SCHEMA_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_SCHEMA_H

/* The tables, and their version. */

#include "collector/store/clickhouse/clickhouse_handle.h"

/* Make the tables on all servers, or upgrade them; all must be up. The version
 * that was there is in `before`, 0: none. 0, -EINVAL: they are of a newer
 * version; or -errno. */
int clickhouse_schema_set_up(
    struct clickhouse *handle, int *before, int *now, struct err *err);

/* Are the tables there, and of this version? 0, -EINVAL or -errno. */
int clickhouse_schema_check(struct clickhouse *handle, struct err *err);

#endif
