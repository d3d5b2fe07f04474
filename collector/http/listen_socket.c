/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/listen_socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/addr.h"
#include "lib/base/values.h"

#define BACKLOG     4096      /* the kernel caps it at net.core.somaxconn */
#define UNSENT_MOST (1 << 17) /* bytes that wait in the kernel */

struct bind_address {
	struct sockaddr_storage storage;
	socklen_t length;
};

static int resolve_address(
    const char *where, struct bind_address *address, struct err *err)
{
	struct addrinfo hints = {
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	    .ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	char host[256], port_text[8];
	uint16_t port;
	int status;

	if (values_parse_host_port(where, host, &port, err) < 0)
		return -EINVAL;
	snprintf(port_text, sizeof(port_text), "%u", port);
	status = getaddrinfo(host, port_text, &hints, &found);
	if (status != 0)
		return err_input(
		    err, "listen on %s: %s", where, gai_strerror(status));
	address->length = found->ai_addrlen;
	memcpy(&address->storage, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

static int listen_at(const struct bind_address *address, bool is_shared)
{
	int fd = socket(address->storage.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1, unsent = UNSENT_MOST, error;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	/* Connections inherit it. Without it, a reply in two writes waits for
	 * the client's delayed acknowledgement, 40 ms. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	/* What a client does not read stays with us, where it is counted. */
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
	if (is_shared)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&address->storage,
		address->length) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* Bind without SO_REUSEPORT first: with it, bind() succeeds beside any other
 * process of this user that set it, such as another collector. */
static int listen_alone(struct bind_address *address)
{
	int fd = listen_at(address, false);

	if (fd >= 0)
		getsockname(
		    fd, (struct sockaddr *)&address->storage, &address->length);
	return fd;
}

int listen_socket_open(
    const char *where, int *fds, size_t count, struct err *err)
{
	struct bind_address address = {.length = sizeof(address.storage)};
	size_t i;
	int error = resolve_address(where, &address, err);

	if (error < 0)
		return error;
	fds[0] = listen_alone(&address);
	if (fds[0] >= 0 && count == 1)
		return 0;
	if (fds[0] < 0)
		return err_system(err, fds[0], "listen on %s", where);
	close(fds[0]);
	for (i = 0; i < count; i++) {
		fds[i] = listen_at(&address, true);
		if (fds[i] < 0)
			break;
	}
	if (i == count)
		return 0;
	error = err_system(err, fds[i], "listen on %s", where);
	while (i > 0)
		close(fds[--i]);
	return error;
}

char *listen_socket_format(int fd, const char *scheme, char text[80])
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	char address[ADDR_TEXT_SIZE];
	struct addr addr = {0};
	uint16_t port = 0;

	if (getsockname(fd, (struct sockaddr *)&storage, &length) == 0) {
		addr_from_sockaddr(&addr, (struct sockaddr *)&storage);
		port = storage.ss_family == AF_INET6
			   ? ntohs(((struct sockaddr_in6 *)&storage)->sin6_port)
			   : ntohs(((struct sockaddr_in *)&storage)->sin_port);
	}
	addr_format(&addr, address);
	snprintf(text, 80, addr.family == 6 ? "%s://[%s]:%u" : "%s://%s:%u",
	    scheme, address, port);
	return text;
}
