/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_PEER_TLS_H
#define EGRESS25_COLLECTOR_HTTP_PEER_TLS_H

#include "collector/http/peer.h"
#include "lib/base/err.h"

/* Peers in TLS; the loop's rules have its context. */
extern const struct peer_ops peer_tls_ops;

/* Make the context of a TLS server, version 1.2 at least, from the certificate
 * chain and its key, two PEM files. The caller frees it (SSL_CTX_free()). 0,
 * -EINVAL (a file is missing or wrong) or -ENOMEM. */
int peer_tls_load(const char *certificate, const char *key,
    struct ssl_ctx_st **tls, struct err *err);

#endif
