/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_RESOLVE_PARSE_H
#define EGRESS25_AGENT_NET_RESOLVE_PARSE_H

/*
 * From the bytes of a DNS answer to what resolve.h promises; the inside of
 * resolve.c. Each returns a status of c-ares: ARES_ENODATA where the name has
 * no such record, ARES_SUCCESS even where none of its records could be used.
 */

#include "agent/net/resolve.h"

/* `found` is all 0 on entry, of each of them; `why` and `failed` stay so. */
int resolve_parse_addresses(struct resolve_addresses *found, uint8_t family,
    const unsigned char *answer, int length);
int resolve_parse_mx(
    struct resolve_mx *found, const unsigned char *answer, int length);
int resolve_parse_ptr(struct resolve_ptr *found, const struct addr *address,
    const unsigned char *answer, int length);

/* `bytes` becomes what `found->text` points into; the caller frees it. */
int resolve_parse_txt(struct resolve_txt *found, char **bytes,
    const unsigned char *answer, int length);

/* Insert a host by preference; the worst fall off the end. */
void resolve_take_mx(
    struct resolve_mx *found, uint16_t preference, const char *host);

#endif
