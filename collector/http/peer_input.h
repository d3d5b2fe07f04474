/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_PEER_INPUT_H
#define EGRESS25_COLLECTOR_HTTP_PEER_INPUT_H

/*
 * What a peer sends, kept from evhttp until it is a whole request of which
 * request_head.h says where it ends. So evhttp never decides that, and what is
 * half sent is counted here. A request that is refused is replaced by an empty
 * one, which gets the refusal as its reply; what the peer sends after it is
 * thrown away.
 */

#include "collector/http/peer.h"

/* Before the peer's first byte. False: out of memory. */
bool peer_input_open(struct peer *peer);

/* The reply was sent: the next request may follow. */
void peer_input_go_on(struct peer *peer);

/* Refuse what the peer is sending, or cut it off where it is too late to say
 * anything. `why` is a literal. */
void peer_input_refuse(struct peer *peer, int status, const char *why);

/* Free it; the peer's bufferevent still exists. */
void peer_input_end(struct peer *peer);

#endif
