/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_PEER_PLAIN_H
#define EGRESS25_COLLECTOR_HTTP_PEER_PLAIN_H

#include "collector/http/peer.h"

/* Peers without TLS. */
extern const struct peer_ops peer_plain_ops;

#endif
