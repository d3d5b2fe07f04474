/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/peer_plain.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>

#include "collector/http/proxy_header.h"

#define READ_BYTES 65536 /* at once: most reports are smaller */

/* Takes the PROXY header off the input before evhttp sees it. */
struct plain_header {
	struct peer *peer;
	struct evbuffer *input;
	struct evbuffer *held; /* what is there of an unfinished header */
	struct evbuffer_cb_entry *hook;
	bool is_busy;
};

static void end_plain_header(struct peer *peer)
{
	struct plain_header *header = peer->header;

	if (header->hook != NULL)
		evbuffer_remove_cb_entry(header->input, header->hook);
	if (header->held != NULL)
		evbuffer_free(header->held);
	free(header);
	peer->header = NULL;
}

/* Nobody above sees a byte until it is known where the header ends. */
static bool take_header(struct plain_header *header)
{
	struct evbuffer *input = header->input;
	size_t length;
	ssize_t size;

	evbuffer_prepend_buffer(input, header->held);
	length = evbuffer_get_length(input);
	if (length > PROXY_HEADER_MAX)
		length = PROXY_HEADER_MAX;
	size = peer_read_header(header->peer,
	    bufferevent_getfd(header->peer->bev),
	    evbuffer_pullup(input, (ev_ssize_t)length), length);
	if (size < 0)
		evbuffer_add_buffer(header->held, input);
	else
		evbuffer_drain(input, (size_t)size);
	return size >= 0;
}

static void on_input(
    struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct plain_header *header = arg;
	bool is_over;

	(void)input;
	if (info->n_added == 0 || header->is_busy)
		return;
	header->is_busy = true;
	is_over = take_header(header);
	header->is_busy = false;
	if (is_over)
		end_plain_header(header->peer);
}

static bool start_header(struct peer *peer, struct bufferevent *bev)
{
	struct plain_header *header = calloc(1, sizeof(*header));

	if (header == NULL)
		return false;
	peer->header = header;
	header->peer = peer;
	header->input = bufferevent_get_input(bev);
	header->held = evbuffer_new();
	if (header->held != NULL)
		header->hook = evbuffer_add_cb(header->input, on_input, header);
	if (header->hook != NULL)
		return true;
	end_plain_header(peer);
	return false;
}

static struct bufferevent *open_plain(
    struct peer *peer, struct event_base *base)
{
	struct bufferevent *bev = bufferevent_socket_new(
	    base, -1, BEV_OPT_CLOSE_ON_FREE);

	if (bev == NULL)
		return NULL;
	bufferevent_set_max_single_read(bev, READ_BYTES);
	if (start_header(peer, bev))
		return bev;
	bufferevent_free(bev);
	return NULL;
}

const struct peer_ops peer_plain_ops = {open_plain, end_plain_header};
