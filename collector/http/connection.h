/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_CONNECTION_H
#define EGRESS25_COLLECTOR_HTTP_CONNECTION_H

/*
 * How a connection comes in: after a PROXY header, where a proxy that is
 * trusted says one (proxy_header.h), and in TLS, where that is asked for
 * (connection_tls.h). The header comes before TLS. And how long it may take
 * to send a request (request_deadline.h).
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "collector/base/prefixes.h"
#include "lib/base/addr.h"

struct bufferevent;
struct event_base;
struct ssl_ctx_st;

/* The connections of one event loop. */
struct connections;

/* `proxies`, whose headers are believed, is borrowed; it may change between two
 * turns of the loop. So is `ended`, which counts connections that were ended
 * because they took too long, or to make room. NULL: out of memory. */
struct connections *connections_new(struct event_base *base,
    const struct prefix_list *proxies, _Atomic int64_t *ended);

/* After the last bufferevent is gone, before the loop. NULL is allowed. */
void connections_free(struct connections *connections);

/* A bufferevent for a socket that is not known yet (bufferevent_setfd()), which
 * it then closes. `tls` may be NULL. NULL: out of memory. */
struct bufferevent *connections_add(struct connections *connections,
    struct event_base *base, struct ssl_ctx_st *tls);

/* How long a client may take to send a request; without this, for ever. */
void connections_set_patience(
    struct connections *connections, int64_t patience_s);

/* Its request is whole, or the answer to it is sent: then the next one is
 * awaited. */
void connections_whole(
    struct connections *connections, struct bufferevent *bev);
void connections_answered(
    struct connections *connections, struct bufferevent *bev);

/* Descriptors ran out: end those that were awaited longest, at first those
 * that never said anything. How many. */
size_t connections_make_room(struct connections *connections);

/* Whom the PROXY header before the connection named. False: there was none, and
 * `client` is untouched. */
bool connections_client(const struct connections *connections,
    struct bufferevent *bev, struct addr *client);

/* The first bytes of the connection on `fd`: how many of them are a PROXY
 * header, whose client is then kept in mind; -EAGAIN: more must come to tell.
 */
ssize_t connections_begin(
    struct connections *connections, int fd, const void *bytes, size_t length);

#endif
