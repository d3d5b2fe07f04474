/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_RESET_LOOK_H
#define EGRESS25_AGENT_MEASURE_RESET_LOOK_H

/*
 * Who resets a connection, the endpoint or the path: one more handshake, after
 * which the ACK and an EHLO are sent with a TTL that ends before the endpoint.
 * That has seen a SYN alone and resets nothing; whoever does so is nearer.
 * (What waits for the server's own words does not show itself.)
 */

#include "lib/base/addr.h"

struct event_base;

enum reset_look_found {
	RESET_LOOK_UNTOLD, /* nothing came of it: another one may tell */
	RESET_LOOK_HEARD,  /* words came back, or an end: that far away is the
			    * endpoint, or nearer */
	RESET_LOOK_NONE,   /* no reset came */
	RESET_LOOK_CAME,
};

/* Called exactly once, from the loop, unless cancelled. The connection is gone
 * by then, by our own reset. */
typedef void reset_look_done(void *arg, enum reset_look_found found);

/* Start; `ttl` is that of all but the SYN. Where no reset comes it takes 2 s,
 * and some round trips. NULL: no memory, no connect, or this host was so slow
 * that the ACK may have gone out with another TTL. */
struct reset_look;
struct reset_look *reset_look_start(struct event_base *base,
    const struct addr *address, uint16_t port, int ttl, reset_look_done *done,
    void *arg);

/* Give it up: no callback will come. NULL is allowed. */
void reset_look_cancel(struct reset_look *look);

#endif
