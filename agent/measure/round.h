/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_ROUND_H
#define EGRESS25_AGENT_MEASURE_ROUND_H

/*
 * One round: every endpoint resolved, every address visited, each visit one
 * connection at a time (visit_plan.h), visits of different addresses side by
 * side. A visit tries the control ports and the asked ports, tries again where
 * a timeout would otherwise be believed, and traces the path where a port
 * failed.
 */

#include "agent/measure/visit_plan.h"
#include "lib/config/endpoints.h"
#include "lib/report/report.h"

struct allowance;
struct bounds;
struct event_base;
struct resolver;
struct ssl_ctx_st;
struct transcript;

struct round_request {
	const struct endpoint_list *endpoints; /* borrowed until done */
	struct port_list ports; /* only these; count 0: the endpoint's own */
	bool family4, family6;
	enum trace_when trace;
	/* Whose receipts a beacon is asked for: the agent's id, borrowed until
	 * done; NULL: nobody's in particular. */
	const char *agent;
	const char *ehlo4, *ehlo6; /* NULL: the socket's own address, as a
				    * literal */
	/* The same towards public addresses where the own one is private, if
	 * ehlo4 or ehlo6 is NULL; NULL: the literal all the same. */
	const char *public_ehlo4, *public_ehlo6;
	int banner_ms;     /* patience for a greeting */
	int timeout_ms;    /* for the whole round */
	bool among_others; /* two endpoints are named, or more: of the visits
			    * (visit_state.h) */
	size_t visits_max; /* side by side */
	const struct transcript *transcript; /* borrowed; NULL: none */
	/* For a collector: what may be visited, and how often. Borrowed; NULL:
	 * there are none. */
	const struct bounds *bounds;
	struct allowance *allowance;
	/* Borrowed until done; NULL: not asked for. One an endpoint: true when
	 * the round ended before any of its addresses had its turn. */
	bool *no_turn;
};

/* Something happened that a person who waits may be shown; borrowed. */
typedef void round_progress(void *arg, const char *sentence);

/* Called exactly once, from the loop, unless cancelled. The targets pass to
 * the callee in `report` (ended_ms, started_ms and targets are set; the
 * callee frees it). */
typedef void round_done(void *arg, struct report *report);

/* Start. NULL: no memory. */
struct round;
struct round *round_start(struct event_base *base, struct resolver *resolver,
    struct ssl_ctx_st *tls, const struct round_request *request,
    round_progress *progress, round_done *done, void *arg);

/* Give it up: no callback will come. NULL is allowed. */
void round_cancel(struct round *round);

#endif
