/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/http/peer_plain.h"
#include "collector/http/peer_tls.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define IDLE_TIMEOUT_S  30 /* without a byte in either direction */
#define RETRY_AFTER_S   5
#define ACCEPT_AGAIN_MS 500 /* where no room could be made */
#define ACCEPT_SOON_MS  20
#define OWN_DESCRIPTORS 256 /* files, database, sockets, threads */

struct listener {
	struct listener_settings settings;
	struct peer_rules rules;
	struct mailbox *mailbox;
	struct peers *peers;
	struct evhttp *http;
	struct evhttp_bound_socket *socket;
	struct timeval turn; /* of the loop, by its cached clock */
	int64_t turn_us;     /* the same by clock_mono_us() */
};

/* --- requests --- */

/* When the loop was told of the events that it works on now. */
static int64_t turn_us(struct listener *listener)
{
	struct timeval turn = {0};

	event_base_gettimeofday_cached(listener->settings.base, &turn);
	if (evutil_timercmp(&turn, &listener->turn, !=)) {
		listener->turn = turn;
		listener->turn_us = clock_mono_us();
	}
	return listener->turn_us;
}

/* Reply to what was refused before any route was looked at (peer_input.h). */
static bool is_refused(
    const struct listener *listener, struct exchange *exchange)
{
	struct peer_input *input = &exchange->peer->input;
	struct reply *reply = &exchange->reply;
	char text[64];

	if (input->status == 0)
		return false;
	input->is_heard = true;
	if (input->status == 413) {
		listener->settings.metrics
		    ->reports_refused[REFUSED_TOO_LARGE]++;
		snprintf(text, sizeof(text),
		    "the body is over %" PRId64 " bytes",
		    listener->settings.body_most);
		reply_error(reply, 413, NULL, text);
	} else if (input->status == 503) {
		reply_busy(reply, 503, RETRY_AFTER_S, input->why);
	} else {
		reply_error(reply, input->status, NULL, input->why);
	}
	reply_set_header(&exchange->reply, "Connection", "close");
	return true;
}

static void on_request(struct evhttp_request *evhttp, void *arg)
{
	struct listener *listener = arg;
	const struct listener_settings *settings = &listener->settings;
	struct exchange *exchange = NULL;
	struct peer *peer = peers_find(
	    listener->peers, evhttp_request_get_connection(evhttp));

	settings->refresh(settings->arg, &listener->rules);
	if (peer != NULL)
		exchange = exchange_begin(
		    peer, evhttp, &listener->rules.trusted, listener->mailbox);
	if (exchange == NULL) {
		evhttp_send_error(evhttp, HTTP_SERVUNAVAIL, NULL);
		return;
	}
	exchange->ready_us = turn_us(listener);
	if (is_refused(listener, exchange))
		exchange_send(exchange);
	else
		settings->dispatch(settings->arg, exchange);
}

/* --- accepting --- */

/* A thread has one listener; evconnlistener's error callback does not say which
 * it is. NULL: it has not accepted anything. */
static _Thread_local struct listener *of_this_thread;

static struct bufferevent *on_connection(struct event_base *base, void *arg)
{
	struct listener *listener = arg;
	const struct listener_settings *settings = &listener->settings;

	(void)base;
	of_this_thread = listener;
	settings->metrics->connections_accepted++;
	settings->refresh(settings->arg, &listener->rules);
	return peers_add(listener->peers,
	    listener->rules.tls != NULL ? &peer_tls_ops : &peer_plain_ops);
}

static void on_accept_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	evconnlistener_enable(arg);
}

/* Rate-limited: somebody may try again and again. */
static void log_accept_error(int error, size_t ended)
{
	static _Thread_local struct log_limit limit;

	if (!log_is_due(&limit, clock_mono_us()))
		return;
	log_warn("accepting a connection: %s; %zu idle ones are ended (and "
		 "%lld times before)",
	    strerror(error), ended, (long long)limit.unsaid);
	limit.unsaid = 0;
}

