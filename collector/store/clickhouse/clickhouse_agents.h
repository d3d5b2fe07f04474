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

/* The columns of the table, as a row is read and written. */
#define AGENTS_COLUMNS                                              \
	"id, public_key, contact, run_by, enrolled_ms, revoked_ms," \
	" token, changed_ms"

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
	uint64_t moves; /* how often one got another place in their order */
};

/* By which they are in order: of their enrolment. */
struct agents_key {
	int64_t enrolled_ms;
	char id[REPORT_AGENT_SIZE];
	size_t number; /* which one, from 0, as they became known */
};

/* Read a row of AGENTS_COLUMNS. `wire->ran_out`: it is not whole. */
void agents_take_row(struct agents_row *row, struct wire *wire);

/* Is it newer than one with these? Of one time the greater key is, wherever it
 * is asked. */
bool agents_is_newer(const struct agents_row *row, int64_t changed_ms,
    const uint8_t *public_key);

/* Take a row, in any order, any number of times; one without an id is no
 * agent's (clickhouse_move.h). 0 or -ENOMEM. */
int agents_put(struct agents *agents, const struct agents_row *row);

/* Note that an agent was seen; one that is not known is none. */
void agents_see(struct agents *agents, const char *id, int64_t seen_ms);

/* False: there is none of that id. The number is 0. */
bool agents_find(
    const struct agents *agents, const char *id, struct registry_agent *agent);

/* One of them; its number (registry.h) is 0. */
void agents_read(
    const struct agents *agents, size_t number, struct registry_agent *agent);

void agents_read_key(
    const struct agents *agents, size_t number, struct agents_key *key);

/* As memcmp(). */
int agents_compare(const struct agents_key *a, const struct agents_key *b);

void agents_free(struct agents *agents);

#endif
