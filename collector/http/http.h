/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_HTTP_H
#define EGRESS25_COLLECTOR_HTTP_HTTP_H

/*
 * What all routes need of HTTP: reading a request, and the kinds of replies.
 * Every http_reply_* call ends the request.
 */

#include <stdbool.h>

#include "collector/base/prefixes.h"
#include "lib/base/addr.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

struct connections;
struct evhttp_request;

/* A request header's value, or NULL. */
const char *http_header(struct evhttp_request *request, const char *name);

/* Append all lines of a header that is a list, in their order, ", " between
 * (RFC 9110, 5.3). Memory that ran out shows as `all->failed`. */
void http_join_header(
    struct evhttp_request *request, const char *name, struct buf *all);

/* The path without query, percent-encoding as it came; and the query, or NULL.
 * Both are the request's. */
const char *http_path(struct evhttp_request *request);
const char *http_query(struct evhttp_request *request);

/* The peer; or whom a trusted proxy speaks for: the client in its PROXY header
 * (connection.h), then the last address in X-Forwarded-For that is no trusted
 * proxy itself. Absent where a trusted proxy says there what is no address. */
void http_client(struct evhttp_request *request,
    const struct connections *connections, const struct prefix_list *trusted,
    struct addr *client);

/* The body as it was sent. */
int http_raw_body(
    struct evhttp_request *request, struct buf *out, struct err *err);

/* `raw` as it was meant: gunzipped where Content-Encoding says gzip. 0,
 * -E2BIG (over `most` bytes, however small it was sent), -EOPNOTSUPP (another
 * encoding), -EINVAL (no gzip) or -ENOMEM. */
int http_decode_body(struct evhttp_request *request, const struct buf *raw,
    size_t most, struct buf *out, struct err *err);

/* A JSON reply; with an entity tag for GET and HEAD, and 304 where the client
 * has it already (RFC 9110, 13.1.2). A reply for one client alone has
 * Cache-Control set to no-store before this. */
void http_reply_json(
    struct evhttp_request *request, int status, const struct buf *body);

/* {"error":{"field":...,"message":...}}; `field` may be NULL. */
void http_reply_error(struct evhttp_request *request, int status,
    const char *field, const char *message);

/* 503 (or 429), with Retry-After. */
void http_reply_busy(struct evhttp_request *request, int status,
    int retry_after_s, const char *message);

/* 405, with Allow. */
void http_reply_wrong_method(struct evhttp_request *request, const char *allow);

/* Bytes of any type with their tag; gzip is used where the client takes it
 * and it is not NULL. */
struct http_bytes {
	const char *type, *etag; /* etag NULL: none */
	const void *plain, *gzip;
	size_t plain_length, gzip_length;
};
void http_reply_bytes(
    struct evhttp_request *request, const struct http_bytes *bytes);

/* For a connection's close callback, where a reply was still to come. libevent
 * takes the request off a connection that broke, and leaves it to us; one
 * that ends otherwise frees it. Either way it is gone after this. */
void http_abandon(struct evhttp_request *request);

/* Set a header of the reply. */
void http_set_header(
    struct evhttp_request *request, const char *name, const char *value);

/*
 * A reply in parts, by a handler that runs on a reading thread (read_pool.h):
 * `fill` appends the next part, and says by its result that more will come.
 * It is called when the one before has been sent, so that a slow client costs
 * one part of memory; each time perhaps on another thread, whose server it is
 * given. One that sets `out->failed` has the connection cut, so that the
 * client takes nothing for the whole. `end` is called exactly once, also when
 * the client went away.
 */
struct server;
typedef bool http_fill(struct server *server, void *arg, struct buf *out);
typedef void http_end(void *arg);
void http_reply_stream(struct evhttp_request *request, const char *type,
    http_fill *fill, http_end *end, void *arg);

/*
 * A request without its connection, so that another thread may answer it. A
 * reply to it is parked: kept in the copy, or for a stream in `parked`, until
 * the loop that has the connection sends it, or starts the stream. NULL: no
 * memory; end with evhttp_request_free().
 */
struct http_parked {
	http_fill *fill; /* NULL: no stream */
	http_end *end;
	void *arg;
};
struct evhttp_request *http_copy(
    struct evhttp_request *request, struct http_parked *parked);
void http_send_parked(
    struct evhttp_request *request, struct evhttp_request *copy);
void http_start_parked(
    struct evhttp_request *request, struct evhttp_request *copy);

#endif
