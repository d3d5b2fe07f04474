/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/connection.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "collector/http/connection_tls.h"
#include "collector/http/proxy_header.h"
#include "collector/http/request_deadline.h"
#include "lib/base/clock.h"

#define DESCRIPTORS_MAX (1 << 20)
#define READ_BYTES      65536 /* at once: a report, mostly */
#define REAP_S          1
#define SWEEP_S         1
#define ROOM            64 /* connections that are ended at a time */
/* Who came this lately is not ended to make room for others. */
#define FRESH_US INT64_C(2000000)

/* A connection's beginning, until its header is read or known not to come.
 * It holds a reference, because libevent does not tell when a bufferevent
 * goes: a connection that ends before it said anything is found when nobody
 * else wants to hear of it, and is then closed. */
struct beginning {
	struct connections *connections;
	struct bufferevent *socket;
	struct evbuffer_cb_entry *hook;
	struct evbuffer *held; /* a header's first bytes */
	int64_t since_us;
	bool is_busy;
	TAILQ_ENTRY(beginning) place;
};

/* Clients by the number of the connection's socket, absent where no header
 * was said: each is set anew before its connection's first request. */
struct connections {
	const struct prefix_list *proxies;
	struct addr *clients;
	size_t size;
	TAILQ_HEAD(beginnings, beginning) beginnings; /* the newest first */
	struct event *reap, *sweep;
	struct patience *patience;
	int64_t patience_us; /* 0: no end */
	_Atomic int64_t *ended;
};

/* --- the header --- */

static bool is_trusted(
    const struct connections *connections, evutil_socket_t fd)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	struct addr peer;

	if (getpeername(fd, (struct sockaddr *)&storage, &length) < 0)
		return false;
	addr_from_sockaddr(&peer, (struct sockaddr *)&storage);
	return prefixes_contain(connections->proxies, &peer);
}

ssize_t connections_begin(struct connections *connections, evutil_socket_t fd,
    const void *bytes, size_t length)
{
	struct proxy_header header = {0};
	ssize_t size = -EINVAL;

	if (fd < 0 || (size_t)fd >= connections->size)
		return 0;
	if (is_trusted(connections, fd))
		size = proxy_header_read(bytes, length, &header);
	if (size == 0)
		return -EAGAIN;
	if (size < 0)
		memset(&header, 0, sizeof(header));
	connections->clients[fd] = header.client;
	patience_begin(connections->patience, fd, clock_mono_us());
	return size > 0 ? size : 0;
}

static void end_beginning(struct beginning *beginning)
{
	TAILQ_REMOVE(&beginning->connections->beginnings, beginning, place);
	evbuffer_remove_cb_entry(
	    bufferevent_get_input(beginning->socket), beginning->hook);
	evbuffer_free(beginning->held);
	bufferevent_decref(beginning->socket);
	free(beginning);
}

/* Nobody above sees a byte before the header is off: what there is of it is
 * held back until more comes. */
static bool begin(struct beginning *beginning, struct evbuffer *input)
{
	size_t length;
	ssize_t size;

	evbuffer_prepend_buffer(input, beginning->held);
	length = evbuffer_get_length(input);
	if (length > PROXY_HEADER_MAX)
		length = PROXY_HEADER_MAX;
	size = connections_begin(beginning->connections,
	    bufferevent_getfd(beginning->socket),
	    evbuffer_pullup(input, (ev_ssize_t)length), length);
	if (size < 0)
		evbuffer_add_buffer(beginning->held, input);
	else
		evbuffer_drain(input, (size_t)size);
	return size >= 0;
}

static void on_input(
    struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct beginning *beginning = arg;
	bool is_over;

	if (info->n_added == 0 || beginning->is_busy)
		return;
	beginning->is_busy = true;
	is_over = begin(beginning, input);
	beginning->is_busy = false;
	if (is_over)
		end_beginning(beginning);
}

static void on_reap(evutil_socket_t fd, short what, void *arg)
{
	struct connections *connections = arg;
	struct timeval soon = {.tv_sec = REAP_S};
	struct beginning *beginning, *next;
	bufferevent_event_cb told;

	(void)fd;
	(void)what;
	beginning = TAILQ_FIRST(&connections->beginnings);
	for (; beginning != NULL; beginning = next) {
		next = TAILQ_NEXT(beginning, place);
		bufferevent_getcb(beginning->socket, NULL, NULL, &told, NULL);
		if (told == NULL)
			end_beginning(beginning);
	}
	if (!TAILQ_EMPTY(&connections->beginnings))
		event_add(connections->reap, &soon);
}

