/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_HTTP_TLS_HOST_H
#define EGRESS25_LIB_HTTP_TLS_HOST_H

#include <stdbool.h>

struct ssl_st;

/* Set the host that a client session expects: as SNI, unless it is an address
 * (RFC 6066, 3), and as the name or address in the certificate, without a final
 * dot and without partial wildcards (RFC 6125, 6.4.3). The session's verify
 * mode decides whether a mismatch ends the handshake. False: out of memory, or
 * an impossible name. */
bool tls_host_expect(struct ssl_st *session, const char *host);

#endif
