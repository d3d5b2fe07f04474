/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_MOVE_REGISTRY_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_MOVE_REGISTRY_H

#include "collector/store/store_move.h"

/* Take a registry as a whole: agents, keys that they had, tokens, and who is
 * revoked. A key or token that was used up by an agent that cannot be told is
 * in a row without id. A large one may be taken in pieces: of what is here
 * already only what is new is read each time. */
int clickhouse_move_registry(struct store *store,
    const struct move_entry *entries, size_t count, struct err *err);

#endif
