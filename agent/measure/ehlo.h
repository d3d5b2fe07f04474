/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_EHLO_H
#define EGRESS25_AGENT_MEASURE_EHLO_H

#include "lib/base/addr.h"

/* The EHLO name towards public addresses if this host's own address is private
 * (NAT): the literal of a private address identifies nobody (RFC 5321, 4.1.3).
 */

/* Of one family. */
struct ehlo_view {
	struct addr own;     /* the socket's; absent: no route */
	struct addr outside; /* as the collector sees it; absent: unknown */
};

/* Write the name for `family` (4 or 6): "" if the own address is public (use
 * its literal); else the literal of the public address, of this family or the
 * other; else `host_name` if it is fully qualified; else its first label with
 * the reserved suffix .invalid (RFC 2606). `views` are of IPv4 and IPv6. Pure.
 */
void ehlo_choose(const struct ehlo_view views[2], int family,
    const char *host_name, char name[256]);

#endif
