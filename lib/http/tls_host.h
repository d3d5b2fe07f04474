/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_HTTP_TLS_HOST_H
#define EGRESS25_LIB_HTTP_TLS_HOST_H

#include <stdbool.h>

struct ssl_st;

/* Have a client's session name `host` to the server, where it is no address
 * (RFC 6066, 3), and expect it in the certificate: a name without the dot that
 * may end it, no partial wildcard (RFC 6125, 6.4.3). Whether a mismatch ends
 * the handshake is for the session's verify mode to say. False: out of memory,
 * or a name that cannot be one. */
bool tls_host_expect(struct ssl_st *session, const char *host);

#endif
