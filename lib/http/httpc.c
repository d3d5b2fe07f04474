/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/httpc.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/httpdate.h"
#include "lib/base/values.h"
#include "lib/http/tls_host.h"

struct httpc {
	struct event_base *base;
	struct evhttp_connection *connection;
	struct evhttp_request *request; /* NULL: no longer libevent's */
	struct event *deadline, *end;
	httpc_done *done;
	void *arg;
	char why[160];
	/* Passed to `done` at the end; `reply.body` points into `body`. */
	struct httpc_reply reply;
	struct buf body;
};

/* --- URLs --- */

static bool take_scheme(const char **at, bool *tls)
{
	if (strncmp(*at, "https://", 8) == 0) {
		*tls = true;
		*at += 8;
		return true;
	}
	*tls = false;
	if (strncmp(*at, "http://", 7) != 0)
		return false;
	*at += 7;
	return true;
}

int httpc_parse_url(const char *text, struct httpc_url *url, struct err *err)
{
	struct httpc_url parsed = {0};
	const char *at = text;
	char place[320];
	size_t length;

	if (!take_scheme(&at, &parsed.tls))
		return err_input(err,
		    "\"%.200s\" does not begin with http:// or https://", text);
	length = strcspn(at, "/");
	if (length == 0 || length >= sizeof(place) ||
	    strcspn(at, "@?#") < strlen(at))
		return err_input(
		    err, "\"%.200s\" is no URL of a collector", text);
	memcpy(place, at, length);
	place[length] = '\0';
	if (values_parse_host_port(place, parsed.host, &parsed.port, err) < 0)
		return -EINVAL;
	if (parsed.port == 0)
		parsed.port = parsed.tls ? 443 : 80;
	at += length;
	length = strlen(at);
	while (length > 0 && at[length - 1] == '/')
		length--;
	if (length >= sizeof(parsed.base))
		return err_input(err, "\"%.200s\" is too long", text);
	memcpy(parsed.base, at, length);
	*url = parsed;
	return 0;
}

/* --- the end: once, from the event loop --- */

static void end_later(struct httpc *httpc)
{
	event_del(httpc->deadline);
	event_active(httpc->end, EV_TIMEOUT, 0);
}

static void fail(struct httpc *httpc, const char *why)
{
	httpc->reply.status = 0;
	snprintf(httpc->why, sizeof(httpc->why), "%s", why);
	end_later(httpc);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct httpc *httpc = arg;
	httpc_done *done = httpc->done;
	void *done_arg = httpc->arg;
	struct httpc_reply reply = httpc->reply;
	struct buf body = httpc->body;
	char why[sizeof(httpc->why)];

	(void)fd;
	(void)what;
	memcpy(why, httpc->why, sizeof(why));
	memset(&httpc->body, 0, sizeof(httpc->body));
	httpc_cancel(httpc);
	reply.why = why;
	reply.body = body.data != NULL ? body.data : "";
	reply.body_length = body.length;
	done(done_arg, &reply);
	buf_free(&body);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct httpc *httpc = arg;

	(void)fd;
	(void)what;
	if (httpc->request != NULL) {
		struct evhttp_request *request = httpc->request;

		httpc->request = NULL;
		evhttp_cancel_request(request);
	}
	fail(httpc, "no answer in time");
}

static const char *error_words(enum evhttp_request_error error)
{
	switch (error) {
	case EVREQ_HTTP_TIMEOUT:
		return "no answer in time";
	case EVREQ_HTTP_EOF:
		return "the connection was closed before the answer";
	case EVREQ_HTTP_INVALID_HEADER:
		return "the answer is not HTTP";
	case EVREQ_HTTP_DATA_TOO_LONG:
		return "the answer is too long";
	default:
		return "the connection broke";
	}
}

