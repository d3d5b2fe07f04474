/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/dns_channel.h"

#include <ares.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/base/log.h"

#define RESOLV_CONF       "/etc/resolv.conf"
#define RESOLV_CONF_BYTES 16384

/* --- sockets that know the zone of a link-local server --- */

static ares_socket_t open_socket(int family, int type, int protocol, void *arg)
{
	(void)arg;
	return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

static int close_socket(ares_socket_t fd, void *arg)
{
	(void)arg;
	return close(fd);
}

static unsigned scope_of(
    const struct dns_channel *channel, const struct sockaddr *to)
{
	struct addr address;
	size_t i;

	addr_from_sockaddr(&address, to);
	for (i = 0; i < channel->nlink_local; i++)
		if (addr_equal(&channel->link_local[i].address, &address))
			return channel->link_local[i].scope;
	return 0;
}

static int connect_socket(ares_socket_t fd, const struct sockaddr *to,
    ares_socklen_t length, void *arg)
{
	struct sockaddr_in6 scoped;

	if (to->sa_family != AF_INET6 || length < sizeof(scoped))
		return connect(fd, to, length);
	memcpy(&scoped, to, sizeof(scoped));
	scoped.sin6_scope_id = scope_of(arg, to);
	return connect(fd, (const struct sockaddr *)&scoped, sizeof(scoped));
}

static ares_ssize_t receive(ares_socket_t fd, void *bytes, size_t size,
    int flags, struct sockaddr *from, ares_socklen_t *length, void *arg)
{
	(void)arg;
	return recvfrom(fd, bytes, size, flags, from, length);
}

static ares_ssize_t send_parts(
    ares_socket_t fd, const struct iovec *parts, int count, void *arg)
{
	struct msghdr message = {
	    .msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)count};

	(void)arg;
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static const struct ares_socket_functions socket_functions = {
    open_socket, close_socket, connect_socket, receive, send_parts};

/* --- the list --- */

static int use_zone(struct dns_channel *channel,
    const struct dns_server *server, struct err *err)
{
	unsigned scope = if_nametoindex(server->zone);
	size_t at = channel->nlink_local;

	if (scope == 0)
		return err_input(err, "dns: this host has no interface \"%s\"",
		    server->zone);
	channel->link_local[at].address = server->address;
	channel->link_local[at].scope = scope;
	channel->nlink_local++;
	return 0;
}

static void fill_node(
    struct ares_addr_port_node *node, const struct dns_server *server)
{
	memset(node, 0, sizeof(*node));
	node->family = server->address.family == 4 ? AF_INET : AF_INET6;
	memcpy(&node->addr, server->address.bytes,
	    server->address.family == 4 ? 4 : 16);
	node->udp_port = node->tcp_port = server->port;
}

static int use_list(struct dns_channel *channel,
    const struct dns_servers *servers, struct err *err)
{
	struct ares_addr_port_node nodes[DNS_SERVERS_MAX];
	size_t i;
	int rc;

	for (i = 0; i < servers->count; i++) {
		fill_node(&nodes[i], &servers->server[i]);
		if (i > 0)
			nodes[i - 1].next = &nodes[i];
		if (servers->server[i].zone[0] == '\0')
			continue;
		rc = use_zone(channel, &servers->server[i], err);
		if (rc != 0)
			return rc;
	}
	if (channel->nlink_local > 0)
		ares_set_socket_functions(
		    channel->ares, &socket_functions, channel);
	if (ares_set_servers_ports(channel->ares, nodes) != ARES_SUCCESS)
		return err_system(err, -ENOMEM, "dns");
	return 0;
}

/* The first bytes of resolv.conf; "" where it cannot be read. */
static void read_resolv_conf(char text[RESOLV_CONF_BYTES])
{
	int fd = open(RESOLV_CONF, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, text, RESOLV_CONF_BYTES - 1);

	text[got > 0 ? got : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

/* c-ares has read the system's own list, and dropped what has a zone. */
static int use_system_list(struct dns_channel *channel)
{
	char text[RESOLV_CONF_BYTES];
	struct dns_servers servers;
	struct err err;
	int rc;

	read_resolv_conf(text);
	dns_servers_from_resolv_conf(&servers, text);
	if (!dns_servers_have_zone(&servers))
		return 0;
	rc = use_list(channel, &servers, &err);
	if (rc == -EINVAL)
		log_warn(RESOLV_CONF ": %s", err.text);
	return rc == -ENOMEM ? rc : 0;
}

int dns_channel_use(
    struct dns_channel *channel, const char *list, struct err *err)
{
	struct dns_servers servers;

	if (list == NULL || list[0] == '\0')
		return use_system_list(channel);
	if (!dns_servers_parse(&servers, list))
		return err_input(err,
		    "dns: \"%s\" is no list of name server addresses", list);
	return use_list(channel, &servers, err);
}
