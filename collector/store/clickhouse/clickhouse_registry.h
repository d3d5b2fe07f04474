/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_REGISTRY_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_REGISTRY_H

/*
 * Changes of agents and tokens (registry.h). There is no compare-and-set in a
 * cluster: what is read with sequential consistency just before is what was
 * acknowledged, and who was faster in between is decided by clickhouse_agents.h
 * in the same way everywhere.
 */

#include "collector/store/clickhouse/clickhouse_agents.h"
#include "collector/store/clickhouse/clickhouse_handle.h"
#include "collector/store/registry.h"

#define REGISTRY_HOLDERS "@D.holder (value, id, changed_ms)"

/* What is known of an id: the rows that have it. Start from {.key = KEY}. */
struct registry_rows {
	struct agents_row newest;
	size_t count;
	int64_t revoked_ms;
	const uint8_t *key; /* is looked for; NULL: none is */
	bool has_key;       /* a row has it */
};

void registry_add_row(
    struct registry_rows *found, const struct agents_row *row);

/* Append a row of the table `agent`. */
void registry_put_row(struct buf *rows, const struct agents_row *row);

/* Write so many rows of it, with their holders before them. 0 or -errno. */
int registry_write_rows(struct clickhouse *handle,
    const struct agents_row *rows, size_t count, struct err *err);

/* Append the rows of REGISTRY_HOLDERS, which are written before it. */
void registry_put_holders(struct buf *rows, const struct agents_row *row);

int clickhouse_change_key(struct store *store,
    const struct registry_agent *agent, const uint8_t *new_key,
    struct err *err);

int clickhouse_revoke(struct store *store, const char *id,
    const char *pseudonym, int64_t now_ms, struct err *err);

int clickhouse_add_token(struct store *store, const uint8_t *token_sha256,
    int64_t now_ms, struct err *err);

int clickhouse_has_secret(struct store *store, struct err *err);

int clickhouse_bind_secret(
    struct store *store, const uint8_t *fingerprint, struct err *err);

#endif
