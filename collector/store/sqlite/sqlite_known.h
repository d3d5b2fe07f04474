/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_KNOWN_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_KNOWN_H

/*
 * The agents that a handle found lately, so that a report costs no transaction
 * before it is read. What this process changes counts at once; what another one
 * does, after SQLITE_KNOWN_US: so often the database is asked whether anything
 * about agents changed, and if it did all are forgotten.
 */

#include "collector/store/sqlite/sqlite_handle.h"

#define SQLITE_KNOWN_US   1000000
#define SQLITE_KNOWN_SETS 1024
#define SQLITE_KNOWN_WAYS 4 /* agents a set; a fifth replaces one */

struct sqlite_known;

/* Begin to keep them; without memory, and of a NULL, nothing is kept. */
struct sqlite_known *sqlite_known_new(void);
void sqlite_known_free(struct sqlite_known *known);

/* Ask, if it is time, what changed; then look for an agent. False: it must be
 * looked for in the database, and what is found can then be kept. */
bool sqlite_known_find(
    struct sqlite_store *sqlite, const char *id, struct registry_agent *agent);

/* Keep what was found after sqlite_known_find(), unless the agent has not
 * reported yet: that it has is no change that anybody would be told. */
void sqlite_known_keep(
    struct sqlite_store *sqlite, const struct registry_agent *agent);

/* Agents have changed here: after the commit, before anybody is told. */
void sqlite_known_forget(void);

#endif
