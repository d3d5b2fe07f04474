/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "collector/base/fnv.h"
#include "collector/http/connection.h"
#include "lib/json/json.h"

/* --- reading --- */

const char *http_header(struct evhttp_request *request, const char *name)
{
	return evhttp_find_header(
	    evhttp_request_get_input_headers(request), name);
}

const char *http_path(struct evhttp_request *request)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;

	return path != NULL && path[0] != '\0' ? path : "/";
}

const char *http_query(struct evhttp_request *request)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);

	return uri != NULL ? evhttp_uri_get_query(uri) : NULL;
}

/* The address that stands last in `text[0..length)`, and where it begins. */
static size_t last_item(const char *text, size_t length, struct addr *item)
{
	char copy[ADDR_TEXT_SIZE];
	size_t end = length, begin;

	while (end > 0 && strchr(" \t", text[end - 1]) != NULL)
		end--;
	begin = end;
	while (begin > 0 && strchr(", \t", text[begin - 1]) == NULL)
		begin--;
	memset(item, 0, sizeof(*item));
	if (end - begin < sizeof(copy)) {
		memcpy(copy, text + begin, end - begin);
		copy[end - begin] = '\0';
		addr_parse(item, copy);
	}
	while (begin > 0 && strchr(", \t", text[begin - 1]) != NULL)
		begin--;
	return begin;
}

void http_join_header(
    struct evhttp_request *request, const char *name, struct buf *all)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
	struct evkeyval *header;
	bool is_first = true;

	for (header = headers->tqh_first; header != NULL;
	     header = header->next.tqe_next) {
		if (strcasecmp(header->key, name) != 0)
			continue;
		if (!is_first)
			buf_append_text(all, ", ");
		buf_append_text(all, header->value);
		is_first = false;
	}
}

/* In X-Forwarded-For, what a client made up comes first. */
void http_client(struct evhttp_request *request,
    const struct connections *connections, const struct prefix_list *trusted,
    struct addr *client)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(
	    request);
	const struct sockaddr *peer = evhttp_connection_get_addr(connection);
	struct buf forwarded = {0};
	size_t length;

	memset(client, 0, sizeof(*client));
	if (peer != NULL)
		addr_from_sockaddr(client, peer);
	connections_client(
	    connections, evhttp_connection_get_bufferevent(connection), client);
	if (!prefixes_contain(trusted, client))
		return;
	/* A comma first: an empty header names nobody, none at all is none. */
	if (http_header(request, "X-Forwarded-For") != NULL)
		buf_append_char(&forwarded, ',');
	http_join_header(request, "X-Forwarded-For", &forwarded);
	if (forwarded.failed)
		memset(client, 0, sizeof(*client));
	length = forwarded.length;
	while (length > 0 && prefixes_contain(trusted, client))
		length = last_item(forwarded.data, length, client);
	buf_free(&forwarded);
}

int http_raw_body(
    struct evhttp_request *request, struct buf *out, struct err *err)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	size_t length = evbuffer_get_length(input);
	char *room = buf_reserve(out, length);

	if (room == NULL)
		return err_system(err, -ENOMEM, "a request's body");
	evbuffer_copyout(input, room, length);
	buf_commit(out, length);
	return 0;
}

static int inflate_all(
    z_stream *stream, size_t most, struct buf *out, struct err *err)
{
	int status = Z_OK;
	char *room;

	while (status == Z_OK) {
		room = buf_reserve(out, 65536);
		if (room == NULL)
			return err_system(err, -ENOMEM, "a request's body");
		stream->next_out = (unsigned char *)room;
		stream->avail_out = 65536;
		status = inflate(stream, Z_NO_FLUSH);
		buf_commit(out, 65536 - stream->avail_out);
		if (out->length > most) {
			err_input(err, "over %zu bytes", most);
			return -E2BIG;
		}
	}
	if (status != Z_STREAM_END || stream->avail_in > 0)
		return err_input(err, "the body is not whole gzip");
	return 0;
}

