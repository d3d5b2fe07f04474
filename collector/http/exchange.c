/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/exchange.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/http/peer_memory.h"
#include "collector/http/peers.h"
#include "lib/base/clock.h"

/* How long a thread looks for a stream's next part, before others get their
 * turn. */
#define PART_US 100000

#define RETRY_AFTER_S 5

#define WHOLE_MAX (1 << 20) /* of a list to an HTTP/1.0 client */

/* --- from evhttp's request to ours --- */

static enum request_method method_of(struct evhttp_request *evhttp)
{
	switch (evhttp_request_get_command(evhttp)) {
	case EVHTTP_REQ_GET:
		return METHOD_GET;
	case EVHTTP_REQ_HEAD:
		return METHOD_HEAD;
	case EVHTTP_REQ_POST:
		return METHOD_POST;
	case EVHTTP_REQ_OPTIONS:
		return METHOD_OPTIONS;
	default:
		return METHOD_OTHER;
	}
}

static const char *path_of(const struct evhttp_uri *uri)
{
	const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;

	return path != NULL && path[0] != '\0' ? path : "/";
}

static const char *query_of(const struct evhttp_uri *uri)
{
	return uri != NULL ? evhttp_uri_get_query(uri) : NULL;
}

/* Copy a text with its NUL to `*at`, and move that behind it. */
static const char *copy_text(char **at, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = *at;

	memcpy(copy, text, size);
	*at += size;
	return copy;
}

/* One block for all texts, because evhttp's die with the connection. */
static bool copy_texts(struct exchange *exchange)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(
	    exchange->evhttp);
	const char *path = path_of(uri), *query = query_of(uri);
	struct evkeyvalq *fields = evhttp_request_get_input_headers(
	    exchange->evhttp);
	size_t size = strlen(path) + 1 + (query ? strlen(query) + 1 : 0);
	struct request *request = &exchange->request;
	struct request_header *header;
	struct evkeyval *field;
	size_t count = 0;
	char *at;

	for (field = fields->tqh_first; field; field = field->next.tqe_next) {
		size += strlen(field->key) + strlen(field->value) + 2;
		count++;
	}
	exchange->headers = header = calloc(count + 1, sizeof(*header));
	exchange->text = at = malloc(size);
	if (header == NULL || at == NULL)
		return false;
	for (field = fields->tqh_first; field; field = field->next.tqe_next) {
		header->name = copy_text(&at, field->key);
		header++->value = copy_text(&at, field->value);
	}
	request->path = copy_text(&at, path);
	request->query = query != NULL ? copy_text(&at, query) : NULL;
	request->headers = exchange->headers;
	request->nheaders = count;
	return true;
}

static bool take_body(struct exchange *exchange)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(
	    exchange->evhttp);
	struct request *request = &exchange->request;

	request->body_length = evbuffer_get_length(input);
	if (request->body_length == 0)
		return true;
	exchange->body = evbuffer_new();
	if (exchange->body == NULL ||
	    evbuffer_add_buffer(exchange->body, input) < 0)
		return false;
	request->body = (const char *)evbuffer_pullup(exchange->body, -1);
	return request->body != NULL;
}

static void find_client(
    struct exchange *exchange, const struct prefix_list *trusted)
{
	struct addr *client = &exchange->request.client;
	const struct sockaddr *peer = evhttp_connection_get_addr(
	    evhttp_request_get_connection(exchange->evhttp));

	if (exchange->peer->client.family != 0)
		*client = exchange->peer->client;
	else if (peer != NULL)
		addr_from_sockaddr(client, peer);
	request_find_client(&exchange->request, trusted, client);
}

/* --- begin and end --- */

static void free_exchange(struct exchange *exchange)
{
	reply_reset(&exchange->reply);
	buf_free(&exchange->part);
	if (exchange->body != NULL)
		evbuffer_free(exchange->body);
	free(exchange->headers);
	free(exchange->text);
	free(exchange);
}

