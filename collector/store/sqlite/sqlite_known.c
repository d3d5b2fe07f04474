/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_known.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "collector/base/fnv.h"
#include "collector/store/registry.h"
#include "lib/base/clock.h"

struct known_agent {
	struct registry_agent agent;
	uint64_t era; /* in which it was found; in another it is forgotten */
};

struct sqlite_known {
	struct known_agent agents[SQLITE_KNOWN_SETS][SQLITE_KNOWN_WAYS];
	uint8_t next[SQLITE_KNOWN_SETS]; /* whose place the next one takes */
	uint64_t era;                    /* from 1 */
	uint64_t changes;                /* that this era began with */
	int64_t touched;                 /* the database's newest number */
	int64_t asked_us;                /* 0: never, or it failed */
};

/* Of all databases of this process: more than needed is forgotten. */
static _Atomic uint64_t changes;

struct sqlite_known *sqlite_known_new(void)
{
	struct sqlite_known *known = calloc(1, sizeof(*known));

	if (known != NULL)
		known->era = 1;
	return known;
}

void sqlite_known_free(struct sqlite_known *known)
{
	free(known);
}

void sqlite_known_forget(void)
{
	changes++;
}

/* What other processes change is touched too (sqlite_touched.h). False: that
 * cannot be known now. */
static bool ask(struct sqlite_store *sqlite, int64_t now_us)
{
	struct sqlite_known *known = sqlite->known;
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_TOUCHED_REGISTRY);
	int64_t oldest, newest;
	struct err err;
	bool touched;

	sqlite3_bind_int64(statement, 1, known->touched);
	if (sqlite_step_one(sqlite, statement, &err) <= 0)
		return false;
	oldest = sqlite3_column_int64(statement, 0);
	newest = sqlite3_column_int64(statement, 1);
	touched = sqlite3_column_int(statement, 2) != 0;
	sqlite3_reset(statement);
	if (touched || newest < known->touched || oldest > known->touched + 1)
		known->era++;
	known->touched = newest;
	known->asked_us = now_us;
	return true;
}

static bool is_up_to_date(struct sqlite_store *sqlite)
{
	struct sqlite_known *known = sqlite->known;
	uint64_t now = changes;
	int64_t now_us = clock_mono_us();

	if (known->changes != now)
		known->era++;
	known->changes = now;
	if (known->asked_us != 0 && now_us - known->asked_us < SQLITE_KNOWN_US)
		return true;
	known->asked_us = 0;
	if (ask(sqlite, now_us))
		return true;
	known->era++;
	return false;
}

/* The agent's place, of whatever era, or NULL. */
static struct known_agent *find(struct known_agent *set, const char *id)
{
	size_t i;

	for (i = 0; i < SQLITE_KNOWN_WAYS; i++)
		if (strcmp(set[i].agent.id, id) == 0)
			return &set[i];
	return NULL;
}

static size_t set_of(const char *id)
{
	uint64_t hash = fnv1a(id, strlen(id));

	return (size_t)(hash ^ hash >> 32) % SQLITE_KNOWN_SETS;
}

bool sqlite_known_find(
    struct sqlite_store *sqlite, const char *id, struct registry_agent *agent)
{
	struct sqlite_known *known = sqlite->known;
	const struct known_agent *found;

	if (known == NULL || !is_up_to_date(sqlite))
		return false;
	found = find(known->agents[set_of(id)], id);
	if (found == NULL || found->era != known->era)
		return false;
	*agent = found->agent;
	return true;
}

void sqlite_known_keep(
    struct sqlite_store *sqlite, const struct registry_agent *agent)
{
	struct sqlite_known *known = sqlite->known;
	size_t set = set_of(agent->id);
	struct known_agent *place;

	if (known == NULL || known->asked_us == 0 || agent->last_seen_ms == 0)
		return;
	place = find(known->agents[set], agent->id);
	if (place == NULL)
		place = &known->agents[set]
				      [known->next[set]++ % SQLITE_KNOWN_WAYS];
	*place = (struct known_agent){*agent, known->era};
}
