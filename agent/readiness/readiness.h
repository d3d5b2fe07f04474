/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_READINESS_READINESS_H
#define EGRESS25_AGENT_READINESS_READINESS_H

/*
 * Checks whether this host's public address, in each family, is fit to send
 * mail from: reverse DNS and whether it resolves back, SPF, the EHLO name, and
 * block lists if wanted.
 */

#include "agent/readiness/readiness_words.h"

struct event_base;
struct httpc_url;
struct resolver;
struct ssl_ctx_st;
struct readiness_run;

struct readiness_request {
	bool family4, family6;
	const char *domain; /* for SPF; NULL: the address's name, or `helo` */
	const char *helo;   /* "": none */
	enum helo_source helo_source;
	const struct httpc_url *collector; /* borrowed; NULL: none */
	struct ssl_ctx_st *tls;            /* borrowed; to the collector */
	const char *collector_why;         /* NULL, or why there is none */
	const struct blocklist_zones *blocklists; /* borrowed; NULL: none */
	int limit_ms; /* for everything; what is missing then is unknown */
};

/* Called exactly once, from the loop, unless cancelled. The run is gone then:
 * do not cancel it. */
typedef void readiness_done(void *arg, const struct readiness *found);

/* Start. NULL: no memory. `resolver` is borrowed. */
struct readiness_run *readiness_start(struct event_base *base,
    struct resolver *resolver, const struct readiness_request *request,
    readiness_done *done, void *arg);

/* Cancel: no callback will come. NULL is allowed. */
void readiness_cancel(struct readiness_run *run);

#endif
