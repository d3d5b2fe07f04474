/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_NETSTATE_H
#define EGRESS25_AGENT_NET_NETSTATE_H

/*
 * What this host's network is, as far as measurements depend on it: its global
 * addresses, and by which interface, next hop and source a packet to the
 * Internet leaves. Two of these that differ are two vantage points. Pure.
 */

#include "lib/base/addr.h"

#define NETSTATE_ADDRESSES_MAX 256 /* of more, only these are looked at */

struct netstate_route {
	bool exists;
	uint32_t interface;
	struct addr gateway, source; /* absent: not said */
};

struct netstate {
	struct addr addresses[NETSTATE_ADDRESSES_MAX]; /* sorted, each once */
	size_t count;
	struct netstate_route route4, route6;
};

/*
 * Take in what the kernel answered to RTM_GETADDR and RTM_GETROUTE: netlink
 * messages (rtnetlink(7)). Addresses that only this host or link can use are
 * passed over, and IPv6 addresses that are still being probed (RFC 4862,
 * 5.4). True: the answer ends here (NLMSG_DONE or an error), or is broken.
 */
bool netstate_take(struct netstate *state, const void *bytes, size_t length);

/* What is otherwise in `now`, as a clause; NULL: nothing is. */
const char *netstate_change(
    const struct netstate *before, const struct netstate *now);

/* Until when to wait for more changes after one: some seconds after the last,
 * but not for ever after the first. Starts as zeroes. */
#define NETSTATE_SETTLE_MS      5000
#define NETSTATE_SETTLE_MOST_MS 60000
struct netstate_settling {
	int64_t first_ms, until_ms;
};

/* There was a change now; returns until when. */
int64_t netstate_settle(struct netstate_settling *settling, int64_t now_ms);

#endif
