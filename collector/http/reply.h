/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_REPLY_H
#define EGRESS25_COLLECTOR_HTTP_REPLY_H

/*
 * An HTTP reply as a value, which a handler makes from a request. It starts
 * zeroed; one of the functions from reply_json() to reply_stream() fills it,
 * the last call counts. Out of memory becomes a 503. Pure.
 */

#include "collector/http/coding.h"

#define REPLY_HEADERS_MAX 16
#define REPLY_TAG_SIZE    48

/* What a handler works with besides the request; opaque here. */
struct server;

/* Bytes that live as long as the program, with an entity tag. gzip is sent if
 * it is not NULL and the client accepts it. */
struct reply_bytes {
	const char *type, *etag; /* `etag` with its quotes */
	const void *plain, *gzip;
	size_t plain_length, gzip_length;
};

/*
 * A reply in parts, so that a slow client costs the memory of one part: `fill`
 * appends the next part and returns true if more follow; it is called when the
 * part before was sent, on any thread, with that thread's server. If it sets
 * `out->failed`, the connection is cut, so that the client does not take what
 * came for the whole. `end` is called exactly once, also if the client leaves.
 */
typedef bool reply_fill(struct server *server, void *arg, struct buf *out);
typedef void reply_end(void *arg);

struct reply_stream {
	reply_fill *fill; /* NULL: the reply is no stream */
	reply_end *end;
	void *arg;
	int64_t length; /* of all parts; 0: nobody knows yet */
};

struct reply {
	int status;
	size_t nheaders;
	struct {
		const char *name;
		char *value; /* owned */
	} headers[REPLY_HEADERS_MAX];
	struct buf body;          /* owned */
	enum coding coded;        /* the body's coding */
	bool is_tagged;           /* an entity tag is made from `body` */
	char tag[REPLY_TAG_SIZE]; /* or this one, unless it is empty */
	struct reply_bytes bytes; /* instead of `body`, unless plain is NULL */
	struct reply_stream stream;
	bool failed; /* out of memory */
	/* What to send; reply_settle() sets them. */
	const void *content;
	size_t content_length;
};

/* A handler: a function from a request to a reply. It runs to its end without
 * waiting for anything but the store. */
typedef void request_handler(
    struct server *server, const struct request *request, struct reply *reply);

/* Set a header field; `name` is a literal, `value` is copied. */
void reply_set_header(struct reply *reply, const char *name, const char *value);

/* JSON, which is taken from `body`; a 200 to a read gets an entity tag, a weak
 * one, since it is that of all content codings (RFC 9110, 8.8.1). A reply for
 * one client alone also needs "Cache-Control: no-store". */
void reply_json(struct reply *reply, int status, struct buf *body);

/* After reply_json(): the entity tag, without its quotes. Two bodies that have
 * it mean the same, so it is a weak one (RFC 9110, 8.8.1). */
void reply_set_tag(struct reply *reply, const char *tag);

/* 204 without content. */
void reply_nothing(struct reply *reply);

/* 308: it is at that path (RFC 9110, 15.4.9). */
void reply_moved(struct reply *reply, const char *location);

/* {"error":{"field":...,"message":...}}; `field` may be NULL. */
void reply_error(
    struct reply *reply, int status, const char *field, const char *message);

/* An error with Retry-After: 503 or 429. */
void reply_busy(
    struct reply *reply, int status, int retry_after_s, const char *message);

/* 405 with Allow (RFC 9110, 15.5.6). */
void reply_wrong_method(struct reply *reply, const char *allow);

/* 200 with text of that media type, which is taken from `body`. */
void reply_text(struct reply *reply, const char *type, struct buf *body);

/* 200 with one of the two forms of `bytes`, which is copied. */
void reply_bytes(struct reply *reply, const struct reply_bytes *bytes);

/* 200 with a stream of that media type; `arg` passes to the reply. A stream
 * whose length is known has it in Content-Length. */
void reply_stream(
    struct reply *reply, const char *type, const struct reply_stream *stream);

/* All parts of the stream are in `body`, which is taken: from now on the reply
 * is no stream. */
void reply_gather(struct reply *reply, struct buf *body);

/* Adapt the reply to the request before it is sent: common header fields, the
 * entity tag and 304 if the client has it (RFC 9110, 13.1.2), a content coding
 * that it likes, and no content for HEAD. */
void reply_settle(struct reply *reply, const struct request *request);

/* Free what it owns, end its stream, and zero it. */
void reply_reset(struct reply *reply);

#endif
