/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_SUPPORT_HTTP_WORLD_H
#define EGRESS25_TESTS_SUPPORT_HTTP_WORLD_H

/* An evhttp server on a loopback address and one client of it, on one loop. */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"

struct event_base;
struct evhttp;
struct evhttp_request;

struct http_world {
	struct event_base *base;
	struct evhttp *http;
	uint16_t port;
	struct buf reply; /* all that came until the server closed */
	bool leaves;      /* the client goes away with the first bytes */
};

struct http_world_route {
	const char *path; /* NULL: all others; it ends a list */
	void (*handle)(struct evhttp_request *request, void *arg);
};

/* Whatever fails here fails the test. `arg` is given to the routes. */
void http_world_open(
    struct http_world *world, const struct http_world_route *routes, void *arg);
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
