/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_AGENTS_READER_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_AGENTS_READER_H

/* Reading the table `agent`: what is new, or one agent. */

#include <pthread.h>

#include "collector/store/clickhouse/clickhouse_agents.h"
#include "collector/store/clickhouse/clickhouse_handle.h"
#include "collector/store/clickhouse/clickhouse_parts.h"

struct agents_reader {
	struct clickhouse *handle;
	struct parts parts; /* those that were read */
};

/* Put into `agents` what was written since the last time, or, with an id, the
 * rows of that one. `lock` is theirs, and is taken for some rows at a time. One
 * thread at a time. 0 or -errno; what was read before a failure counts. */
int agents_reader_ask(struct agents_reader *reader, const char *id,
    struct agents *agents, pthread_mutex_t *lock, struct err *err);

#endif
