/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_CHAIN_MEMO_H
#define EGRESS25_AGENT_NET_CHAIN_MEMO_H

/*
 * A cache of certificate verification results. The ports of an endpoint send
 * the same chain within minutes, and verifying its signatures is half the cost
 * of a handshake. The cache key is a hash over the digests of all certificates
 * in the chain and the expected name, so no other chain can match.
 */

#include <stdint.h>

#include "lib/base/err.h"

#define CHAIN_MEMO_KEPT 64
#define CHAIN_MEMO_S    300 /* an expiry may be noticed this late */

struct ssl_ctx_st;

/* Make the sessions of a context that has SSL_VERIFY_NONE use a cache, and drop
 * the verified chain: only SSL_get_verify_result() remains. The cache is freed
 * with the context. 0 or -ENOMEM. */
int chain_memo_use(struct ssl_ctx_st *context);

#endif
