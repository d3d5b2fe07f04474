/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_RESOLVE_PARSE_H
#define EGRESS25_AGENT_NET_RESOLVE_PARSE_H

/*
 * From a DNS message to the results in dns_found.h. Each function returns a
 * c-ares status: ARES_ENODATA if the name has no such record, ARES_SUCCESS even
 * if none of its records could be used.
 */

#include "agent/net/dns_found.h"

/* An IPv4-mapped AAAA record is none: nobody is reached over IPv6 there.
 * `found` is zeroed on entry, here and below; `why` and `failed` are not set.
 */
int resolve_parse_addresses(struct resolve_addresses *found, uint8_t family,
    const unsigned char *answer, int length);
int resolve_parse_mx(
    struct resolve_mx *found, const unsigned char *answer, int length);
int resolve_parse_ptr(struct resolve_ptr *found, const struct addr *address,
    const unsigned char *answer, int length);

/* `found->text` points into `*bytes`, which the caller frees. */
int resolve_parse_txt(struct resolve_txt *found, char **bytes,
    const unsigned char *answer, int length);

/* Insert a host in order of preference; the worst are dropped if full. */
void resolve_take_mx(
    struct resolve_mx *found, uint16_t preference, const char *host);

#endif
