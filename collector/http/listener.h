/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_LISTENER_H
#define EGRESS25_COLLECTOR_HTTP_LISTENER_H

/*
 * An address that is listened on, and the routes behind it. Requests are
 * bounded in size and in how long they may stand still; where descriptors run
 * out, new connections wait in the kernel. A POST that waited too long for its
 * turn, or for which the writer's queue has no room, is 503 with Retry-After
 * before anything is spent on it.
 */

#include <stdbool.h>
#include <sys/time.h>

#include "collector/threads/server.h"

struct event_base;
struct evhttp;
struct evhttp_bound_socket;
struct ssl_ctx_st;

struct route {
	const char *path; /* NULL ends a table */
	bool has_rest;    /* what is below the path too */
	bool is_post;     /* else GET and HEAD */
	server_handler *handle;
	/* A GET that never waits for the disk is answered at once; others go
	 * to the threads that read (read_pool.h). */
	bool is_quick;
};

/* Start from zeroes and the first five; the rest is the module's. */
struct listener {
	struct server *server;
	struct event_base *base;
	const struct route *routes;
	bool is_public; /* in TLS and with pages, where the settings say so */
	struct evhttp *http;
	struct evhttp_bound_socket *socket;
	struct timeval turn; /* of the loop, when it began by its clock */
	int64_t turn_us;     /* and by ours */
};

/* Dispatch what comes in at a socket that listens (listen_socket.h), which is
 * then the listener's, also in failure. 0 or -errno. */
int listener_open(struct listener *listener, int fd, struct err *err);

/* Take no new connections; those that are there go on. */
void listener_end_accepting(struct listener *listener);

/* End all connections, after the loop's last turn. A listener that was never
 * opened is allowed. */
void listener_close(struct listener *listener);

/* Allow as many descriptors as that many connections need, as far as the
 * system lets us; says so in the log where it does not. */
void listener_allow_connections(int64_t connections);

#endif
