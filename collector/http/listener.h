/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_LISTENER_H
#define EGRESS25_COLLECTOR_HTTP_LISTENER_H

/*
 * An HTTP server on one listening socket and one event loop. It accepts
 * peers, reads their requests, and hands each whole request to a callback as
 * an exchange. Connections are limited by their address (address_count.h),
 * requests in form and size (peer_input.h), in time (peer.h) and in the memory
 * of all of them (peer_memory.h); when file descriptors run out, new
 * connections wait in the kernel.
 */

#include "collector/http/exchange.h"
#include "collector/http/peers.h"

struct listener;

/* The callbacks are on the loop's thread. */
struct listener_settings {
	struct event_base *base;
	struct metrics *metrics;
	struct address_count *addresses; /* borrowed; NULL: not counted */
	int64_t body_most;               /* a larger body is refused with 413 */
	/* Set `rules` to what applies now; before each connection and each
	 * request. They start zeroed, and are this listener's. */
	void (*refresh)(void *arg, struct peer_rules *rules);
	/* See exchange.h. */
	void (*dispatch)(void *arg, struct exchange *exchange);
	void *arg;
};

/* Start a server on a listening socket (listen_socket.h), which is then the
 * listener's, also on failure. `settings` are copied. 0 or -errno. */
int listener_open(const struct listener_settings *settings, int fd,
    struct listener **listener, struct err *err);

/* Deliver a message on the loop's thread; from any thread. */
void listener_post(struct listener *listener, struct message *message);

/* Accept no more connections; the accepted ones go on. */
void listener_stop_accepting(struct listener *listener);

/* After the loop's last turn, when no exchange is on another thread: deliver
 * what was posted, end all connections, and free. NULL is allowed. */
void listener_close(struct listener *listener);

/* Raise the limit of file descriptors to what that many connections need, as
 * far as the system allows; logs a warning if that is less. */
void listener_allow_connections(int64_t connections);

#endif
