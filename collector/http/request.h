/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_REQUEST_H
#define EGRESS25_COLLECTOR_HTTP_REQUEST_H

/*
 * An HTTP request as a value: what a handler sees of it. It is whole, and no
 * handler changes it. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/addr.h"
#include "lib/base/buf.h"
#include "lib/base/prefixes.h"

enum request_method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_OPTIONS,
	METHOD_OTHER
};

struct route; /* opaque here */

struct request_header {
	const char *name, *value;
};

struct request {
	enum request_method method;
	bool is_old;       /* HTTP/1.0 */
	const char *path;  /* still percent-encoded; at least "/" */
	const char *query; /* what follows the '?'; NULL: nothing */
	const struct request_header *headers; /* as they came */
	size_t nheaders;
	struct addr client; /* absent: a trusted proxy did not name one */
	const char *body;   /* as it was sent; may be NULL if it is empty */
	size_t body_length;
	const struct route *route; /* that handles it, once that is known */
};

/* "GET", "HEAD", "POST" or "OPTIONS"; "" for other methods. */
const char *request_method_word(const struct request *request);

/* GET and HEAD are reads. */
bool request_is_read(const struct request *request);

/* The value of the first header field of that name, or NULL. */
const char *request_header(const struct request *request, const char *name);

/* Append the values of all header fields of that name, separated by ", "
 * (RFC 9110, 5.3). Out of memory shows as `all->failed`. */
void request_join_header(
    const struct request *request, const char *name, struct buf *all);

/*
 * Find the client behind the proxies: as long as `client` (at first the
 * connection's peer, or what its PROXY header names) is a trusted proxy, the
 * address before it in X-Forwarded-For takes its place. Absent if a trusted
 * proxy names something that is no address there.
 */
void request_find_client(const struct request *request,
    const struct prefix_list *trusted, struct addr *client);

/* Does If-None-Match name this entity tag (weak comparison, RFC 9110, 13.1.2)?
 */
bool request_has_tag(const struct request *request, const char *etag);

#endif
