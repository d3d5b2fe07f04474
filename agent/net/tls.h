/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_TLS_H
#define EGRESS25_AGENT_NET_TLS_H

#include "lib/base/err.h"
#include "lib/report/observe.h"

struct ssl_ctx_st;
struct ssl_st;

/* A client context for probes: TLS 1.0 and up with any certificate, because a
 * probe records what is there and trusts nobody with anything. The system's
 * authorities are looked up one by one, when needed, to stay small. Sessions
 * read ahead: what SSL_has_pending() says must be read before one waits. */
int tls_probe_context(struct ssl_ctx_st **context, struct err *err);

/* A client context that refuses what does not verify, for the collector.
 * `ca_file` NULL or "": the system's authorities. */
int tls_verifying_context(
    const char *ca_file, struct ssl_ctx_st **context, struct err *err);

void tls_context_free(struct ssl_ctx_st *context);

/* A client session to `host` (SNI and the name that is checked; where it is
 * an address, its iPAddress is checked and no SNI sent; NULL or "": no name is
 * checked). NULL: no memory. */
struct ssl_st *tls_session(struct ssl_ctx_st *context, const char *host);

/* Record version, cipher, key and how the certificate verifies, once the
 * handshake ended well. Of several things that are wrong with a certificate
 * the chain comes first, then the name, then the dates. Of the certificates
 * only the server's own stays with the session. */
void tls_record(struct ssl_st *session, struct tls_seen *seen);

#endif
