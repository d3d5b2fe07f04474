/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_LISTENER_H
#define EGRESS25_COLLECTOR_LISTENER_H

/*
 * An address that is listened on, and the routes behind it. Requests are
 * bounded in size and in how long they may stand still; where descriptors run
 * out, new connections wait in the kernel.
 */

#include <stdbool.h>

#include "collector/server.h"

struct event_base;
struct evhttp;
struct evhttp_bound_socket;
struct ssl_ctx_st;

struct route {
	const char *path; /* NULL ends a table */
	bool has_rest;    /* what is below the path too */
	bool is_post;     /* else GET and HEAD */
	server_handler *handle;
};

/* Start from zeroes and the first five; the rest is the module's. */
struct listener {
	struct server *server;
	struct event_base *base;
	const struct route *routes;
	bool has_pages;         /* what no route takes is looked for there */
	struct ssl_ctx_st *tls; /* borrowed, for new connections; NULL: none */
	struct evhttp *http;
	struct evhttp_bound_socket *socket;
};

/* Listen on "ADDRESS:PORT" and dispatch. 0 or -errno. */
int listener_open(
    struct listener *listener, const char *where, struct err *err);

/* "http://192.0.2.1:8025", as the socket has it. */
char *listener_format(const struct listener *listener, char text[80]);

/* Take no new connections; those that are there go on. */
void listener_end_accepting(struct listener *listener);

/* End all connections, after the loop's last turn. A listener that was never
 * opened is allowed. */
void listener_close(struct listener *listener);

/* Allow as many descriptors as that many connections need, as far as the
 * system lets us; says so in the log where it does not. */
void listener_allow_connections(int64_t connections);

#endif
