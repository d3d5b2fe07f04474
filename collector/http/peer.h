/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_PEER_H
#define EGRESS25_COLLECTOR_HTTP_PEER_H

/*
 * The peers of one event loop: everything that is known of each accepted
 * connection, from its first byte to its end. How its bytes arrive, plain or
 * in TLS, is its operations table's (peer_plain.h, peer_tls.h). A PROXY header
 * (proxy_header.h) comes before anything else, TLS too.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "collector/health/metrics.h"
#include "collector/http/request_deadline.h"
#include "lib/base/addr.h"
#include "lib/base/prefixes.h"

struct bufferevent;
struct event_base;
struct evhttp_connection;
struct exchange;
struct peer;
struct ssl_ctx_st;

/* What applies to all peers of a loop; may change between two events. */
struct peer_rules {
	struct prefix_list trusted; /* proxies that are believed */
	int64_t request_us;         /* to send a whole request; 0: no limit */
	struct ssl_ctx_st *tls;     /* borrowed; NULL: no TLS */
};

struct peer_ops {
	/* Make the bufferevent; its socket is set later, and it closes it.
	 * NULL: out of memory. */
	struct bufferevent *(*open)(struct peer *peer, struct event_base *base);
	/* Free `header`: the peer ends before its PROXY header was read. */
	void (*end_header)(struct peer *peer);
};

struct peer {
	struct peers *peers;
	const struct peer_ops *ops;
	struct bufferevent *bev;
	void *header;        /* of `ops`, until the PROXY header was read */
	bool is_header_read; /* or it is known that there is none */
	struct addr client;  /* from the PROXY header; absent: it named none */
	int64_t since_us;    /* when it was accepted */
	bool is_shut;        /* shut down before it sent anything */
	struct request_deadline deadline;
	/* NULL until its first whole request: evhttp does not show the
	 * connection before, nor tell when it ends. The peer holds a reference
	 * to `bev` until then. */
	struct evhttp_connection *connection;
	struct exchange *exchange; /* the request in flight; NULL: none */
	TAILQ_ENTRY(peer) arrival; /* while `connection` is NULL */
	LIST_ENTRY(peer) bucket;
};

/* `on_leave` is called when a peer goes with a request in flight. `rules` and
 * `metrics` are borrowed. NULL: out of memory. */
struct peers *peers_new(struct event_base *base, const struct peer_rules *rules,
    struct metrics *metrics, void (*on_leave)(struct exchange *exchange));

/* After evhttp's last connection is gone, before the loop. NULL is allowed. */
void peers_free(struct peers *peers);

/* Add a peer that was accepted: the bufferevent for evhttp, or NULL: out of
 * memory. */
struct bufferevent *peers_add(struct peers *peers, const struct peer_ops *ops);

/* The peer of a connection that has a whole request; its deadline stops. NULL:
 * there is none. */
struct peer *peers_find(
    struct peers *peers, struct evhttp_connection *connection);

/* Its reply, of that status, was sent: the next request's deadline starts. */
void peer_complete(struct peer *peer, int status);

/* End the connection in the middle of a reply: the client knows that what it
 * got is not all (RFC 9112, 8). on_leave() follows. */
void peer_cut(struct peer *peer);

/* The file descriptors ran out: end up to 64 peers that wait for nothing but
 * their client, those that never sent anything first. How many. */
size_t peers_make_room(struct peers *peers);

/* For the operations: read the first bytes of the connection on `fd`. The
 * length of the PROXY header (0: there is none), after which the peer's header
 * phase is over; -EAGAIN: more bytes are needed. */
ssize_t peer_read_header(
    struct peer *peer, int fd, const void *bytes, size_t length);

/* For the operations: the loop's rules. */
const struct peer_rules *peer_rules(const struct peer *peer);

#endif
