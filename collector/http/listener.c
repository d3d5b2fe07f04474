/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/listener.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/http/connection.h"
#include "collector/http/http.h"
#include "collector/pages/pages.h"
#include "collector/threads/read_pool.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define REQUEST_TIMEOUT_S 30
#define HEADER_BYTES_MAX  16384
#define ACCEPT_AGAIN_MS   500
#define WAITED_MOST_US    100000
#define RETRY_AFTER_S     5
#define OWN_DESCRIPTORS   256 /* files, database, listeners, threads */

/* --- dispatch --- */

static const struct route *find_route(
    const struct route *routes, const char *path)
{
	for (; routes->path != NULL; routes++) {
		size_t length = strlen(routes->path);

		if (strncmp(path, routes->path, length) != 0)
			continue;
		if (path[length] == '\0' ||
		    (routes->has_rest && path[length] == '/' &&
			path[length + 1] != '\0'))
			return routes;
	}
	return NULL;
}

static bool reply_page(struct evhttp_request *request, const char *path)
{
	const struct page *page = pages_find(path);
	struct http_bytes bytes;

	if (page == NULL)
		return false;
	bytes.type = page->type;
	bytes.etag = page->etag;
	bytes.plain = page->bytes;
	bytes.plain_length = page->length;
	bytes.gzip = page->gzip;
	bytes.gzip_length = page->gzip_length;
	http_set_header(request, "Content-Security-Policy", PAGES_POLICY);
	http_reply_bytes(request, &bytes);
	return true;
}

static struct bufferevent *bufferevent_of(struct evhttp_request *request)
{
	return evhttp_connection_get_bufferevent(
	    evhttp_request_get_connection(request));
}

static void count_reply(struct evhttp_request *request, void *arg)
{
	struct server *server = arg;
	int class = evhttp_request_get_response_code(request) / 100;

	connections_answered(server->connections, bufferevent_of(request));
	server->metrics->http_replies[class >= 1 && class <= 5 ? class : 0]++;
}

static bool is_too_large(
    const struct server *server, struct evhttp_request *request)
{
	return (int64_t)evbuffer_get_length(evhttp_request_get_input_buffer(
		   request)) > server->settings->options.limit_body_bytes;
}

static void reply_too_large(
    struct server *server, struct evhttp_request *request)
{
	char text[64];

	server->metrics->reports_refused[REFUSED_TOO_LARGE]++;
	snprintf(text, sizeof(text), "the body is over %" PRId64 " bytes",
	    server->settings->options.limit_body_bytes);
	http_reply_error(request, 413, NULL, text);
}

/* How long what is handed over now has waited at least: since the loop was
 * told what is ready. */
static int64_t waited_us(struct listener *listener)
{
	struct timeval turn = {0};

	event_base_gettimeofday_cached(listener->base, &turn);
	if (evutil_timercmp(&turn, &listener->turn, !=)) {
		listener->turn = turn;
		listener->turn_us = clock_mono_us();
	}
	return clock_mono_us() - listener->turn_us;
}

/* Whether there is more than can be done: to say so costs a twentieth of doing
 * it, and who comes later is served at once. */
static bool is_overloaded(struct listener *listener)
{
	struct server *server = listener->server;
	struct metrics *metrics = server->metrics;

	if (waited_us(listener) > WAITED_MOST_US)
		metrics->reports_refused[REFUSED_OVERLOAD]++;
	else if (writer_is_full(server->writer))
		metrics->reports_refused[REFUSED_QUEUE_FULL]++;
	else
		return false;
	metrics->overloaded_us = clock_mono_us();
	return true;
}

/* What no route takes. */
static void reply_other(
    const struct listener *listener, struct evhttp_request *request, bool reads)
{
	const char *path = http_path(request);
	bool has_pages = listener->is_public &&
			 listener->server->settings->options.web;

	if (has_pages && !reads && pages_find(path) != NULL)
		http_reply_wrong_method(request, "GET, HEAD");
	else if (!has_pages || !reply_page(request, path))
		http_reply_error(request, 404, NULL, "there is nothing here");
}

