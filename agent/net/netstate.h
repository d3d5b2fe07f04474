/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_NETSTATE_H
#define EGRESS25_AGENT_NET_NETSTATE_H

/*
 * The part of this host's network configuration that measurements depend on:
 * the interface, next hop and source address of packets to the Internet. If it
 * changes, the host is a different vantage point. Addresses that the route does
 * not use, a container bridge's for instance, are nothing to it. Pure.
 */

#include "lib/base/addr.h"

struct netstate_route {
	bool exists;
	uint32_t interface;
	struct addr gateway, source; /* absent: not in the kernel's answer */
};

struct netstate {
	struct netstate_route route4, route6;
};

/*
 * Add the kernel's answer to RTM_GETROUTE: netlink messages (rtnetlink(7)).
 * True: the answer ends here (NLMSG_DONE or an error), or is malformed.
 */
bool netstate_take(struct netstate *state, const void *bytes, size_t length);

/* What differs in `now`, as a phrase; NULL: nothing, or only another source
 * address in the same IPv6 /64. */
const char *netstate_change(
    const struct netstate *before, const struct netstate *now);

#define NETSTATE_SETTLE_MS      5000  /* after the last change */
#define NETSTATE_SETTLE_MOST_MS 60000 /* after the first one */

/* How long to wait for a burst of changes to end. Zero-initialised. */
struct netstate_settling {
	int64_t first_ms, until_ms;
};

/* Record a change at `now_ms`. Returns the time until which to wait. */
int64_t netstate_settle(struct netstate_settling *settling, int64_t now_ms);

#endif
