/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/base/fnv.h"
#include "lib/base/text.h"
#include "lib/json/json.h"

#define RETRY_AFTER_S "5"

/* --- header fields --- */

static char **find_value(struct reply *reply, const char *name)
{
	size_t i;

	for (i = 0; i < reply->nheaders; i++)
		if (strcmp(reply->headers[i].name, name) == 0)
			return &reply->headers[i].value;
	return NULL;
}

void reply_set_header(struct reply *reply, const char *name, const char *value)
{
	char **old = find_value(reply, name), *copy = strdup(value);

	if (copy == NULL ||
	    (old == NULL && reply->nheaders == REPLY_HEADERS_MAX)) {
		free(copy);
		reply->failed = true;
	} else if (old != NULL) {
		free(*old);
		*old = copy;
	} else {
		reply->headers[reply->nheaders].name = name;
		reply->headers[reply->nheaders++].value = copy;
	}
}

static void clear_headers(struct reply *reply)
{
	while (reply->nheaders > 0)
		free(reply->headers[--reply->nheaders].value);
}

/* --- content --- */

static void clear_content(struct reply *reply)
{
	struct reply_stream stream = reply->stream;

	buf_free(&reply->body);
	memset(&reply->bytes, 0, sizeof(reply->bytes));
	memset(&reply->stream, 0, sizeof(reply->stream));
	reply->coded = CODING_NONE;
	reply->is_tagged = false;
	reply->tag[0] = '\0';
	if (stream.end != NULL)
		stream.end(stream.arg);
}

static void start(struct reply *reply, int status, const char *type)
{
	clear_content(reply);
	reply->status = status;
	reply_set_header(reply, "Content-Type", type);
}

static void take_body(struct reply *reply, struct buf *body)
{
	if (body->failed)
		reply->failed = true;
	reply->body = *body;
	memset(body, 0, sizeof(*body));
}

void reply_json(struct reply *reply, int status, struct buf *body)
{
	start(reply, status, "application/json");
	take_body(reply, body);
	reply->is_tagged = status == 200;
}

void reply_set_tag(struct reply *reply, const char *tag)
{
	snprintf(reply->tag, sizeof(reply->tag), "W/\"%s\"", tag);
}

void reply_nothing(struct reply *reply)
{
	clear_content(reply);
	reply->status = 204;
}

void reply_moved(struct reply *reply, const char *location)
{
	struct buf body = {0};

	buf_printf(&body, "This is at %s\n", location);
	reply_set_header(reply, "Location", location);
	reply_text(reply, "text/plain; charset=utf-8", &body);
	if (reply->status == 200)
		reply->status = 308;
}

void reply_error(
    struct reply *reply, int status, const char *field, const char *message)
{
	char plain_field[128], plain[512];
	struct buf body = {0};
	struct json_writer json = {.out = &body};

	/* They quote what the client said. */
	snprintf(
	    plain_field, sizeof(plain_field), "%s", field != NULL ? field : "");
	snprintf(plain, sizeof(plain), "%s", message);
	text_make_plain(plain_field);
	text_make_plain(plain);
	json_open_object(&json, NULL);
	json_open_object(&json, "error");
	json_text_or_null(&json, "field", plain_field);
	json_text(&json, "message", plain);
	json_close_object(&json);
	json_close_object(&json);
	reply_json(reply, status, &body);
}

void reply_busy(
    struct reply *reply, int status, int retry_after_s, const char *message)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", retry_after_s);
	reply_set_header(reply, "Retry-After", text);
	reply_error(reply, status, NULL, message);
}

void reply_wrong_method(struct reply *reply, const char *allow)
{
	reply_set_header(reply, "Allow", allow);
	reply_error(reply, 405, NULL, "this is not done here");
}

void reply_text(struct reply *reply, const char *type, struct buf *body)
{
	start(reply, 200, type);
	take_body(reply, body);
}

void reply_bytes(struct reply *reply, const struct reply_bytes *bytes)
{
	start(reply, 200, bytes->type);
	reply->bytes = *bytes;
}

void reply_stream(
    struct reply *reply, const char *type, const struct reply_stream *stream)
{
	start(reply, 200, type);
	reply->stream = *stream;
}

void reply_gather(struct reply *reply, struct buf *body)
{
	clear_content(reply);
	take_body(reply, body);
}

/* --- what the request asks of it --- */

