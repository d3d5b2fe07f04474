/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_AGENTS_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_AGENTS_H

/*
 * All agents in memory, from the rows of the table `agent`: a row is an agent
 * with a key that it has or had. The newest row is the agent. One that is
 * revoked in any row is; and of several agents with one token, which came in
 * through several collectors at once, the first by time and id is the agent,
 * and the others are as revoked.
 */

#include "collector/store/clickhouse/clickhouse_wire.h"
#include "collector/store/registry.h"

struct agents_row {
	struct registry_agent agent;
	uint8_t token[32]; /* zeroes: none was used */
	int64_t changed_ms;
};

struct agents_entry;

/* Start from {0}, end with agents_free(). */
struct agents {
	struct agents_entry *entries;
	size_t count;
	size_t *by_id, *by_token; /* hashed: an entry's number plus 1, or 0 */
	size_t room;              /* of both, a power of two */
	int64_t changed_ms;       /* the newest row */
};

/* Read a row as the table `agent` is selected: id, public_key, contact, run_by,
 * enrolled_ms, revoked_ms, token, changed_ms. `wire->ran_out`: it is not whole.
 */
void agents_take_row(struct agents_row *row, struct wire *wire);

/* Take a row, in any order, any number of times; one without an id is no
 * agent's (clickhouse_move.h). 0 or -ENOMEM. */
int agents_put(struct agents *agents, const struct agents_row *row);

/* Note that an agent was seen; one that is not known is none. */
void agents_see(struct agents *agents, const char *id, int64_t seen_ms);

/* False: there is none of that id. The number is 0. */
bool agents_find(
    const struct agents *agents, const char *id, struct registry_agent *agent);

/* Visit all in the order of their enrolment, with their numbers. 0, -ENOMEM or
 * what `visit` returned. */
int agents_list(const struct agents *agents, registry_visit *visit, void *arg);

void agents_free(struct agents *agents);

#endif
