/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_BEACON_NET_CERTIFICATE_H
#define EGRESS25_BEACON_NET_CERTIFICATE_H

#include "beacon/base/options.h"

struct ssl_ctx_st;

/* The TLS context of a server, with the certificate that is configured, or with
 * a self-signed one for `name`, whose key is STATE/tls.key and is made where
 * there is none: agents know the beacon by its key. 0, -EINVAL or -errno; end
 * with SSL_CTX_free(). */
int certificate_load(const struct beacon_options *options, const char *name,
    struct ssl_ctx_st **tls, struct err *err);

/* The SHA-256 of its public key (SubjectPublicKeyInfo), as a list of endpoints
 * has it under `spki`. 0 or -ENOMEM. */
int certificate_spki(const struct ssl_ctx_st *tls, uint8_t spki_sha256[32]);

#endif
