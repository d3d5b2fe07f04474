/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/peer_input.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "collector/http/peer_memory.h"
#include "collector/http/proxy_header.h"

/* What may be sent before the reply to the request before it has come. */
#define AHEAD_MAX 65536

#define READ_BYTES 65536 /* at once: most reports are smaller */

static struct evbuffer *input_of(const struct peer *peer)
{
	return bufferevent_get_input(peer->bev);
}

/* --- to evhttp --- */

static void free_bytes(const void *bytes, size_t length, void *arg)
{
	(void)bytes;
	(void)length;
	free(arg);
}

/* Take the first `length` bytes that are held into `out`. */
static bool move_held(struct buf *held, size_t length, struct evbuffer *out)
{
	if (length < held->length) {
		if (evbuffer_add(out, held->data, length) < 0)
			return false;
		held->length -= length;
		memmove(held->data, held->data + length, held->length + 1);
		return true;
	}
	if (evbuffer_add_reference(
		out, held->data, length, free_bytes, held->data) < 0)
		return false;
	memset(held, 0, sizeof(*held));
	return true;
}

/* A bufferevent allows nobody but itself to append to its input. */
static bool hand_held(struct peer *peer, size_t length)
{
	struct evbuffer *bytes = evbuffer_new(), *input = input_of(peer);
	bool is_handed = bytes != NULL &&
			 evbuffer_add_buffer(bytes, input) == 0 &&
			 move_held(&peer->input.held, length, bytes) &&
			 evbuffer_prepend_buffer(input, bytes) == 0;

	if (bytes != NULL)
		evbuffer_free(bytes);
	peer->input.handed += length;
	return is_handed;
}

static void end_request(struct peer_input *in)
{
	memset(&in->head, 0, sizeof(in->head));
	memset(&in->chunks, 0, sizeof(in->chunks));
	in->is_begun = false;
}

/* Evhttp answers this in the place of what is refused. */
static void hand_empty_request(struct peer *peer)
{
	static const char get[] = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
			  head[] = "HEAD / HTTP/1.1\r\nConnection: close"
				   "\r\n\r\n";
	const char *text = peer->input.is_head ? head : get;

	if (evbuffer_prepend(input_of(peer), text, strlen(text)) < 0)
		peer_cut(peer);
	peer->input.is_answered = true;
}

void peer_input_refuse(struct peer *peer, int status, const char *why)
{
	struct peer_input *in = &peer->input;
	bool was_busy = in->is_busy;

	buf_free(&in->held);
	in->is_over = true;
	in->is_head = in->head.is_head;
	in->status = status;
	in->why = why;
	in->is_busy = true;
	evbuffer_drain(input_of(peer), evbuffer_get_length(input_of(peer)));
	if (in->is_begun)
		peer_cut(peer);
	else
		hand_empty_request(peer);
	in->is_busy = was_busy;
	end_request(in);
	peer_memory_count(peer);
}

/* --- one request --- */

/* A body that is too large is read to its end, as far as that is known: its
 * client would not read a reply before. */
static void refuse_large(struct peer *peer, int64_t came)
{
	struct peer_input *in = &peer->input;

	in->to_skip = in->head.body - came;
	buf_free(&in->held);
	if (in->to_skip <= 0 || in->head.awaits_continue)
		peer_input_refuse(peer, 413, "the body is too large");
}

/* How many of the bytes are the request that they begin with; 0: it is not
 * whole, or it was refused. */
static size_t measure(struct peer *peer, const char *bytes, size_t length)
{
	struct peer_input *in = &peer->input;
	struct request_head *head = &in->head;
	size_t most = (size_t)peer->rules->body_most, start;
	const char *why = NULL;
	int status = 0;

	if (head->length == 0)
		status = request_head_read(bytes, length, head, &why);
	start = in->is_begun ? 0 : head->length;
	if (status == 0 && head->body > (int64_t)most) {
		refuse_large(peer, (int64_t)(length - start));
		return 0;
	}
	if (status == 0 && head->body == REQUEST_CHUNKED)
		status = request_chunks_read(
		    bytes + start, length - start, most, &in->chunks, &why);
	else if (status == 0 && length - start < (size_t)head->body)
		status = -EAGAIN;
	if (status > 0)
		peer_input_refuse(peer, status, why);
	if (status != 0)
		return 0;
	return start + (head->body == REQUEST_CHUNKED ? in->chunks.length
						      : (size_t)head->body);
}

/* Libevent reads 4 KiB at a time, with three system calls and a turn of the
 * loop: the rest of a body, as far as it has come, is taken at once. */
static void read_body(struct peer *peer)
{
	static _Thread_local char bytes[READ_BYTES];
	struct peer_input *in = &peer->input;
	int64_t missing = in->head.body - (int64_t)in->held.length;
	ssize_t got;

	if (!in->is_begun)
		missing += (int64_t)in->head.length;
	if (peer->ops->read_on == NULL || missing <= 0)
		return;
	got = peer->ops->read_on(peer, bytes,
	    missing < READ_BYTES ? (size_t)missing : sizeof(bytes));
	if (got > 0)
		buf_append(&in->held, bytes, (size_t)got);
	if (in->held.failed)
		peer_cut(peer);
}

