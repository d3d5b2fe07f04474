/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/peer.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <sys/socket.h>

#include "collector/http/proxy_header.h"

/* evhttp sees a connection that was shut down as ended by its client. */
void peer_cut(struct peer *peer)
{
	shutdown(bufferevent_getfd(peer->bev), SHUT_RDWR);
	peer->is_cut = true;
}

static bool is_trusted(const struct peer *peer, int fd)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	struct addr address;

	if (getpeername(fd, (struct sockaddr *)&storage, &length) < 0)
		return false;
	addr_from_sockaddr(&address, (struct sockaddr *)&storage);
	return prefixes_contain(&peer->rules->trusted, &address);
}

ssize_t peer_read_header(
    struct peer *peer, int fd, const void *bytes, size_t length)
{
	struct proxy_header header = {0};
	ssize_t size = -EINVAL;

	if (is_trusted(peer, fd))
		size = proxy_header_read(bytes, length, &header);
	if (size == 0)
		return -EAGAIN;
	if (size > 0)
		peer->client = header.client;
	peer->is_header_read = true;
	return size > 0 ? size : 0;
}
