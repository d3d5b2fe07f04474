/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_ADDRESS_COUNT_H
#define EGRESS25_LIB_BASE_ADDRESS_COUNT_H

/*
 * How many connections each address has: an IPv4 address, or the /64 of an
 * IPv6 one, all of which one host has (RFC 4291, 2.5.1). Shared by all loops:
 * the kernel spreads an address's connections over them.
 */

#include <stdint.h>

#include "lib/base/addr.h"

struct address_count;

/* NULL: out of memory. */
struct address_count *address_count_new(void);
void address_count_free(struct address_count *counts); /* NULL is allowed */

/* Count another connection of the address. False: it had `most` (0: no limit)
 * already, or there is no memory, and it is not counted. */
bool address_count_take(
    struct address_count *counts, const struct addr *address, int64_t most);

/* A connection that was counted is gone. */
void address_count_give(
    struct address_count *counts, const struct addr *address);

#endif
