/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/net/listen.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "beacon/net/client.h"
#include "beacon/net/syn.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define BACKLOG        4096 /* the kernel caps it at net.core.somaxconn */
#define ACCEPTS_A_TURN 64
#define LISTENERS_MAX  (BEACON_ADDRESSES_MAX * PORT_LIST_MAX)

struct listener {
	struct beacon *beacon;
	struct event *io;
	int fd;
	uint16_t port;
	bool tls_first;
};

struct listeners {
	struct listener items[LISTENERS_MAX];
	size_t count;
};

/* Out of descriptors: the kernel keeps the connections for a while. */
static void pause_listening(struct listener *listener)
{
	static struct log_limit limit;
	static const struct timeval second = {.tv_sec = 1};

	if (log_is_due(&limit, clock_mono_us()))
		log_warn("no descriptor for a connection");
	event_del(listener->io);
	event_add(listener->io, &second);
}

static void on_connection(int fd, short what, void *arg)
{
	struct listener *listener = arg;
	int client, count;

	if ((what & EV_TIMEOUT) != 0)
		event_add(listener->io, NULL);
	for (count = 0; count < ACCEPTS_A_TURN; count++) {
		client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (client >= 0)
			client_open(listener->beacon, client, listener->port,
			    listener->tls_first);
		else if (errno == EMFILE || errno == ENFILE ||
			 errno == ENOMEM || errno == ENOBUFS) {
			pause_listening(listener);
			return;
		} else if (errno == EAGAIN)
			return;
	}
}

static int open_socket(const struct addr *address, uint16_t port)
{
	struct sockaddr_storage where;
	socklen_t length = addr_to_sockaddr(address, port, &where);
	int one = 1, error;
	int fd = socket(
	    where.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (where.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (syn_save(fd) < 0)
		log_warn("this kernel keeps no SYN: receipts have no TTL");
	if (bind(fd, (const struct sockaddr *)&where, length) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static int add(struct listeners *listeners, struct beacon *beacon,
    const struct addr *address, size_t port)
{
	const struct port_list *ports = &beacon->options->ports;
	struct listener *listener = &listeners->items[listeners->count];

	listener->beacon = beacon;
	listener->port = ports->port[port];
	listener->tls_first = ports->mode[port] == MODE_TLS;
	listener->fd = open_socket(address, listener->port);
	if (listener->fd < 0)
		return listener->fd;
	listener->io = event_new(beacon->base, listener->fd,
	    EV_READ | EV_PERSIST, on_connection, listener);
	if (listener->io == NULL) {
		close(listener->fd);
		return -ENOMEM;
	}
	event_add(listener->io, NULL);
	listeners->count++;
	return 0;
}

/* This host does not have the family, or the address is not up yet. */
static bool is_no_family(int error)
{
	return error == -EAFNOSUPPORT || error == -EADDRNOTAVAIL;
}

static int open_all(
    struct listeners *listeners, struct beacon *beacon, struct err *err)
{
	struct addr addresses[BEACON_ADDRESSES_MAX];
	size_t count = beacon_options_addresses(beacon->options, addresses);
	char text[ADDR_TEXT_SIZE];
	int error = 0;
	size_t i, port;

	for (i = 0; i < count; i++)
		for (port = 0; port < beacon->options->ports.count; port++) {
			error = add(listeners, beacon, &addresses[i], port);
			addr_format(&addresses[i], text);
			if (is_no_family(error))
				log_warn("this host has no %s", text);
			else if (error < 0)
				return err_system(err, error,
				    "listen on %s port %u", text,
				    beacon->options->ports.port[port]);
			if (error < 0)
				break;
		}
	if (listeners->count == 0)
		return err_system(err, error, "listen on %s", text);
	return 0;
}

int listen_open(
    struct beacon *beacon, struct listeners **listeners, struct err *err)
{
	struct listeners *made = calloc(1, sizeof(*made));
	int error;

	if (made == NULL)
		return err_system(err, -ENOMEM, "listen");
	error = open_all(made, beacon, err);
	if (error == 0)
		*listeners = made;
	else
		listen_close(made);
	return error;
}

void listen_close(struct listeners *listeners)
{
	size_t i;

	if (listeners == NULL)
		return;
	for (i = 0; i < listeners->count; i++) {
		event_free(listeners->items[i].io);
		close(listeners->items[i].fd);
	}
	free(listeners);
}
