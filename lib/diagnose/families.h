/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_FAMILIES_H
#define EGRESS25_LIB_DIAGNOSE_FAMILIES_H

/* What all targets of one family have in common. */

#include "lib/diagnose/evidence.h"

struct family_known {
	bool answered; /* some port of some endpoint did */
	bool routed; /* some router beyond the first did, as far as is known */
	/* Every answer came from TTL 1, and those of several ports did: TCP
	 * ends on this host or beside it. */
	bool translated;
	/* Nothing answers, and one router says of every endpoint that it has no
	 * route; or the first one, that nobody is there. */
	bool no_route;
	struct addr no_route_from;
};

/* Host or network unreachable, no route: what a router says of an address that
 * is not there (RFC 792; RFC 4443, 3.1), not of a policy. */
bool families_is_nobody_there(const struct icmp_seen *icmp);

/* Fill in what the targets of that family show. */
void families_look(const struct evidence *evidence, size_t ntargets,
    uint8_t family, struct family_known *out);

#endif
