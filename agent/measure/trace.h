/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_TRACE_H
#define EGRESS25_AGENT_MEASURE_TRACE_H

#include "lib/report/observe.h"

struct allowance;
struct event_base;

/*
 * The path on one port: connects with a limited TTL, sent at a pace so that
 * the first answer of the far side stops the later ones, and so that at most
 * one of them ever stands. Hops that stayed silent are asked again. No
 * privilege is needed (see sock.h). After Toren's tcptraceroute, with
 * connect() in the place of raw SYNs.
 */
struct trace_request {
	struct addr address;
	uint16_t port;
	int min_ttl;  /* where to begin, from 1 */
	int max_ttl;  /* at most OBSERVE_HOPS_MAX */
	int pace_ms;  /* between two SYNs */
	int reply_ms; /* patience for a hop; under 1 s, or the kernel repeats */
	int tries;    /* for a hop that stays silent */
	int looks;    /* above 0: ask every TTL so often, answered or not */
	int look_ms;  /* between two of them */
	int silent_max; /* stop after so many silent hops in a row */
	bool resets;    /* its dialogues were reset: ask who does it, too */
	struct allowance *allowance; /* borrowed; NULL: none is kept to */
};

/* The values that fit most paths: hops 1 to 30, 10 ms, 700 ms, 3 tries, 30. */
void trace_request_init(
    struct trace_request *request, const struct addr *address, uint16_t port);

/* Called exactly once, from the loop, unless cancelled. `path` lists silent
 * hops too, up to the last one that was asked. */
typedef void trace_done(void *arg, const struct path_seen *path);

/* Start. NULL: no memory. */
struct trace;
struct trace *trace_start(struct event_base *base,
    const struct trace_request *request, trace_done *done, void *arg);

/* Give it up: no callback will come. NULL is allowed. */
void trace_cancel(struct trace *trace);

#endif