/* What is wrong with the server's certificate, or NULL. */
static const char *certificate_words(const struct httpc *httpc)
{
	SSL *session = bufferevent_openssl_get_ssl(
	    evhttp_connection_get_bufferevent(httpc->connection));
	long verified;

	if (session == NULL)
		return NULL;
	verified = SSL_get_verify_result(session);
	return verified == X509_V_OK ? NULL
				     : X509_verify_cert_error_string(verified);
}

/* The request has ended without a reply. */
static void fail_without_reply(struct httpc *httpc)
{
	const char *certificate = certificate_words(httpc);

	if (certificate != NULL)
		snprintf(httpc->why, sizeof(httpc->why),
		    "its certificate does not verify: %s", certificate);
	else if (httpc->why[0] == '\0')
		snprintf(httpc->why, sizeof(httpc->why), "cannot connect");
	end_later(httpc);
}

/* Note the kind of error; libevent calls on_reply(NULL) next. */
static void on_error(enum evhttp_request_error error, void *arg)
{
	struct httpc *httpc = arg;

	if (error != EVREQ_HTTP_REQUEST_CANCEL)
		snprintf(
		    httpc->why, sizeof(httpc->why), "%s", error_words(error));
}

/* A date is relative to the server's clock, if there is a Date header. */
static int retry_after(struct evhttp_request *request)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
	const char *text = evhttp_find_header(headers, "Retry-After");
	const char *date = evhttp_find_header(headers, "Date");
	int64_t now_ms;

	if (text == NULL)
		return 0;
	if (date == NULL || !httpdate_parse(date, &now_ms))
		now_ms = clock_wall_ms();
	return httpdate_retry_after_s(text, now_ms);
}

/* Take the local address now: when the reply is complete, the connection is
 * closed. */
static int on_headers(struct evhttp_request *request, void *arg)
{
	struct httpc *httpc = arg;
	struct bufferevent *bev = evhttp_connection_get_bufferevent(
	    httpc->connection);
	struct sockaddr_storage storage;
	socklen_t size = sizeof(storage);

	(void)request;
	if (getsockname(bufferevent_getfd(bev), (struct sockaddr *)&storage,
		&size) == 0)
		addr_from_sockaddr(
		    &httpc->reply.local, (struct sockaddr *)&storage);
	return 0;
}

static void on_reply(struct evhttp_request *request, void *arg)
{
	struct httpc *httpc = arg;
	struct evbuffer *input;
	size_t length;
	char *room;

	if (httpc->request == NULL)
		return;
	httpc->request = NULL;
	if (request == NULL || evhttp_request_get_response_code(request) == 0) {
		fail_without_reply(httpc);
		return;
	}
	httpc->reply.status = evhttp_request_get_response_code(request);
	httpc->reply.retry_after_s = retry_after(request);
	input = evhttp_request_get_input_buffer(request);
	length = evbuffer_get_length(input);
	room = buf_reserve(&httpc->body, length);
	if (room == NULL) {
		fail(httpc, "no memory for the answer");
		return;
	}
	evbuffer_copyout(input, room, length);
	buf_commit(&httpc->body, length);
	end_later(httpc);
}

/* --- the start --- */

/* A TLS session that accepts only a certificate for `host`. */
static SSL *make_session(SSL_CTX *context, const char *host)
{
	SSL *session = SSL_new(context);

	if (session == NULL)
		return NULL;
	SSL_set_verify(session, SSL_VERIFY_PEER, NULL);
	if (tls_host_expect(session, host))
		return session;
	SSL_free(session);
	return NULL;
}

static struct bufferevent *make_bufferevent(
    struct httpc *httpc, const struct httpc_request *request)
{
	struct bufferevent *bev;
	SSL *session;

