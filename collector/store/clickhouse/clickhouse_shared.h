/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_SHARED_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_SHARED_H

/*
 * What all handles of a process keep in memory of one cluster: the agents,
 * asked for what is new once a second; names of networks and totals, for some
 * seconds. It has handles of its own, and works on whatever thread asks, while
 * the others find agents.
 */

#include "collector/store/clickhouse/clickhouse_handle.h"
#include "collector/store/registry.h"

/* Join those of the same cluster and database, or begin. 0 or -errno. */
int clickhouse_shared_join(const struct store_settings *settings,
    struct clickhouse *handle, struct err *err);

/* Leave; the last one frees it. */
void clickhouse_shared_leave(struct clickhouse *handle);

/* An agent by its id. While the cluster does not answer, those that are known
 * are found. One that is not known is asked for, or, with `anew`, any; but
 * strangers' made-up ids not without end: -EAGAIN. 0, -ENOENT or -errno. */
int clickhouse_find_agent(struct store *store, const char *id, bool anew,
    struct registry_agent *agent, struct err *err);

int clickhouse_list_agents(
    struct store *store, registry_visit *visit, void *arg, struct err *err);

/* A network's name, country and annotation, as store_network() says. */
int clickhouse_network(struct store *store, uint32_t asn,
    struct network_info *network, struct err *err);

int clickhouse_totals(
    struct store *store, struct store_totals *totals, struct err *err);

int clickhouse_annotate(struct store *store, uint32_t asn,
    const struct annotation *annotation, struct err *err);

/* Ask now for the agents that are new; who has the handle then knows all that
 * was acknowledged before. 0 or -errno. */
int clickhouse_shared_refresh(struct clickhouse *handle, struct err *err);

/* Is it among those that are known? */
bool clickhouse_shared_agent(
    struct clickhouse *handle, const char *id, struct registry_agent *agent);

/* What was stored lately. */
struct clickhouse_touched;
struct clickhouse_touched *clickhouse_shared_touched(struct clickhouse *handle);

/* A row of an agent was written by this process; NULL: more than one, or
 * perhaps: they are asked for when they are needed. */
struct agents_row;
void clickhouse_shared_note(
    struct clickhouse *handle, const struct agents_row *row);

/* What is kept is asked for again when it is needed. */
void clickhouse_shared_forget(struct clickhouse *handle);

#endif
