/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_PLAN_H
#define EGRESS25_COLLECTOR_FLEET_PLAN_H

/*
 * Which agent visits which endpoint when, so that the whole fleet together does
 * not visit an endpoint more often than its `rate`. Pure: the same fleet, agent
 * and time give the same plan, however often it is asked for, and from any
 * collector.
 *
 * PLAN_REGULAR of an endpoint's rate is for regular visits. The agents of a
 * class take turns in the order of their pseudonyms, evenly spread over a
 * round, so that no two of them come at once. The length of a round follows
 * from the weights of all agents, and changes in steps, so that agents keep
 * their times while the fleet changes a little. The rest of the rate is for
 * irregular visits: those that confirm a change, and the first ones of
 * newcomers.
 *
 * The fleet may grow faster than plans are renewed. So an agent that enrolled
 * after the oldest plan still in use was made waits for that plan to end,
 * unless the interval limits its visits, and not the rate.
 */

#include "lib/config/endpoints.h"

#define PLAN_REGULAR    0.8
#define PLAN_CONFIRMING 0.0625
#define PLAN_NEWCOMERS  0.0625

/* How many endpoints an agent gets at a time. Of a longer list it gets another
 * part each day. */
#define PLAN_ENDPOINTS_MAX 16

/* What the networks of an agent need; each class has a weight. */
enum plan_class {
	PLAN_UNSETTLED, /* no firm verdict, or one that just changed */
	PLAN_THIN,      /* settled, by few agents */
	PLAN_SETTLED,
	PLAN_CLASSES
};

struct plan_fleet {
	size_t agents[PLAN_CLASSES]; /* the active agents */
	size_t newcomers;            /* of these, enrolled in the last hour */
};

struct plan_agent {
	enum plan_class class;
	size_t rank;         /* within its class, by pseudonym */
	double place;        /* the rank as a share of the class, 0 to 1 */
	int64_t enrolled_ms; /* 0: long ago */
	bool has_reported;
};

/* How long a plan holds. Spans end at fixed times of the agent, so that all
 * plans that are asked for in between are the same. */
struct plan_span {
	int64_t at_ms, until_ms;
	int64_t number; /* of the span, counted from 1970 */
};

struct plan_visits {
	int64_t next_ms;     /* then every interval_ms until the span's end */
	int64_t interval_ms; /* whole seconds, at least the endpoint's */
	int64_t extra;       /* further visits in the span, to confirm */
};

/* The endpoints in parts of at most PLAN_ENDPOINTS_MAX, the endpoints of one
 * owner in as many different parts as possible. */
struct plan_parts {
	size_t count; /* 0: there are no endpoints */
	uint16_t of[ENDPOINTS_MAX];
};

#define PLAN_OWNER_SIZE 256

/* Who runs the endpoint, as far as its name tells: the registrable part of its
 * domain, or the /24 or /48 of its address. Returns `owner`. */
char *plan_owner(const struct endpoint *endpoint, char owner[PLAN_OWNER_SIZE]);

/* Deal the endpoints into parts. 0 or -ENOMEM. */
int plan_deal(const struct endpoint_list *endpoints, struct plan_parts *parts);

/* The number of the part that is the agent's at that time. */
size_t plan_part(const struct plan_parts *parts, const struct plan_agent *agent,
    int64_t now_ms);

/* The span of the agent's plan at that time. */
struct plan_span plan_span(const struct plan_fleet *fleet,
    const struct plan_agent *agent, int64_t now_ms);

/* The length of a round at an endpoint for each class, in ms, at least the
 * endpoint's interval. `nparts` is the count of plan_deal(). */
void plan_rounds(const struct plan_fleet *fleet,
    const struct endpoint *endpoint, size_t nparts,
    int64_t rounds_ms[PLAN_CLASSES]);

/* The visits of an agent to an endpoint of its part. */
struct plan_visits plan_visits(const struct plan_fleet *fleet,
    const struct plan_agent *agent, const struct endpoint *endpoint,
    size_t nparts, const struct plan_span *span);

#endif