/* The client sends its body when evhttp has told it to. */
static void begin(struct peer *peer)
{
	struct peer_input *in = &peer->input;

	if (in->head.awaits_continue && !in->is_begun &&
	    in->held.length == in->head.length)
		in->is_begun = hand_held(peer, in->head.length);
}

static bool is_within_body(const struct peer_input *in)
{
	return !in->is_over && in->to_skip == 0 && in->head.length > 0 &&
	       in->head.body > 0;
}

/* Hand over the request that the held bytes begin with, if it is whole. */
static void advance(struct peer *peer)
{
	struct peer_input *in = &peer->input;
	size_t length = 0;

	if (in->held.length > 0)
		length = measure(peer, in->held.data, in->held.length);
	if (length == 0 && is_within_body(in)) {
		read_body(peer);
		length = measure(peer, in->held.data, in->held.length);
	}
	if (length == 0 && !in->is_over && in->head.length > 0)
		begin(peer);
	if (length == 0)
		return;
	if (!hand_held(peer, length)) {
		peer_cut(peer);
		return;
	}
	end_request(in);
	in->is_answered = true;
}

/* --- what comes --- */

/* Hold the last `added` bytes of the input. Evhttp may not have looked at what
 * is before them yet. */
static bool hold(struct peer *peer, size_t added)
{
	struct evbuffer *input = input_of(peer), *before = evbuffer_new();
	int old = (int)(evbuffer_get_length(input) - added);
	char *room = buf_reserve(&peer->input.held, added);
	bool is_held = before != NULL && room != NULL &&
		       evbuffer_remove_buffer(input, before, (size_t)old) ==
			   old;

	if (is_held) {
		evbuffer_remove(input, room, added);
		buf_commit(&peer->input.held, added);
		is_held = evbuffer_prepend_buffer(input, before) == 0;
	}
	if (before != NULL)
		evbuffer_free(before);
	return is_held;
}

/* The PROXY header of a plain connection; in TLS it never comes here
 * (peer_tls.c). False: it is not whole. */
static bool take_proxy_header(struct peer *peer)
{
	struct buf *held = &peer->input.held;
	size_t length = held->length < PROXY_HEADER_MAX ? held->length
							: PROXY_HEADER_MAX;
	ssize_t size = peer_read_header(
	    peer, bufferevent_getfd(peer->bev), held->data, length);

	if (size < 0)
		return false;
	held->length -= (size_t)size;
	memmove(held->data, held->data + size, held->length + 1);
	return true;
}

static void skip(struct peer *peer)
{
	struct evbuffer *input = input_of(peer);
	struct peer_input *in = &peer->input;

	in->to_skip -= (int64_t)evbuffer_get_length(input);
	evbuffer_drain(input, evbuffer_get_length(input));
	if (in->to_skip <= 0)
		peer_input_refuse(peer, 413, "the body is too large");
}

static void take(struct peer *peer, size_t added)
{
	struct evbuffer *input = input_of(peer);
	struct peer_input *in = &peer->input;

	if (in->is_over) {
		evbuffer_drain(input, evbuffer_get_length(input));
		if (!in->is_heard)
			hand_empty_request(peer);
	} else if (in->to_skip > 0) {
		skip(peer);
	} else if (!hold(peer, added) ||
		   (in->is_answered && in->held.length > AHEAD_MAX)) {
		peer_cut(peer);
	} else if (!in->is_answered &&
		   (peer->is_header_read || take_proxy_header(peer))) {
		advance(peer);
	}
}

static void on_input(
    struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct peer *peer = arg;
	struct peer_input *in = &peer->input;

	(void)input;
	if (info->n_added == 0 || in->is_busy)
		return;
	in->is_busy = true;
	take(peer, info->n_added);
	in->is_busy = false;
	peer_memory_count(peer);
}

/* --- from arrival to end --- */

bool peer_input_open(struct peer *peer)
{
	peer->input.hook = evbuffer_add_cb(input_of(peer), on_input, peer);
	/* Evhttp takes a read of nothing for more of a request. */
	bufferevent_setwatermark(peer->bev, EV_READ, 1, 0);
	return peer->input.hook != NULL;
}

void peer_input_go_on(struct peer *peer)
{
	struct peer_input *in = &peer->input;

	in->handed = 0;
	in->is_answered = false;
	in->is_busy = true;
	if (!in->is_over)
		advance(peer);
	in->is_busy = false;
	peer_memory_count(peer);
}

void peer_input_end(struct peer *peer)
{
	if (peer->input.hook != NULL)
		evbuffer_remove_cb_entry(input_of(peer), peer->input.hook);
	buf_free(&peer->input.held);
}
