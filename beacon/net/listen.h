/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_BEACON_NET_LISTEN_H
#define EGRESS25_BEACON_NET_LISTEN_H

/* The listening sockets: one for each address and port. */

#include "beacon/net/beacon.h"

struct listeners;

/* Listen on all of the configured addresses and ports. Where this host has no
 * such family an address of it is left out, unless it is the only one. 0 or
 * -errno; end with listen_close(). */
int listen_open(
    struct beacon *beacon, struct listeners **listeners, struct err *err);

void listen_close(struct listeners *listeners); /* NULL is allowed */

#endif