	if (!request->url->tls)
		return bufferevent_socket_new(
		    httpc->base, -1, BEV_OPT_CLOSE_ON_FREE);
	session = make_session(request->tls, request->url->host);
	if (session == NULL)
		return NULL;
	bev = bufferevent_openssl_socket_new(httpc->base, -1, session,
	    BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
	if (bev == NULL) {
		SSL_free(session);
		return NULL;
	}
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

static int connect_to(struct httpc *httpc, const struct httpc_request *request)
{
	struct bufferevent *bev = make_bufferevent(httpc, request);
	char address[ADDR_TEXT_SIZE];

	if (bev == NULL)
		return -ENOMEM;
	addr_format(&request->address, address);
	httpc->connection = evhttp_connection_base_bufferevent_new(
	    httpc->base, NULL, bev, address, request->url->port);
	if (httpc->connection == NULL) {
		bufferevent_free(bev);
		return -ENOMEM;
	}
	evhttp_connection_set_max_body_size(
	    httpc->connection, (ev_ssize_t)request->reply_bytes_max);
	evhttp_connection_set_max_headers_size(httpc->connection, 65536);
	evhttp_connection_set_timeout(
	    httpc->connection, request->timeout_s + 1);
	return 0;
}

static int add_headers(
    struct evhttp_request *message, const struct httpc_request *request)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(message);
	const struct httpc_header *header = request->headers;
	const struct httpc_url *url = request->url;
	bool is_v6 = strchr(url->host, ':') != NULL;
	char host[300];

	snprintf(host, sizeof(host), "%s%s%s:%u", is_v6 ? "[" : "", url->host,
	    is_v6 ? "]" : "", url->port);
	if (evhttp_add_header(headers, "Host", host) < 0 ||
	    evhttp_add_header(headers, "Connection", "close") < 0 ||
	    evhttp_add_header(
		headers, "User-Agent", "egress25/" EGRESS25_VERSION) < 0)
		return -ENOMEM;
	for (; header != NULL && header->name != NULL; header++)
		if (evhttp_add_header(headers, header->name, header->value) < 0)
			return -ENOMEM;
	return 0;
}

/* Whatever it returns, httpc_cancel() cleans up. */
static int send_request(
    struct httpc *httpc, const struct httpc_request *request)
{
	struct evhttp_request *message = evhttp_request_new(on_reply, httpc);
	char path[512];

	if (message == NULL)
		return -ENOMEM;
	evhttp_request_set_error_cb(message, on_error);
	evhttp_request_set_header_cb(message, on_headers);
	snprintf(path, sizeof(path), "%s%s", request->url->base, request->path);
	if (add_headers(message, request) < 0 ||
	    evbuffer_add(evhttp_request_get_output_buffer(message),
		request->body, request->body_length) < 0) {
		evhttp_request_free(message);
		return -ENOMEM;
	}
	httpc->request = message;
	if (evhttp_make_request(httpc->connection, message,
		strcmp(request->method, "POST") == 0 ? EVHTTP_REQ_POST
						     : EVHTTP_REQ_GET,
		path) < 0) {
		httpc->request = NULL; /* libevent has freed it */
		fail(httpc, "cannot connect");
	}
	return 0;
}

struct httpc *httpc_start(struct event_base *base,
    const struct httpc_request *request, httpc_done *done, void *arg)
{
	struct httpc *httpc = calloc(1, sizeof(*httpc));
	struct timeval limit = {.tv_sec = request->timeout_s};

	if (httpc == NULL)
		return NULL;
	httpc->base = base;
	httpc->done = done;
	httpc->arg = arg;
	httpc->deadline = evtimer_new(base, on_deadline, httpc);
	httpc->end = evtimer_new(base, on_end, httpc);
	if (httpc->deadline == NULL || httpc->end == NULL ||
	    event_add(httpc->deadline, &limit) < 0 ||
	    connect_to(httpc, request) < 0 ||
	    send_request(httpc, request) < 0) {
		httpc_cancel(httpc);
		return NULL;
	}
	return httpc;
}

void httpc_cancel(struct httpc *httpc)
{
	if (httpc == NULL)
		return;
	httpc->request = NULL;
	if (httpc->connection != NULL)
		evhttp_connection_free(httpc->connection);
	if (httpc->deadline != NULL)
		event_free(httpc->deadline);
	if (httpc->end != NULL)
		event_free(httpc->end);
	buf_free(&httpc->body);
	free(httpc);
}
