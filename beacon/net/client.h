/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_BEACON_NET_CLIENT_H
#define EGRESS25_BEACON_NET_CLIENT_H

/*
 * One connection: it moves bytes between a socket, TLS and the session
 * (beacon/smtp/session.h), and bounds both in time and in memory. An idle one
 * takes about a kilobyte; one that is in TLS, some twenty.
 */

#include "beacon/net/beacon.h"
#include "lib/base/addr.h"

/* Take a connection that was accepted on `port`, which speaks TLS at once or
 * not. It owns `fd` from here on, and ends by itself. False: one too many, of
 * all or of its address, or no memory; `fd` is closed then. */
bool client_open(struct beacon *beacon, int fd, uint16_t port, bool tls_first);

/* End all connections. */
void client_close_all(struct beacon *beacon);

#endif