static void on_complete(struct evhttp_request *evhttp, void *peer)
{
	peer_complete(peer, evhttp_request_get_response_code(evhttp));
}

struct exchange *exchange_begin(struct peer *peer,
    struct evhttp_request *evhttp, const struct prefix_list *trusted,
    struct mailbox *mailbox)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (exchange == NULL)
		return NULL;
	exchange->peer = peer;
	exchange->evhttp = evhttp;
	exchange->mailbox = mailbox;
	exchange->request.method = method_of(evhttp);
	exchange->request.is_old = evhttp->minor == 0;
	if (!copy_texts(exchange) || !take_body(exchange)) {
		free_exchange(exchange);
		return NULL;
	}
	find_client(exchange, trusted);
	evhttp_request_set_on_complete_cb(evhttp, on_complete, peer);
	exchange->is_away = true;
	peer->exchange = exchange;
	return exchange;
}

/* evhttp detaches the request from a connection that broke, for us to free; in
 * all other cases it frees the request itself. */
void exchange_abandon(struct exchange *exchange)
{
	if (evhttp_request_get_connection(exchange->evhttp) == NULL)
		evhttp_request_free(exchange->evhttp);
	exchange->evhttp = NULL;
	exchange->peer = NULL;
	if (!exchange->is_away)
		free_exchange(exchange);
}

/* From here on the request is evhttp's, which frees it when its reply is sent.
 */
static struct evhttp_request *release(struct exchange *exchange)
{
	exchange->peer->exchange = NULL;
	return exchange->evhttp;
}

/* --- sending --- */

static void settle(struct exchange *exchange)
{
	if (exchange->is_settled)
		return;
	reply_settle(&exchange->reply, &exchange->request);
	exchange->is_settled = true;
	exchange->has_more = exchange->reply.stream.fill != NULL;
}

void exchange_prepare(struct exchange *exchange, struct server *server)
{
	int64_t until_us = clock_mono_us() + PART_US;
	struct reply_stream *stream;

	settle(exchange);
	stream = &exchange->reply.stream;
	do {
		if (!exchange->has_more)
			break;
		exchange->has_more = stream->fill(
		    server, stream->arg, &exchange->part);
	} while (exchange->part.length == 0 && !exchange->part.failed &&
		 clock_mono_us() < until_us);
}

static void add_headers(const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	struct evkeyvalq *fields = evhttp_request_get_output_headers(
	    exchange->evhttp);
	size_t i;

	for (i = 0; i < reply->nheaders; i++)
		evhttp_add_header(
		    fields, reply->headers[i].name, reply->headers[i].value);
}

static void free_bytes(const void *bytes, size_t length, void *arg)
{
	(void)bytes;
	(void)length;
	free(arg);
}

/* A buffer that grew has room for up to as much again, and a client may take
 * long to read it. */
static void trim(struct reply *reply)
{
	char *data = realloc(reply->body.data, reply->content_length);

	if (data != NULL)
		reply->body.data = data;
	reply->content = reply->body.data;
}

/* Add the content without a copy: `body` passes to evhttp, `bytes` stay. */
static void add_content(struct reply *reply, struct evbuffer *out)
{
	bool is_body = reply->content == reply->body.data;

	if (is_body && reply->content_length > 0)
		trim(reply);
	if (reply->content_length > 0 &&
	    evbuffer_add_reference(out, reply->content, reply->content_length,
		is_body ? free_bytes : NULL, reply->body.data) == 0 &&
	    is_body)
		memset(&reply->body, 0, sizeof(reply->body));
}

/* Evhttp leaves it out for HTTP/1.0, whose client would take a reply that was
 * cut short for the whole. */
static void set_length(struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;
	char length[24];

	if (!exchange->request.is_old || reply->status == 304 ||
	    exchange->request.method == METHOD_HEAD)
		return;
	snprintf(length, sizeof(length), "%zu", reply->content_length);
	reply_set_header(reply, "Content-Length", length);
}