static void dispatch(struct evhttp_request *request, void *arg)
{
	struct listener *listener = arg;
	struct server *server = listener->server;
	enum evhttp_cmd_type method = evhttp_request_get_command(request);
	bool reads = method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD;
	const struct route *route = find_route(
	    listener->routes, http_path(request));

	server_take_settings(server);
	connections_whole(server->connections, bufferevent_of(request));
	evhttp_request_set_on_complete_cb(request, count_reply, server);
	if (is_too_large(server, request))
		reply_too_large(server, request);
	else if (route == NULL)
		reply_other(listener, request, reads);
	else if (!(route->is_post ? method == EVHTTP_REQ_POST : reads))
		http_reply_wrong_method(
		    request, route->is_post ? "POST" : "GET, HEAD");
	else if (route->is_post && is_overloaded(listener))
		http_reply_busy(request, 503, RETRY_AFTER_S,
		    "more comes in than can be taken");
	else if (route->is_post || route->is_quick)
		route->handle(server, request);
	else
		reading_begin(server, request, route->handle);
}

/* --- accepting --- */

/* A thread has one listener; libevent does not say which one failed. NULL: it
 * has had no connection. */
static _Thread_local struct listener *of_this_thread;

static struct bufferevent *new_connection(struct event_base *base, void *arg)
{
	struct listener *listener = arg;
	struct server *server = listener->server;

	of_this_thread = listener;
	server->metrics->connections_accepted++;
	server_take_settings(server);
	return connections_add(server->connections, base,
	    listener->is_public ? server->settings->tls : NULL);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	evconnlistener_enable(arg);
}

/* Descriptors ran out: an accept() that fails at once, again and again, would
 * keep the loop from ending the connections that hold them. */
static void on_accept_failed(struct evconnlistener *accepting, void *http)
{
	struct timeval later = {.tv_usec = ACCEPT_AGAIN_MS * 1000};
	int error = errno;
	size_t ended = 0;

	(void)http;
	if (of_this_thread != NULL)
		ended = connections_make_room(
		    of_this_thread->server->connections);
	log_warn("accepting a connection: %s; %zu idle ones are ended",
	    strerror(error), ended);
	if (event_base_once(evconnlistener_get_base(accepting), -1, EV_TIMEOUT,
		on_again, accepting, &later) == 0)
		evconnlistener_disable(accepting);
}

static void set_limits(struct listener *listener)
{
	/* Twice the limit is read, so that who is a little over it gets our
	 * sentence; evhttp refuses more. */
	evhttp_set_max_body_size(listener->http,
	    (ev_ssize_t)(2 *
			 listener->server->settings->options.limit_body_bytes));
	evhttp_set_max_headers_size(listener->http, HEADER_BYTES_MAX);
	evhttp_set_timeout(listener->http, REQUEST_TIMEOUT_S);
	evhttp_set_flags(listener->http, EVHTTP_SERVER_LINGERING_CLOSE);
	evhttp_set_allowed_methods(
	    listener->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
				EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
				EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
}

int listener_open(struct listener *listener, int fd, struct err *err)
{
	server_take_settings(listener->server);
	listener->http = evhttp_new(listener->base);
	if (listener->http != NULL) {
		set_limits(listener);
		evhttp_set_gencb(listener->http, dispatch, listener);
		evhttp_set_bevcb(listener->http, new_connection, listener);
		listener->socket = evhttp_accept_socket_with_handle(
		    listener->http, fd);
	}
	if (listener->socket == NULL) {
		close(fd);
		return err_system(err, -ENOMEM, "a listener");
	}
	evconnlistener_set_error_cb(
	    evhttp_bound_socket_get_listener(listener->socket),
	    on_accept_failed);
	return 0;
}

/* The listener itself stays until all ends: on_again() may have it. */
void listener_end_accepting(struct listener *listener)
{
	if (listener->socket == NULL)
		return;
	evconnlistener_disable(
	    evhttp_bound_socket_get_listener(listener->socket));
	shutdown(evhttp_bound_socket_get_fd(listener->socket), SHUT_RDWR);
}

void listener_close(struct listener *listener)
{
	if (listener->http != NULL)
		evhttp_free(listener->http);
	listener->http = NULL;
	listener->socket = NULL;
}

void listener_allow_connections(int64_t connections)
{
	rlim_t wanted = (rlim_t)connections + OWN_DESCRIPTORS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted) {
		log_warn("the system allows %llu connections at a time, not "
			 "%" PRId64,
		    (unsigned long long)limit.rlim_max - OWN_DESCRIPTORS,
		    connections);
		wanted = limit.rlim_max;
	}
	limit.rlim_cur = wanted;
	setrlimit(RLIMIT_NOFILE, &limit);
}
