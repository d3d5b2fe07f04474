/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_PEERS_H
#define EGRESS25_COLLECTOR_HTTP_PEERS_H

/*
 * The peers of one event loop: who comes, who is late, who goes.
 */

#include "collector/health/metrics.h"
#include "collector/http/peer.h"
#include "lib/base/address_count.h"

/* What the peers of a loop share; all of it is borrowed. */
struct peers_settings {
	struct event_base *base;
	const struct peer_rules *rules;
	struct metrics *metrics;
	struct address_count *addresses; /* NULL: not counted */
	/* A peer goes with a request in flight. */
	void (*on_leave)(struct exchange *exchange);
};

/* `settings` are copied. NULL: out of memory. */
struct peers *peers_new(const struct peers_settings *settings);

/* After evhttp's last connection is gone, before the loop. NULL is allowed. */
void peers_free(struct peers *peers);

/* Add a peer that was accepted: its first request's deadline starts. The
 * bufferevent for evhttp, or NULL: out of memory. */
struct bufferevent *peers_add(struct peers *peers, const struct peer_ops *ops);

/* The peer of a connection that has a whole request; its deadline stops. NULL:
 * there is none. */
struct peer *peers_find(
    struct peers *peers, struct evhttp_connection *connection);

/* Its reply, of that status, was sent: the next request's deadline starts. */
void peer_complete(struct peer *peer, int status);

/* The file descriptors ran out: end up to 64 peers that wait for nothing but
 * their client, those that never sent anything first. How many. */
size_t peers_make_room(struct peers *peers);

#endif
