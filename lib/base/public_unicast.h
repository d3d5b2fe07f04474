/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_PUBLIC_UNICAST_H
#define EGRESS25_LIB_BASE_PUBLIC_UNICAST_H

#include "lib/base/addr.h"

/*
 * True for an address at which anybody's public host may stand, as the IANA
 * special-purpose address registries (RFC 6890) have it. False for private,
 * shared, loopback, link-local, multicast, benchmarking, reserved and
 * unallocated addresses, for the anycast addresses of protocols, and for an
 * absent one.
 *
 * The documentation ranges are nobody's, and count as public: examples and
 * laboratories use them. An IPv6 address that carries an IPv4 address to which
 * its packets go in the end is as public as that one: IPv4-mapped, NAT64
 * (RFC 6052), 6to4 (RFC 3056), Teredo (RFC 4380), ISATAP (RFC 5214). Pure.
 */
bool public_unicast_is(const struct addr *addr);

#endif