/* The descriptors ran out. Without a pause, accept() would fail again and again
 * and keep the loop from closing connections. */
static void on_accept_error(struct evconnlistener *accepting, void *http)
{
	struct timeval pause = {0};
	int error = errno;
	size_t ended = 0;

	(void)http;
	if (of_this_thread != NULL)
		ended = peers_make_room(of_this_thread->peers);
	log_accept_error(error, ended);
	pause.tv_usec = (ended > 0 ? ACCEPT_SOON_MS : ACCEPT_AGAIN_MS) * 1000;
	if (event_base_once(evconnlistener_get_base(accepting), -1, EV_TIMEOUT,
		on_accept_again, accepting, &pause) == 0)
		evconnlistener_disable(accepting);
}

/* --- open and close --- */

static void set_limits(struct listener *listener)
{
	struct evhttp *http = listener->http;

	/* It sees only requests that keep to our limits. */
	evhttp_set_max_body_size(
	    http, (ev_ssize_t)listener->settings.body_most);
	evhttp_set_max_headers_size(http, REQUEST_HEAD_MAX);
	evhttp_set_timeout(http, IDLE_TIMEOUT_S);
	evhttp_set_allowed_methods(
	    http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
		      EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
		      EVHTTP_REQ_PATCH);
}

static int open_http(struct listener *listener, int fd, struct err *err)
{
	listener->http = evhttp_new(listener->settings.base);
	if (listener->http == NULL)
		return err_system(err, -ENOMEM, "a listener");
	set_limits(listener);
	evhttp_set_gencb(listener->http, on_request, listener);
	evhttp_set_bevcb(listener->http, on_connection, listener);
	listener->socket = evhttp_accept_socket_with_handle(listener->http, fd);
	if (listener->socket == NULL)
		return err_system(err, -ENOMEM, "a listener");
	evconnlistener_set_error_cb(
	    evhttp_bound_socket_get_listener(listener->socket),
	    on_accept_error);
	return 0;
}

static int open_all(struct listener *listener, int fd, struct err *err)
{
	const struct listener_settings *settings = &listener->settings;
	const struct peers_settings of_peers = {
	    .base = settings->base,
	    .rules = &listener->rules,
	    .metrics = settings->metrics,
	    .addresses = settings->addresses,
	    .on_leave = exchange_abandon,
	};
	int error = mailbox_new(settings->base, &listener->mailbox, err);

	if (error < 0)
		return error;
	listener->rules.body_most = settings->body_most;
	settings->refresh(settings->arg, &listener->rules);
	listener->peers = peers_new(&of_peers);
	if (listener->peers == NULL)
		return err_system(err, -ENOMEM, "a listener");
	return open_http(listener, fd, err);
}

int listener_open(const struct listener_settings *settings, int fd,
    struct listener **out, struct err *err)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	int error = -ENOMEM;

	if (listener == NULL) {
		err_system(err, error, "a listener");
	} else {
		listener->settings = *settings;
		error = open_all(listener, fd, err);
	}
	if (error == 0) {
		*out = listener;
		return 0;
	}
	close(fd);
	listener_close(listener);
	return error;
}

void listener_post(struct listener *listener, struct message *message)
{
	mailbox_post(listener->mailbox, message);
}

/* evhttp keeps the socket until it is freed: on_accept_again() may use it. */
void listener_stop_accepting(struct listener *listener)
{
	evconnlistener_disable(
	    evhttp_bound_socket_get_listener(listener->socket));
	shutdown(evhttp_bound_socket_get_fd(listener->socket), SHUT_RDWR);
}

void listener_close(struct listener *listener)
{
	if (listener == NULL)
		return;
	if (of_this_thread == listener)
		of_this_thread = NULL;
	mailbox_free(listener->mailbox);
	if (listener->http != NULL)
		evhttp_free(listener->http);
	peers_free(listener->peers);
	free(listener);
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
