/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_READINESS_PUBLIC_ADDRESS_H
#define EGRESS25_AGENT_READINESS_PUBLIC_ADDRESS_H

/*
 * The address that the world sees of this host in one family: as the collector
 * says (GET /v1/whoami, unsigned), else the socket's own where that is public.
 */

#include "lib/base/addr.h"

struct event_base;
struct httpc_url;
struct resolver;
struct ssl_ctx_st;
struct public_address_query;

enum public_address_source { BY_NOBODY, BY_COLLECTOR, BY_SOCKET };

struct public_address {
	struct addr address; /* absent: it is not known from here */
	struct addr local;   /* the socket's; absent: no way out */
	enum public_address_source by;
	uint32_t asn;  /* its network, as the collector says; 0: unknown */
	char why[160]; /* what kept a collector from telling; "": nothing */
};

struct public_address_request {
	uint8_t family;
	const struct httpc_url *collector; /* borrowed; NULL: none */
	struct ssl_ctx_st *tls;            /* borrowed; for https */
	int limit_ms;                      /* patience with the collector */
};

/* Called exactly once, from the loop, unless cancelled. The callee must not
 * cancel it any more. */
typedef void public_address_done(void *arg, const struct public_address *found);

/* NULL: no memory. */
struct public_address_query *public_address_start(struct event_base *base,
    struct resolver *resolver, const struct public_address_request *request,
    public_address_done *done, void *arg);

/* No callback will come. NULL is allowed. */
void public_address_cancel(struct public_address_query *query);

#endif