/* Needs no memory. */
static void fail(struct reply *reply)
{
	static const char message[] =
	    "{\"error\":{\"field\":null,\"message\":\"out of memory\"}}";

	clear_headers(reply);
	clear_content(reply);
	reply->failed = false;
	reply->status = 503;
	reply->bytes.plain = message;
	reply->bytes.plain_length = sizeof(message) - 1;
	reply_set_header(reply, "Retry-After", RETRY_AFTER_S);
	reply_set_header(reply, "Content-Type", "application/json");
}

static void add_common_headers(struct reply *reply)
{
	reply_set_header(reply, "X-Content-Type-Options", "nosniff");
	reply_set_header(reply, "Referrer-Policy", "no-referrer");
	if (find_value(reply, "Cache-Control") == NULL)
		reply_set_header(reply, "Cache-Control", "no-cache");
}

/* Long content of a route is sent in a coding that the client likes, but for
 * what is one client's own: its length would tell of secrets in it. */
static bool has_codings(struct reply *reply)
{
	char **caching = find_value(reply, "Cache-Control");

	return reply->bytes.plain == NULL && reply->status == 200 &&
	       (reply->coded != CODING_NONE ||
		   reply->body.length >= CODING_LEAST) &&
	       (caching == NULL || strstr(*caching, "no-store") == NULL);
}

static void code_body(struct reply *reply, const struct request *request)
{
	enum coding coding = has_codings(reply) ? coding_choose(request)
						: CODING_NONE;
	struct buf coded = {0};

	if (reply->coded != CODING_NONE) {
		reply_set_header(
		    reply, "Content-Encoding", coding_word(reply->coded));
		return;
	}
	if (coding == CODING_NONE)
		return;
	coding_apply(coding, reply->body.data, reply->body.length, &coded);
	if (coded.failed) { /* then as it is */
		buf_free(&coded);
		return;
	}
	buf_free(&reply->body);
	reply->body = coded;
	reply->coded = coding;
	reply_set_header(reply, "Content-Encoding", coding_word(coding));
}

/* Set the content to the form that the client accepts. */
static void choose_content(struct reply *reply, const struct request *request)
{
	const struct reply_bytes *bytes = &reply->bytes;

	if (bytes->plain == NULL) {
		code_body(reply, request);
		reply->content = reply->body.data;
		reply->content_length = reply->body.length;
	} else if (bytes->gzip != NULL &&
		   coding_choose_gzip(request) == CODING_GZIP) {
		reply_set_header(reply, "Content-Encoding", "gzip");
		reply->content = bytes->gzip;
		reply->content_length = bytes->gzip_length;
	} else {
		reply->content = bytes->plain;
		reply->content_length = bytes->plain_length;
	}
}

/* Set the entity tag. Does the client have this content? */
static bool is_known(struct reply *reply, const struct request *request)
{
	const char *etag = reply->bytes.etag;
	char made[24];

	if (reply->tag[0] != '\0') {
		etag = reply->tag;
	} else if (reply->is_tagged && request_is_read(request)) {
		snprintf(made, sizeof(made), "W/\"%016llx\"",
		    (unsigned long long)fnv1a(
			reply->body.data, reply->body.length));
		etag = made;
	}
	if (etag == NULL)
		return false;
	reply_set_header(reply, "ETag", etag);
	return request_has_tag(request, etag);
}

static void settle_content(struct reply *reply, const struct request *request)
{
	char length[24];

	if (reply->bytes.gzip != NULL || has_codings(reply))
		reply_set_header(reply, "Vary", "Accept-Encoding");
	if (is_known(reply, request)) {
		reply->status = 304;
		return;
	}
	choose_content(reply, request);
	if (request->method != METHOD_HEAD)
		return;
	snprintf(length, sizeof(length), "%zu", reply->content_length);
	reply_set_header(reply, "Content-Length", length);
	reply->content_length = 0;
}

static void settle_stream(struct reply *reply, const struct request *request)
{
	char length[24];

	if (reply->stream.length > 0) {
		snprintf(
		    length, sizeof(length), "%" PRId64, reply->stream.length);
		reply_set_header(reply, "Content-Length", length);
	}
	if (request->method == METHOD_HEAD)
		clear_content(reply);
}

void reply_settle(struct reply *reply, const struct request *request)
{
	add_common_headers(reply);
	if (!reply->failed && reply->stream.fill == NULL)
		settle_content(reply, request);
	else if (!reply->failed)
		settle_stream(reply, request);
	if (!reply->failed)
		return;
	fail(reply);
	add_common_headers(reply);
	settle_content(reply, request);
}

void reply_reset(struct reply *reply)
{
	clear_headers(reply);
	clear_content(reply);
	memset(reply, 0, sizeof(*reply));
}
