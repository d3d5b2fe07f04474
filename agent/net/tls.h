/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_TLS_H
#define EGRESS25_AGENT_NET_TLS_H

#include "lib/base/err.h"
#include "lib/report/observe.h"

struct ssl_ctx_st;
struct ssl_st;

/* A client context for probes: TLS 1.0 and up, any certificate, because a probe
 * records what is there and sends no secret. The system's CA certificates are
 * loaded one by one when needed, to save memory, where it has them so. Sessions
 * read ahead: while SSL_has_pending(), read before waiting for the socket. 0 or
 * -errno; end with tls_context_free(). */
int tls_probe_context(struct ssl_ctx_st **context, struct err *err);

/* A client context that refuses a certificate that does not verify, for the
 * collector. `ca_file` NULL or "": the system's CA certificates. 0, -EINVAL or
 * -errno; end with tls_context_free(). */
int tls_verifying_context(
    const char *ca_file, struct ssl_ctx_st **context, struct err *err);

void tls_context_free(struct ssl_ctx_st *context); /* NULL is allowed */

/* A client session to `host`, which is sent as SNI and checked against the
 * certificate. An IP address is checked against iPAddress, without SNI; NULL or
 * "" is not checked. NULL: no memory. End with SSL_free(). */
struct ssl_st *tls_session(struct ssl_ctx_st *context, const char *host);

/* After a successful handshake, record version, cipher, key and the result of
 * verification. If a certificate has several faults, the chain's is reported
 * first, then the name's, then the dates'. Where the system has no authorities,
 * nothing is said of one. Frees all certificates of the
 * session but the server's own. */
void tls_record(struct ssl_st *session, struct tls_seen *seen);

#endif
