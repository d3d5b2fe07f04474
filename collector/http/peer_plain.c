/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/peer_plain.h"

#include <event2/bufferevent.h>
#include <sys/socket.h>

/* The PROXY header is in the input (peer_input.h): nothing is kept for it. */
static void end_header(struct peer *peer)
{
	(void)peer;
}

static struct bufferevent *open_plain(
    struct peer *peer, struct event_base *base)
{
	(void)peer;
	return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
}

static ssize_t read_on(struct peer *peer, char *out, size_t size)
{
	return recv(bufferevent_getfd(peer->bev), out, size, MSG_DONTWAIT);
}

const struct peer_ops peer_plain_ops = {open_plain, end_header, read_on, NULL};
