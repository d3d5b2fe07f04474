/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_TRACE_PLAN_H
#define EGRESS25_AGENT_MEASURE_TRACE_PLAN_H

/*
 * The decisions of a path trace, without I/O: which TTL is asked next, what an
 * answer ends, when all is known. The caller sends the SYNs and says what came
 * back. A TTL is to have a socket as long as trace_plan_is_asking() says so;
 * after every call the caller closes the others.
 */

#include "lib/report/observe.h"

struct trace_limits {
	int min_ttl, max_ttl;
	int pace_ms, reply_ms;
	int tries;
	int silent_max;
	int looks;   /* above 0: ask every TTL so often, answered or not */
	int look_ms; /* between two of them */
};

/* What one SYN came to. */
enum trace_reply {
	REPLY_HOP,     /* ICMP time exceeded */
	REPLY_SYN_ACK, /* the far side: all higher TTLs are of no use */
	REPLY_RST,
	REPLY_ICMP,    /* unreachable or prohibited */
	REPLY_NOTHING, /* it came to nothing; the silence of that TTL */
};

enum ttl_state { TTL_FRESH, TTL_ASKING, TTL_SILENT, TTL_HOP, TTL_ANSWERED };

struct trace_ttl {
	enum ttl_state state;
	int tries, answered; /* by a hop */
	int64_t asked_us;
	int64_t us; /* until its reply */
	struct addr from;
	enum path_answer answer;
};

struct trace_plan {
	struct trace_limits limits;
	struct trace_ttl ttls[OBSERVE_HOPS_MAX + 1]; /* [0] is not used */
	int64_t next_us;                             /* no SYN before this */
	int64_t reply_us; /* what the latest reply took */
};

enum trace_step { STEP_ASK, STEP_WAIT, STEP_OVER };

struct trace_order {
	enum trace_step step;
	int ttl;         /* ASK: send a SYN with this TTL, now */
	int64_t wake_us; /* WAIT: call again then */
};

void trace_plan_init(
    struct trace_plan *plan, const struct trace_limits *limits);

/* The next step. A TTL that is to be asked counts as asked. */
struct trace_order trace_plan_next(struct trace_plan *plan, int64_t now_us);

/* No SYN is sent before `until_us`. */
void trace_plan_hold(struct trace_plan *plan, int64_t until_us);

/* The SYN of `ttl` was answered, by `from` (absent where not known). */
void trace_plan_replied(struct trace_plan *plan, int ttl,
    enum trace_reply reply, const struct addr *from, int64_t now_us);

bool trace_plan_is_asking(const struct trace_plan *plan, int ttl);

/* What is known so far. `path->port` is left alone. */
void trace_plan_path(const struct trace_plan *plan, struct path_seen *path);

#endif
