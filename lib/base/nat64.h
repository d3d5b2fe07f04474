/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_NAT64_H
#define EGRESS25_LIB_BASE_NAT64_H

/* Which IPv4 addresses stand in IPv6 addresses of the network that one is in,
 * where it translates (RFC 6052) with a prefix of its own. Pure. */

#include "lib/base/addr.h"

/* Its AAAA records show the prefixes (RFC 7050). */
#define NAT64_NAME "ipv4only.arpa"

#define NAT64_PREFIXES_MOST 8

struct nat64_prefix {
	struct addr prefix; /* the other bits are 0 */
	uint8_t bits;
};

/* Zero-initialised: none is known. */
struct nat64 {
	size_t count;
	struct nat64_prefix prefixes[NAT64_PREFIXES_MOST];
};

/* An AAAA record of NAT64_NAME; others than a translator's teach nothing. */
void nat64_learn(struct nat64 *nat64, const struct addr *address);

/* Go on with the next IPv4 address that stands in `address`, one a prefix:
 * begin with `*next` 0. False: there is no other. */
bool nat64_inner(const struct nat64 *nat64, const struct addr *address,
    size_t *next, struct addr *inner);

#endif
