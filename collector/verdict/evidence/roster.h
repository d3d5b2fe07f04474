/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_EVIDENCE_ROSTER_H
#define EGRESS25_COLLECTOR_VERDICT_EVIDENCE_ROSTER_H

/*
 * Who the agents are (doc/verdict.md, section 2): when each was first heard
 * of, in any network, and who operates it. The age comes from rows, not from
 * the registry, so that an export imported elsewhere gives the same verdicts.
 *
 * Zero-initialise; release with roster_free(). Pure but for the memory that it
 * owns.
 */

#include <stdbool.h>

#include "collector/verdict/evidence/names.h"

struct roster_agent {
	int32_t first_seen; /* day */
	uint32_t run_by;    /* number in `operators`; NAMES_NONE: its own */
	bool is_local;      /* it enrolled here, and was not imported */
};

struct roster {
	struct names agents, operators;
	struct roster_agent *list; /* owned: by the agents' numbers */
	int32_t history;           /* day of the first row of all agents */
};

/* An agent has a row of that day, of whatever kind. 0 or -ENOMEM. */
int roster_add(struct roster *roster, const char *agent, int32_t day);

/* Say that an agent that was added enrolled here. */
void roster_set_local(struct roster *roster, const char *agent);

/* Say who operates an agent that was added; of others nothing is kept. Without
 * this each agent is its own operator. 0 or -ENOMEM. */
int roster_set_operator(
    struct roster *roster, const char *agent, const char *run_by);

/* An agent that was added; NULL: it was not. */
const struct roster_agent *roster_find(
    const struct roster *roster, const char *agent);

/* The name of who operates `agent`; `found` may be NULL. */
const char *roster_operator(const struct roster *roster,
    const struct roster_agent *found, const char *agent);

void roster_free(struct roster *roster);

#endif
