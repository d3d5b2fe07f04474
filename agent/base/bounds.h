/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_BOUNDS_H
#define EGRESS25_AGENT_BASE_BOUNDS_H

/*
 * What an agent connects to for a collector, whatever that one's plan says:
 * the mail ports and the usual control ports of public unicast addresses, and
 * what the agent's own configuration adds. Pure.
 */

#include "lib/base/prefixes.h"
#include "lib/config/endpoints.h"

struct bounds {
	struct prefix_list networks; /* allowed besides public addresses */
	struct port_list ports;      /* allowed besides the usual ones */
};

/* Parse the configuration's `plan-networks` and `plan-ports`; either may be
 * "". 0, or -EINVAL with a sentence. */
int bounds_parse(const char *networks, const char *ports, struct bounds *bounds,
    struct err *err);

/* Whether the address may be connected to. */
bool bounds_allow(const struct bounds *bounds, const struct addr *addr);

/* What is left of an endpoint. */
enum bounds_cut {
	BOUNDS_WHOLE,
	BOUNDS_FEWER_PORTS, /* some of its ports, or controls, are gone */
	BOUNDS_NO_PORT,     /* none of its ports is left: not to be visited */
	BOUNDS_ADDRESS, /* its host is a forbidden address: not to be visited */
};

/* Remove the ports and controls that are not allowed. A mail port may be a
 * control too. */
enum bounds_cut bounds_cut(
    const struct bounds *bounds, struct endpoint *endpoint);

#endif