static int watch(struct connections *connections, struct bufferevent *socket)
{
	struct beginning *beginning = calloc(1, sizeof(*beginning));
	struct timeval soon = {.tv_sec = REAP_S};

	if (beginning == NULL)
		return -ENOMEM;
	beginning->connections = connections;
	beginning->socket = socket;
	beginning->since_us = clock_mono_us();
	beginning->held = evbuffer_new();
	if (beginning->held != NULL)
		beginning->hook = evbuffer_add_cb(
		    bufferevent_get_input(socket), on_input, beginning);
	if (beginning->hook == NULL) {
		if (beginning->held != NULL)
			evbuffer_free(beginning->held);
		free(beginning);
		return -ENOMEM;
	}
	bufferevent_incref(socket);
	if (TAILQ_EMPTY(&connections->beginnings))
		event_add(connections->reap, &soon);
	TAILQ_INSERT_HEAD(&connections->beginnings, beginning, place);
	return 0;
}

/* --- patience --- */

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct connections *connections = arg;

	(void)fd;
	(void)what;
	if (connections->patience_us != 0)
		*connections->ended += (int64_t)patience_shut(
		    connections->patience,
		    clock_mono_us() - connections->patience_us, SIZE_MAX);
}

void connections_set_patience(
    struct connections *connections, int64_t patience_s)
{
	connections->patience_us = patience_s * 1000000;
}

void connections_whole(struct connections *connections, struct bufferevent *bev)
{
	patience_end(connections->patience, bufferevent_getfd(bev));
}

void connections_answered(
    struct connections *connections, struct bufferevent *bev)
{
	patience_begin(
	    connections->patience, bufferevent_getfd(bev), clock_mono_us());
}

/* Those that never said anything, the oldest first. */
static size_t shut_silent(struct connections *connections, int64_t since_us)
{
	struct beginning *beginning;
	size_t count = 0;

	TAILQ_FOREACH_REVERSE(
	    beginning, &connections->beginnings, beginnings, place)
	{
		if (count == ROOM || beginning->since_us > since_us)
			break;
		shutdown(bufferevent_getfd(beginning->socket), SHUT_RDWR);
		beginning->since_us = INT64_MAX; /* once */
		count++;
	}
	return count;
}

size_t connections_make_room(struct connections *connections)
{
	int64_t since_us = clock_mono_us() - FRESH_US;
	size_t count = shut_silent(connections, since_us);

	if (count < ROOM)
		count += patience_shut(
		    connections->patience, since_us, ROOM - count);
	*connections->ended += (int64_t)count;
	return count;
}

/* --- connections --- */

struct connections *connections_new(struct event_base *base,
    const struct prefix_list *proxies, _Atomic int64_t *ended)
{
	struct connections *connections = calloc(1, sizeof(*connections));
	struct timeval often = {.tv_sec = SWEEP_S};
	struct rlimit limit;

	if (connections == NULL)
		return NULL;
	TAILQ_INIT(&connections->beginnings);
	connections->proxies = proxies;
	connections->ended = ended;
	connections->size = DESCRIPTORS_MAX;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_max < DESCRIPTORS_MAX)
		connections->size = limit.rlim_max;
	/* Only what is used becomes memory. */
	connections->clients = calloc(
	    connections->size, sizeof(*connections->clients));
	connections->reap = evtimer_new(base, on_reap, connections);
	connections->sweep = event_new(
	    base, -1, EV_PERSIST, on_sweep, connections);
	connections->patience = patience_new(connections->size);
	if (connections->clients != NULL && connections->reap != NULL &&
	    connections->patience != NULL && connections->sweep != NULL &&
	    event_add(connections->sweep, &often) == 0)
		return connections;
	connections_free(connections);
	return NULL;
}

void connections_free(struct connections *connections)
{
	if (connections == NULL)
		return;
	while (!TAILQ_EMPTY(&connections->beginnings))
		end_beginning(TAILQ_FIRST(&connections->beginnings));
	if (connections->reap != NULL)
		event_free(connections->reap);
	if (connections->sweep != NULL)
		event_free(connections->sweep);
	patience_free(connections->patience);
	free(connections->clients);
	free(connections);
}

struct bufferevent *connections_add(struct connections *connections,
    struct event_base *base, struct ssl_ctx_st *tls)
{
	struct bufferevent *socket;

	if (tls != NULL)
		return connection_tls_new(connections, base, tls);
	socket = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (socket != NULL)
		bufferevent_set_max_single_read(socket, READ_BYTES);
	if (socket == NULL || watch(connections, socket) == 0)
		return socket;
	bufferevent_free(socket);
	return NULL;
}

bool connections_client(const struct connections *connections,
    struct bufferevent *bev, struct addr *client)
{
	evutil_socket_t fd = bufferevent_getfd(bev);

	if (fd < 0 || (size_t)fd >= connections->size ||
	    connections->clients[fd].family == 0)
		return false;
	*client = connections->clients[fd];
	return true;
}
