/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_PUBLISHED_PUBLISHED_H
#define EGRESS25_COLLECTOR_VERDICT_PUBLISHED_PUBLISHED_H

/*
 * What is published of a network (doc/verdict.md, section 7; contract, section
 * 5). Pure but for the memory that it owns.
 */

#include "collector/verdict/published/because.h"
#include "collector/verdict/published/share.h"
#include "collector/verdict/replay/replay.h"

/* How far the state reaches. */
enum published_reach {
	REACH_NONE,
	REACH_NETWORK,   /* all of it */
	REACH_OBSERVED,  /* every line that was seen */
	REACH_BY_PREFIX, /* some prefixes */
	REACH_BY_LINE,   /* some lines */
	REACH_COUNT
};

/* How much stands behind the state, by witnesses and chance. */
enum published_level {
	LEVEL_NONE, /* an insufficient network has none */
	LEVEL_THIN,
	LEVEL_FAIR,
	LEVEL_STRONG,
	LEVEL_COUNT
};

/* Their words; "" for none. */
const char *published_reach_word(enum published_reach reach);
const char *published_level_word(enum published_level level);

struct published {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	enum network_state state;
	enum mechanism mechanism; /* MECHANISM_COUNT: none to name */
	enum where where;
	enum published_reach reach;
	enum published_level level;
	double confidence; /* 0 to 1 */
	double wrong;      /* P(open) of an accusation, else -1 */
	struct share blocked;
	int vantage_points;
	int witnesses_blocked, witnesses_open;
	int prefixes, endpoints;
	int64_t probes;
	const char **blocked_prefixes; /* owned; the names are borrowed from
					  the evidence */
	size_t nblocked_prefixes;
	int64_t since_ms; /* if it has one */
	bool has_since;
	bool since_is_first; /* it was never seen otherwise */
	int64_t last_ms;     /* 0: there is no row */
	struct because because;
};

/* Fill it in from a replay that has reached its last day. The evidence must
 * outlive it. 0 or -ENOMEM; release in either case with published_free(). */
int published_fill(const struct replay *replay, struct published *published);

/* Take an accusation back, as the bound on all of them asks (gate.h). */
void published_hold_back(struct published *published);

void published_free(struct published *published);

#endif
