/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/listener.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "collector/connection.h"
#include "collector/http.h"
#include "collector/pages.h"
#include "lib/log.h"
#include "lib/values.h"

#define REQUEST_TIMEOUT_S 30
#define HEADER_BYTES_MAX  16384
#define ACCEPT_AGAIN_MS   500
#define OWN_DESCRIPTORS   64 /* files, database, listeners */

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

static void count_reply(struct evhttp_request *request, void *arg)
{
	struct server *server = arg;
	int class = evhttp_request_get_response_code(request) / 100;

	server->metrics.http_replies[class >= 1 && class <= 5 ? class : 0]++;
}

static bool is_too_large(
    const struct server *server, struct evhttp_request *request)
{
	return (int64_t)evbuffer_get_length(evhttp_request_get_input_buffer(
		   request)) > server->options.limit_body_bytes;
}

static void reply_too_large(
    struct server *server, struct evhttp_request *request)
{
	char text[64];

	server->metrics.reports_refused[REFUSED_TOO_LARGE]++;
	snprintf(text, sizeof(text), "the body is over %" PRId64 " bytes",
	    server->options.limit_body_bytes);
	http_reply_error(request, 413, NULL, text);
}

static void dispatch(struct evhttp_request *request, void *arg)
{
	struct listener *listener = arg;
	enum evhttp_cmd_type method = evhttp_request_get_command(request);
	bool reads = method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD;
	const char *path = http_path(request);
	const struct route *route = find_route(listener->routes, path);

	evhttp_request_set_on_complete_cb(
	    request, count_reply, listener->server);
	if (is_too_large(listener->server, request))
		reply_too_large(listener->server, request);
	else if (route != NULL &&
		 (route->is_post ? method == EVHTTP_REQ_POST : reads))
		route->handle(listener->server, request);
	else if (route != NULL)
		http_reply_wrong_method(
		    request, route->is_post ? "POST" : "GET, HEAD");
	else if (listener->has_pages && !reads && pages_find(path) != NULL)
		http_reply_wrong_method(request, "GET, HEAD");
	else if (!listener->has_pages || !reply_page(request, path))
		http_reply_error(request, 404, NULL, "there is nothing here");
}

/* --- accepting --- */

static struct bufferevent *new_connection(struct event_base *base, void *arg)
{
	struct listener *listener = arg;

	return connections_add(
	    listener->server->connections, base, listener->tls);
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

	(void)http;
	log_warn("accepting a connection: %s; new ones wait", strerror(errno));
	if (event_base_once(evconnlistener_get_base(accepting), -1, EV_TIMEOUT,
		on_again, accepting, &later) == 0)
		evconnlistener_disable(accepting);
}

static void set_limits(struct listener *listener)
{
	/* Twice the limit is read, so that who is a little over it gets our
	 * sentence; evhttp refuses more. */
	evhttp_set_max_body_size(listener->http,
	    (ev_ssize_t)(2 * listener->server->options.limit_body_bytes));
	evhttp_set_max_headers_size(listener->http, HEADER_BYTES_MAX);
	evhttp_set_timeout(listener->http, REQUEST_TIMEOUT_S);
	evhttp_set_flags(listener->http, EVHTTP_SERVER_LINGERING_CLOSE);
	evhttp_set_allowed_methods(
	    listener->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
				EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
				EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
}

int listener_open(struct listener *listener, const char *where, struct err *err)
{
	char host[256];
	uint16_t port;

	if (values_parse_host_port(where, host, &port, err) < 0)
		return -EINVAL;
	listener->http = evhttp_new(listener->base);
	if (listener->http == NULL)
		return err_system(err, -ENOMEM, "a listener");
	set_limits(listener);
	evhttp_set_gencb(listener->http, dispatch, listener);
	evhttp_set_bevcb(listener->http, new_connection, listener);
	errno = 0;
	listener->socket = evhttp_bind_socket_with_handle(
	    listener->http, host, port);
	if (listener->socket == NULL)
		return err_system(
		    err, errno ? -errno : -EADDRINUSE, "listen on %s", where);
	evconnlistener_set_error_cb(
	    evhttp_bound_socket_get_listener(listener->socket),
	    on_accept_failed);
	return 0;
}

char *listener_format(const struct listener *listener, char text[80])
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	char address[ADDR_TEXT_SIZE];
	struct addr addr = {0};
	uint16_t port = 0;

	if (getsockname(evhttp_bound_socket_get_fd(listener->socket),
		(struct sockaddr *)&storage, &length) == 0) {
		addr_from_sockaddr(&addr, (struct sockaddr *)&storage);
		port = storage.ss_family == AF_INET6
			   ? ntohs(((struct sockaddr_in6 *)&storage)->sin6_port)
			   : ntohs(((struct sockaddr_in *)&storage)->sin_port);
	}
	addr_format(&addr, address);
	snprintf(text, 80, addr.family == 6 ? "%s://[%s]:%u" : "%s://%s:%u",
	    listener->tls != NULL ? "https" : "http", address, port);
	return text;
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