static void send_whole(struct exchange *exchange)
{
	struct evbuffer *content = evbuffer_new();
	int status = exchange->reply.status;

	set_length(exchange);
	add_headers(exchange);
	if (content != NULL)
		add_content(&exchange->reply, content);
	evhttp_send_reply(release(exchange), status, NULL, content);
	if (content != NULL)
		evbuffer_free(content);
	free_exchange(exchange);
}

static void end_stream(struct exchange *exchange)
{
	evhttp_send_reply_end(release(exchange));
	free_exchange(exchange);
}

static void go_on(struct exchange *exchange)
{
	if (!exchange->has_more) {
		end_stream(exchange);
		return;
	}
	exchange->is_away = true;
	exchange->refill(exchange);
}

static void on_part_sent(struct evhttp_connection *connection, void *arg)
{
	(void)connection;
	go_on(arg);
}

static void send_part(struct exchange *exchange)
{
	struct evbuffer *part = evbuffer_new();
	struct buf bytes = exchange->part;

	memset(&exchange->part, 0, sizeof(exchange->part));
	if (!exchange->is_started) {
		add_headers(exchange);
		evhttp_send_reply_start(
		    exchange->evhttp, exchange->reply.status, NULL);
		exchange->is_started = true;
	}
	if (part == NULL || bytes.failed ||
	    evbuffer_add(part, bytes.data, bytes.length) < 0)
		peer_cut(exchange->peer);
	else if (bytes.length == 0)
		go_on(exchange);
	else
		evhttp_send_reply_chunk_with_cb(
		    exchange->evhttp, part, on_part_sent, exchange);
	if (part != NULL)
		evbuffer_free(part);
	buf_free(&bytes);
}

/* A stream of HTTP/1.0 would end with the connection, for whatever reason that
 * ends: its parts are gathered, and sent as a whole or not at all. */
static void gather(struct exchange *exchange)
{
	struct buf *parts = &exchange->part;
	struct reply *reply = &exchange->reply;

	if (parts->failed) {
		reply_busy(reply, 503, RETRY_AFTER_S, "the list broke off");
	} else if (parts->length > WHOLE_MAX) {
		reply_set_header(reply, "Upgrade", "HTTP/1.1");
		reply_error(reply, 426, NULL,
		    "the list is too long for HTTP/1.0, which cannot say "
		    "where it ends: ask with HTTP/1.1");
	} else if (exchange->has_more) {
		exchange->is_away = true;
		exchange->refill(exchange);
		return;
	} else {
		reply_gather(reply, parts);
	}
	buf_free(parts);
	exchange->is_settled = false;
	settle(exchange);
	send_whole(exchange);
}

void exchange_send(struct exchange *exchange)
{
	exchange_step *finish = exchange->finish;

	exchange->is_away = false;
	exchange->finish = NULL;
	if (finish != NULL)
		finish(exchange);
	if (exchange->evhttp == NULL) {
		free_exchange(exchange);
		return;
	}
	settle(exchange);
	if (exchange->reply.stream.fill != NULL && exchange->request.is_old &&
	    exchange->reply.stream.length == 0)
		gather(exchange);
	else if (exchange->reply.stream.fill != NULL)
		send_part(exchange);
	else
		send_whole(exchange);
}

static void on_posted(struct message *message)
{
	exchange_send((struct exchange *)message);
}

void exchange_drop_body(struct exchange *exchange)
{
	if (exchange->body != NULL)
		evbuffer_free(exchange->body);
	exchange->body = NULL;
	exchange->request.body = NULL;
	exchange->request.body_length = 0;
	exchange->peer->input.handed = 0;
	peer_memory_count(exchange->peer);
}

void exchange_post(struct exchange *exchange)
{
	exchange->message.deliver = on_posted;
	mailbox_post(exchange->mailbox, &exchange->message);
}

void exchange_refuse(
    struct exchange *exchange, int retry_after_s, const char *message)
{
	if (exchange->is_started)
		exchange->part.failed = true;
	else
		reply_busy(&exchange->reply, 503, retry_after_s, message);
	exchange->is_settled = exchange->is_started;
}
