/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_EHLO_H
#define EGRESS25_AGENT_CHECK_EHLO_H

#include "lib/base/addr.h"

/* What EHLO says to public addresses where this host's own address is private,
 * behind a NAT: the literal of such an address would be a lie (RFC 5321,
 * 4.1.3). */

/* Of one family. */
struct ehlo_view {
	struct addr own;     /* the socket's; absent: no way out */
	struct addr outside; /* as the collector sees it; absent: not known */
};

/* Write the name for `family` (4 or 6): "" if the own address is public, and
 * its literal is right; else the literal of the address as seen from outside,
 * in this family or the other, else `host_name` if it is fully qualified, else
 * that with the reserved suffix .invalid (RFC 2606). `views` are of IPv4 and
 * IPv6. Pure. */
void ehlo_choose(const struct ehlo_view views[2], int family,
    const char *host_name, char name[256]);

#endif
