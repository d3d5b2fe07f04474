/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_SUPPORT_HTTP_WORLD_H
#define EGRESS25_TESTS_SUPPORT_HTTP_WORLD_H

/* The collector's HTTP server on a loopback address and one client of it, on
 * one loop. */

#include "collector/http/listener.h"

struct http_world {
	struct event_base *base;
	struct metrics metrics;
	struct listener *listener;
	struct prefix_list trusted;
	uint16_t port;
	struct buf reply; /* all that came until the server closed */
	bool leaves;      /* the client goes away with the first bytes */
	void (*dispatch)(void *arg, struct exchange *exchange);
	void *arg;
};

struct http_world_route {
	const char *path; /* NULL: all others; it ends a list */
	request_handler *handler;
};

/* Serve these routes, on the loop's thread and without a server struct.
 * Whatever fails here fails the test. `trusted` are proxies. */
void http_world_open(struct http_world *world,
    const struct http_world_route *routes, const char *trusted);

/* The same, with another dispatcher. */
void http_world_open_dispatch(struct http_world *world,
    void (*dispatch)(void *arg, struct exchange *exchange), void *arg);

/* Closes the listener, if that was not done before. */
void http_world_close(struct http_world *world);

/* Send the bytes, and gather what comes until the server closes; at most 10
 * s. */
void http_world_talk(
    struct http_world *world, const void *bytes, size_t length);

#define HTTP_WORLD_WANTED 6

/* Up to HTTP_WORLD_WANTED texts that must be in the reply, or, with a '~'
 * before them, must not. */
void http_world_expect(
    const struct http_world *world, const char *const *wanted);

#endif
