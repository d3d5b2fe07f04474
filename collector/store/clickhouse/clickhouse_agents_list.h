/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_AGENTS_LIST_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_AGENTS_LIST_H

/*
 * Agents in the order of their enrolment. The order is kept from list to list,
 * and the lock of the agents, which others want, is only held for some of them
 * at a time. One thread at a time.
 */

#include <pthread.h>

#include "collector/store/clickhouse/clickhouse_agents.h"

/* Start from {0}, end with agents_list_free(). */
struct agents_list {
	size_t *order; /* numbers of agents */
	size_t count;
	uint64_t moves; /* of the agents, when it was made */
};

/* Visit all that are there when it begins, with their numbers. 0, -ENOMEM or
 * what `visit` returned. */
int agents_list_visit(struct agents_list *list, const struct agents *agents,
    pthread_mutex_t *lock, registry_visit *visit, void *arg);

void agents_list_free(struct agents_list *list);

#endif
