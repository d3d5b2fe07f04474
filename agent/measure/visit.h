/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_VISIT_H
#define EGRESS25_AGENT_MEASURE_VISIT_H

/*
 * One visit to one address: runs the probes and traces that visit_plan.h
 * orders, one connection at a time, or up to three slow ones.
 */

#include "agent/measure/visit_plan.h"
#include "lib/config/endpoints.h"

struct allowance;
struct event_base;
struct ssl_ctx_st;
struct transcript;

struct visit_request {
	struct port_list asked, control;
	enum trace_when trace;
	bool counting;           /* handshakes on each port, nothing else */
	bool at_once;            /* and a first SYN of each asked port was
				  * answered at another address */
	bool among_others;       /* of the plan (visit_state.h) */
	const char *receipt_for; /* agent id: it is a beacon; NULL: none */
	const char *ehlo;        /* NULL: literal of the socket's own address */
	int banner_ms;           /* patience for a greeting */
	int64_t deadline_us;     /* on clock_mono_us(); 0: none */
	int64_t began_us;        /* of an earlier visit, that this one shares
				  * its time with; 0: none */
	struct ssl_ctx_st *tls;
	const struct transcript *transcript; /* borrowed; NULL: none */
	struct allowance *allowance; /* borrowed; NULL: none is kept to */
	struct target_seen *target;  /* borrowed: host and address are set; the
				      * findings go here */
};

/* Called exactly once, from the loop, unless the visit is cancelled. */
typedef void visit_done(void *arg);

/* Called when the asked `port` begins to look throttled; `at_once`: a first SYN
 * of it was answered. The visit must not be cancelled from here. */
typedef void visit_doubt(void *arg, uint16_t port, bool at_once);

/* Start. All of `request` but what it points to is copied. NULL: no memory. */
struct visit;
struct visit *visit_start(struct event_base *base,
    const struct visit_request *request, visit_done *done, visit_doubt *doubt,
    void *arg);

/* At another address `port` looks throttled: count it here as well. True: its
 * count has begun; if it does later, on that port's own account or for this,
 * the visit doubts the port. */
bool visit_suspect(struct visit *visit, uint16_t port, bool at_once);

/* Give it up: no callback will come; what was found so far stays in the
 * target, what was under way is left out. NULL is allowed. */
void visit_cancel(struct visit *visit);

#endif
