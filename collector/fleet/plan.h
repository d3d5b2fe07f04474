/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_PLAN_H
#define EGRESS25_COLLECTOR_FLEET_PLAN_H

/*
 * Which agent visits which endpoint when, so that no endpoint is visited more
 * often than its `rate` by the whole fleet. Pure: the same fleet, agent and
 * time give the same plan, however often it is asked for, and on whichever
 * collector.
 *
 * Of an endpoint's rate, PLAN_REGULAR is for visits in turn. The agents of a
 * class go round one after the other, in the order of their pseudonyms and
 * evenly over the round, so that no two of them come at once. How long a round
 * takes follows from the weights of all agents; it moves in steps, so that a
 * fleet that changes a little keeps its times. The rest is for what comes out
 * of turn: visits to confirm a change, and the first one of a newcomer.
 *
 * A fleet may grow faster than its plans are renewed. So whoever enrolled after
 * the oldest plan that is still in use waits for that to end, wherever it is
 * the rate that limits, and not the interval.
 */

#include "lib/config/endpoints.h"

#define PLAN_REGULAR    0.8
#define PLAN_CONFIRMING 0.0625
#define PLAN_NEWCOMERS  0.0625

/* An agent is handed so many endpoints at a time; of a longer list, another
 * part each day. */
#define PLAN_ENDPOINTS_MAX 16

/* What an agent's network needs. One of each weighs PLAN_WEIGHTS. */
enum plan_class {
	PLAN_UNSETTLED, /* no verdict that stands, or one that just changed */
	PLAN_THIN,      /* settled, by few agents */
	PLAN_SETTLED,
	PLAN_CLASSES
};

struct plan_fleet {
	size_t agents[PLAN_CLASSES]; /* of late, whether heard of yet or not */
	size_t newcomers;            /* of them, enrolled in the last hour */
};

struct plan_agent {
	enum plan_class class;
	size_t rank;         /* among its class, by pseudonym */
	double place;        /* the same, as a share of it: from 0 to 1 */
	int64_t enrolled_ms; /* 0: long ago */
	bool has_reported;
};

/* Plans end at an agent's own times, the same for all who ask in between. */
struct plan_span {
	int64_t at_ms, until_ms;
	int64_t number; /* spans are numbered through */
};

struct plan_visits {
	int64_t next_ms;     /* then every interval_ms until the span's end */
	int64_t interval_ms; /* whole seconds, at least the endpoint's */
	int64_t extra;       /* more visits in the span, to confirm a change */
};

/* The endpoints, dealt into parts of at most PLAN_ENDPOINTS_MAX, each with as
 * many different owners as can be. */
struct plan_parts {
	size_t count; /* 0: no endpoints */
	uint16_t of[ENDPOINTS_MAX];
};

#define PLAN_OWNER_SIZE 256

/* Who runs the endpoint, as far as its name shows: the registrable part of its
 * domain, or the /24 or /48 of its address. Returns `owner`. */
char *plan_owner(const struct endpoint *endpoint, char owner[PLAN_OWNER_SIZE]);

/* 0 or -ENOMEM. */
int plan_deal(const struct endpoint_list *endpoints, struct plan_parts *parts);

/* The part whose endpoints the agent is handed at that time. */
size_t plan_part(const struct plan_parts *parts, const struct plan_agent *agent,
    int64_t now_ms);

struct plan_span plan_span(const struct plan_fleet *fleet,
    const struct plan_agent *agent, int64_t now_ms);

/* How long a round takes at an endpoint, for each class; in milliseconds, at
 * least the endpoint's interval. `nparts` as plan_deal() counted. */
void plan_rounds(const struct plan_fleet *fleet,
    const struct endpoint *endpoint, size_t nparts,
    int64_t rounds_ms[PLAN_CLASSES]);

/* The visits of one agent to an endpoint of its part. */
struct plan_visits plan_visits(const struct plan_fleet *fleet,
    const struct plan_agent *agent, const struct endpoint *endpoint,
    size_t nparts, const struct plan_span *span);

#endif