int http_decode_body(struct evhttp_request *request, const struct buf *raw,
    size_t most, struct buf *out, struct err *err)
{
	const char *encoding = http_header(request, "Content-Encoding");
	z_stream stream = {0};
	int error;

	if (encoding != NULL && strcasecmp(encoding, "gzip") != 0 &&
	    strcasecmp(encoding, "x-gzip") != 0) { /* RFC 9110, 8.4.1.3 */
		err_input(
		    err, "the encoding \"%.40s\" is not understood", encoding);
		return -EOPNOTSUPP;
	}
	if (raw->length > most) {
		err_input(err, "over %zu bytes", most);
		return -E2BIG;
	}
	if (encoding == NULL) {
		buf_append(out, raw->data, raw->length);
		return out->failed
			   ? err_system(err, -ENOMEM, "a request's body")
			   : 0;
	}
	if (inflateInit2(&stream, 15 + 16) != Z_OK)
		return err_system(err, -ENOMEM, "a request's body");
	stream.next_in = (unsigned char *)raw->data;
	stream.avail_in = (uInt)raw->length;
	error = inflate_all(&stream, most, out, err);
	inflateEnd(&stream);
	return error;
}

/* --- replying --- */

void http_set_header(
    struct evhttp_request *request, const char *name, const char *value)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);

	evhttp_remove_header(headers, name);
	evhttp_add_header(headers, name, value);
}

static void set_common_headers(struct evhttp_request *request, const char *type)
{
	http_set_header(request, "Content-Type", type);
	http_set_header(request, "X-Content-Type-Options", "nosniff");
	http_set_header(request, "Referrer-Policy", "no-referrer");
	if (evhttp_find_header(evhttp_request_get_output_headers(request),
		"Cache-Control") == NULL)
		http_set_header(request, "Cache-Control", "no-cache");
}

static bool is_reading(struct evhttp_request *request)
{
	enum evhttp_cmd_type method = evhttp_request_get_command(request);

	return method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD;
}

/* Now; or where this is a copy, later, by the loop that can. */
static void send_reply(
    struct evhttp_request *request, int status, struct evbuffer *body)
{
	if (evhttp_request_get_connection(request) != NULL) {
		evhttp_send_reply(request, status, NULL, body);
		return;
	}
	request->response_code = status;
	if (body != NULL)
		evbuffer_add_buffer(
		    evhttp_request_get_output_buffer(request), body);
}

static void send_bytes(struct evhttp_request *request, int status,
    const void *bytes, size_t length)
{
	struct evbuffer *body = evbuffer_new();
	char text[24];

	if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
		snprintf(text, sizeof(text), "%zu", length);
		if (status != 304) /* it would be that of a 200 */
			http_set_header(request, "Content-Length", text);
	} else if (body != NULL && length > 0) {
		evbuffer_add(body, bytes, length);
	}
	send_reply(request, status, body);
	if (body != NULL)
		evbuffer_free(body);
}

/* Whether If-None-Match names this tag, weakly compared. */
static bool has_tag(struct evhttp_request *request, const char *etag)
{
	struct buf tags = {0};
	bool has = false;

	http_join_header(request, "If-None-Match", &tags);
	if (tags.length > 0)
		has = tags.data[strspn(tags.data, ", \t")] == '*' ||
		      strstr(tags.data, etag) != NULL;
	buf_free(&tags);
	return has;
}

static void make_tag(const struct buf *body, char etag[20])
{
	snprintf(etag, 20, "\"%016llx\"",
	    (unsigned long long)fnv1a(body->data, body->length));
}

void http_reply_json(
    struct evhttp_request *request, int status, const struct buf *body)
{
	char etag[20];

	if (body->failed) {
		http_reply_busy(request, 503, 5, "out of memory");
		return;
	}
	set_common_headers(request, "application/json");
	if (status == 200 && is_reading(request)) {
		make_tag(body, etag);
		http_set_header(request, "ETag", etag);
		if (has_tag(request, etag)) {
			send_bytes(request, 304, NULL, 0);
			return;
		}
	}
	send_bytes(request, status, body->data, body->length);
}

void http_reply_error(struct evhttp_request *request, int status,
    const char *field, const char *message)
{
	struct buf body = {0};
	struct json_writer json = {.out = &body};

	json_open_object(&json, NULL);
	json_open_object(&json, "error");
	json_text_or_null(&json, "field", field != NULL ? field : "");
	json_text(&json, "message", message);
	json_close_object(&json);
	json_close_object(&json);
	set_common_headers(request, "application/json");
	send_bytes(request, status, body.data, body.length);
	buf_free(&body);
}

