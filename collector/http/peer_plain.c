/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/peer_plain.h"

#include <event2/bufferevent.h>

#define READ_BYTES 65536 /* at once: most reports are smaller */

/* The PROXY header is in the input (peer_input.h): nothing is kept for it. */
static void end_header(struct peer *peer)
{
	(void)peer;
}

static struct bufferevent *open_plain(
    struct peer *peer, struct event_base *base)
{
	struct bufferevent *bev = bufferevent_socket_new(
	    base, -1, BEV_OPT_CLOSE_ON_FREE);

	(void)peer;
	if (bev != NULL)
		bufferevent_set_max_single_read(bev, READ_BYTES);
	return bev;
}

const struct peer_ops peer_plain_ops = {open_plain, end_header};
