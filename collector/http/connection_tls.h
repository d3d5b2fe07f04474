/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_CONNECTION_TLS_H
#define EGRESS25_COLLECTOR_HTTP_CONNECTION_TLS_H

/* TLS on the connections that come in. */

#include "collector/http/connection.h"
#include "lib/base/err.h"

/* A server's TLS, with the certificate (PEM, its chain behind it) and its key
 * of two files; 1.2 at least. -EINVAL: one of them is missing or wrong. */
int connection_tls_load(const char *certificate, const char *key,
    struct ssl_ctx_st **tls, struct err *err);

/* As connections_add() gives. */
struct bufferevent *connection_tls_new(struct connections *connections,
    struct event_base *base, struct ssl_ctx_st *tls);

#endif
