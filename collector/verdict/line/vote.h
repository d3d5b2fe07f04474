/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_LINE_VOTE_H
#define EGRESS25_COLLECTOR_VERDICT_LINE_VOTE_H

/*
 * What one line says of its network today (doc/verdict.md, section 5). Plain
 * data. Operators, prefixes and lines are numbers in the order of their names.
 */

#include <stdbool.h>
#include <stdint.h>

#include "collector/verdict/evidence/model.h"
#include "lib/report/outcome.h"

#define VOTE_HOURS 24

/* A span of the UTC day; length 0: none. */
struct vote_hours {
	uint8_t first, length;
};

struct vote {
	uint32_t line, run_by, prefix;
	double p;         /* chance that the line is blocked */
	enum where place; /* WHERE_NONE: no failure has a place */
	bool is_intercepted;
	bool is_unsteady;        /* no single change explains it */
	struct vote_hours hours; /* in which it is blocked, if a span does */
	bool is_new;             /* may acquit, not convict */
	bool is_young;           /* may be one of a burst of enrolments */
	bool is_newcomer;        /* does not outvote older lines */
	bool has_since;
	int32_t first_seen; /* day on which the agent was first heard of */
	int64_t since_ms;   /* when the line became what it is */
	/* The first and the last evidence; INT64_MAX and INT64_MIN: none. */
	int64_t first_ms, last_ms;
};

static inline bool vote_is_blocked(const struct vote *vote)
{
	return vote->p >= MODEL_SURE;
}

static inline bool vote_is_open(const struct vote *vote)
{
	return vote->p <= 1 - MODEL_SURE;
}

#endif