void http_reply_busy(struct evhttp_request *request, int status,
    int retry_after_s, const char *message)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", retry_after_s);
	http_set_header(request, "Retry-After", text);
	http_reply_error(request, status, NULL, message);
}

void http_reply_wrong_method(struct evhttp_request *request, const char *allow)
{
	http_set_header(request, "Allow", allow);
	http_reply_error(request, 405, NULL, "this is not done here");
}

/* Whether an item of Accept-Encoding is gzip, and its weight, where it has
 * one, is over 0 (RFC 9110, 12.4.2). */
static bool is_wanted_gzip(const char *item, size_t length)
{
	size_t name = strcspn(item, "; \t,");

	if (name != 4 || strncasecmp(item, "gzip", 4) != 0)
		return false;
	return memchr(item, ';', length) == NULL ||
	       strcspn(item, "123456789") < length;
}

static bool takes_gzip(struct evhttp_request *request)
{
	struct buf encodings = {0};
	const char *item;
	bool takes = false;
	size_t length;

	http_join_header(request, "Accept-Encoding", &encodings);
	item = encodings.length > 0 ? encodings.data : "";
	while (*item != '\0' && !takes) {
		item += strspn(item, ", \t");
		length = strcspn(item, ",");
		takes = is_wanted_gzip(item, length);
		item += length;
	}
	buf_free(&encodings);
	return takes;
}

void http_reply_bytes(
    struct evhttp_request *request, const struct http_bytes *bytes)
{
	set_common_headers(request, bytes->type);
	if (bytes->etag != NULL)
		http_set_header(request, "ETag", bytes->etag);
	if (bytes->gzip != NULL)
		http_set_header(request, "Vary", "Accept-Encoding");
	if (bytes->etag != NULL && has_tag(request, bytes->etag)) {
		send_bytes(request, 304, NULL, 0);
	} else if (bytes->gzip != NULL && takes_gzip(request)) {
		http_set_header(request, "Content-Encoding", "gzip");
		send_bytes(request, 200, bytes->gzip, bytes->gzip_length);
	} else {
		send_bytes(request, 200, bytes->plain, bytes->plain_length);
	}
}

void http_abandon(struct evhttp_request *request)
{
	if (evhttp_request_get_connection(request) == NULL)
		evhttp_request_free(request);
}

/* --- requests without their connection --- */

static bool copy_headers(struct evkeyvalq *from, struct evkeyvalq *to)
{
	struct evkeyval *header;

	for (header = from->tqh_first; header != NULL;
	     header = header->next.tqe_next)
		if (evhttp_add_header(to, header->key, header->value) < 0)
			return false;
	return true;
}

struct evhttp_request *http_copy(
    struct evhttp_request *request, struct http_parked *parked)
{
	struct evhttp_request *copy = evhttp_request_new(NULL, parked);

	if (copy == NULL)
		return NULL;
	copy->type = evhttp_request_get_command(request);
	copy->uri_elems = evhttp_uri_parse_with_flags(
	    evhttp_request_get_uri(request), EVHTTP_URI_NONCONFORMANT);
	if (copy->uri_elems != NULL &&
	    copy_headers(evhttp_request_get_input_headers(request),
		evhttp_request_get_input_headers(copy)))
		return copy;
	evhttp_request_free(copy);
	return NULL;
}

void http_send_parked(
    struct evhttp_request *request, struct evhttp_request *copy)
{
	copy_headers(evhttp_request_get_output_headers(copy),
	    evhttp_request_get_output_headers(request));
	evhttp_send_reply(request, evhttp_request_get_response_code(copy), NULL,
	    evhttp_request_get_output_buffer(copy));
}

void http_start_parked(
    struct evhttp_request *request, struct evhttp_request *copy)
{
	copy_headers(evhttp_request_get_output_headers(copy),
	    evhttp_request_get_output_headers(request));
	evhttp_send_reply_start(request, 200, NULL);
}

void http_reply_stream(struct evhttp_request *request, const char *type,
    http_fill *fill, http_end *end, void *arg)
{
	struct http_parked *parked = request->cb_arg;

	set_common_headers(request, type);
	if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
		end(arg);
		send_reply(request, 200, NULL);
		return;
	}
	parked->fill = fill;
	parked->end = end;
	parked->arg = arg;
}
