/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_READINESS_PUBLIC_ADDRESS_H
#define EGRESS25_AGENT_READINESS_PUBLIC_ADDRESS_H

/*
 * This host's public address in one family: what the collector sees (GET
 * /v1/whoami, unsigned), or the socket's own address if that is public.
 */

#include "lib/base/addr.h"

struct event_base;
struct httpc_url;
struct resolver;
struct ssl_ctx_st;
struct public_address_query;

enum public_address_source { BY_NOBODY, BY_COLLECTOR, BY_SOCKET };

struct public_address {
	struct addr address; /* absent: not known */
	struct addr local;   /* the socket's own; absent: no route */
	enum public_address_source by;
	uint32_t asn;  /* its network, as the collector says; 0: unknown */
	char why[160]; /* why the collector did not say; "": it did, or is none
			*/
};

struct public_address_request {
	uint8_t family;
	const struct httpc_url *collector; /* borrowed; NULL: none */
	struct ssl_ctx_st *tls;            /* borrowed; for https */
	int limit_ms;                      /* for the collector's answer */
};

/* Called exactly once, from the loop, unless cancelled. The query is gone then:
 * do not cancel it. */
typedef void public_address_done(void *arg, const struct public_address *found);

/* Start. NULL: no memory. `resolver` is borrowed. */
struct public_address_query *public_address_start(struct event_base *base,
    struct resolver *resolver, const struct public_address_request *request,
    public_address_done *done, void *arg);

/* Cancel: no callback will come. NULL is allowed. */
void public_address_cancel(struct public_address_query *query);

#endif
