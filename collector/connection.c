/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/connection.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "collector/connection_tls.h"
#include "collector/proxy_header.h"

#define DESCRIPTORS_MAX (1 << 20)
#define READ_BYTES      65536 /* at once: a report, mostly */
#define REAP_S          1

/* A connection's beginning, until its header is read or known not to come.
 * It holds a reference, because libevent does not tell when a bufferevent
 * goes: a connection that ends before it said anything is found when nobody
 * else wants to hear of it, and is then closed. */
struct beginning {
	struct connections *connections;
	struct bufferevent *socket;
	struct evbuffer_cb_entry *hook;
	struct evbuffer *held; /* a header's first bytes */
	bool is_busy;
	struct beginning *next, **link;
};

/* Clients by the number of the connection's socket, absent where no header
 * was said: each is set anew before its connection's first request. */
struct connections {
	const struct prefix_list *proxies;
	struct addr *clients;
	size_t size;
	struct beginning *first;
	struct event *reap;
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
	return size > 0 ? size : 0;
}

static void end_beginning(struct beginning *beginning)
{
	*beginning->link = beginning->next;
	if (beginning->next != NULL)
		beginning->next->link = beginning->link;
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
	for (beginning = connections->first; beginning; beginning = next) {
		next = beginning->next;
		bufferevent_getcb(beginning->socket, NULL, NULL, &told, NULL);
		if (told == NULL)
			end_beginning(beginning);
	}
	if (connections->first != NULL)
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
	if (connections->first == NULL)
		event_add(connections->reap, &soon);
	else
		connections->first->link = &beginning->next;
	beginning->next = connections->first;
	beginning->link = &connections->first;
	connections->first = beginning;
	return 0;
}

/* --- connections --- */

struct connections *connections_new(
    struct event_base *base, const struct prefix_list *proxies)
{
	struct connections *connections = calloc(1, sizeof(*connections));
	struct rlimit limit;

	if (connections == NULL)
		return NULL;
	connections->proxies = proxies;
	connections->size = DESCRIPTORS_MAX;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_max < DESCRIPTORS_MAX)
		connections->size = limit.rlim_max;
	/* Only what is used becomes memory. */
	connections->clients = calloc(
	    connections->size, sizeof(*connections->clients));
	connections->reap = evtimer_new(base, on_reap, connections);
	if (connections->clients != NULL && connections->reap != NULL)
		return connections;
	connections_free(connections);
	return NULL;
}

void connections_free(struct connections *connections)
{
	if (connections == NULL)
		return;
	while (connections->first != NULL)
		end_beginning(connections->first);
	if (connections->reap != NULL)
		event_free(connections->reap);
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
