/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_CHAIN_MEMO_H
#define EGRESS25_AGENT_NET_CHAIN_MEMO_H

/*
 * What the verification of a certificate chain came to, remembered for a few
 * minutes: the ports of an endpoint show the same chain one after the other,
 * and the signatures in it are half of what a handshake costs. A chain is
 * known by the digests of all its certificates and by the name that was asked
 * for, so that nothing else can be taken for it.
 */

#include <stdint.h>

#include "lib/base/err.h"

#define CHAIN_MEMO_KEPT 64
#define CHAIN_MEMO_S    300 /* so late an expiry may be noticed */

struct ssl_ctx_st;

/* Let the sessions of a context that takes any certificate (it has
 * SSL_VERIFY_NONE) verify with a memory, and keep no chain that they made for
 * it: SSL_get_verify_result() is all that is left. The memory goes with the
 * context. 0 or -ENOMEM. */
int chain_memo_use(struct ssl_ctx_st *context);

#endif
