/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_PROBE_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_PROBE_H

/* What a server of this version knows. */

#include "collector/store/clickhouse/clickhouse_handle.h"

/* Ask which of the settings the server knows, unless that was asked. 0 or
 * -errno. */
int clickhouse_probe(struct clickhouse *handle, struct err *err);

#endif
