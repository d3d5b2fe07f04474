/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/peers.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "collector/http/peer_input.h"
#include "collector/http/peer_memory.h"
#include "lib/base/clock.h"

#define BUCKETS    4096
#define TICK_S     1
#define ROOM       64 /* peers that are ended at a time to make room */
#define PROTECT_US INT64_C(1000000) /* newer ones are not ended for it */

struct peers {
	struct peers_settings settings;
	struct memory_account account;
	TAILQ_HEAD(arrivals, peer) arrivals; /* the oldest first */
	struct request_deadline_queue deadlines;
	struct event *tick, *welcome;
	LIST_HEAD(, peer) buckets[BUCKETS]; /* all, by their bufferevent */
};

static struct peer *peer_of(struct request_deadline *deadline)
{
	return (
	    struct peer *)((char *)deadline - offsetof(struct peer, deadline));
}

static size_t bucket_of(const struct bufferevent *bev)
{
	uint64_t address = (uintptr_t)bev / 16;

	return (size_t)((address ^ address / BUCKETS) % BUCKETS);
}

/* --- from arrival to end --- */

/* What is written and not read by the client yet. */
static void on_output(
    struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg)
{
	(void)output;
	(void)info;
	peer_memory_count(arg);
}

static bool open_buffers(struct peer *peer)
{
	peer->bev = peer->ops->open(peer, peer->peers->settings.base);
	if (peer->bev == NULL)
		return false;
	peer->output_hook = evbuffer_add_cb(
	    bufferevent_get_output(peer->bev), on_output, peer);
	if (peer->output_hook != NULL && peer_input_open(peer))
		return true;
	bufferevent_free(peer->bev);
	return false;
}

struct bufferevent *peers_add(struct peers *peers, const struct peer_ops *ops)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL)
		return NULL;
	peer->peers = peers;
	peer->rules = peers->settings.rules;
	peer->account = &peers->account;
	peer->ops = ops;
	peer->since_us = clock_mono_us();
	peer->is_newcomer = true;
	if (!open_buffers(peer)) {
		free(peer);
		return NULL;
	}
	bufferevent_incref(peer->bev);
	TAILQ_INSERT_TAIL(&peers->arrivals, peer, arrival);
	LIST_INSERT_HEAD(&peers->buckets[bucket_of(peer->bev)], peer, bucket);
	request_deadline_start(
	    &peers->deadlines, &peer->deadline, peer->since_us);
	peer_memory_note(peer);
	event_active(peers->welcome, EV_TIMEOUT, 0);
	return peer->bev;
}

static void free_peer(struct peer *peer)
{
	struct peers *peers = peer->peers;
	bool is_referenced = peer->connection == NULL;

	if (peer->header != NULL)
		peer->ops->end_header(peer);
	if (is_referenced)
		TAILQ_REMOVE(&peers->arrivals, peer, arrival);
	if (peer->counted.family != 0)
		address_count_give(peers->settings.addresses, &peer->counted);
	request_deadline_stop(&peers->deadlines, &peer->deadline);
	LIST_REMOVE(peer, bucket);
	peer_memory_forget(peer);
	peer_input_end(peer);
	evbuffer_remove_cb_entry(
	    bufferevent_get_output(peer->bev), peer->output_hook);
	if (is_referenced)
		bufferevent_decref(peer->bev);
	free(peer);
}

static void on_closed(struct evhttp_connection *connection, void *arg)
{
	struct peer *peer = arg;

	(void)connection;
	if (peer->exchange != NULL)
		peer->peers->settings.on_leave(peer->exchange);
	free_peer(peer);
}

/* Has evhttp freed this arrival? It unsets the callbacks. */
static bool is_dead(const struct peer *peer)
{
	bufferevent_event_cb on_event;

	bufferevent_getcb(peer->bev, NULL, NULL, &on_event, NULL);
	return on_event == NULL;
}

static size_t free_dead(struct peers *peers)
{
	struct peer *peer = TAILQ_FIRST(&peers->arrivals), *next;
	size_t count = 0;

	for (; peer != NULL; peer = next) {
		next = TAILQ_NEXT(peer, arrival);
		if (!is_dead(peer))
			continue;
		free_peer(peer);
		count++;
	}
	return count;
}

struct peer *peers_find(
    struct peers *peers, struct evhttp_connection *connection)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(connection);
	struct peer *peer;

	LIST_FOREACH(peer, &peers->buckets[bucket_of(bev)], bucket)
		if (peer->bev == bev)
			break;
	if (peer == NULL)
		return NULL;
	request_deadline_stop(&peers->deadlines, &peer->deadline);
	if (peer->connection == NULL) {
		TAILQ_REMOVE(&peers->arrivals, peer, arrival);
		peer->connection = connection;
		evhttp_connection_set_closecb(connection, on_closed, peer);
		bufferevent_decref(bev);
	}
	return peer;
}

void peer_complete(struct peer *peer, int status)
{
	int class = status / 100;

	peer->peers->settings.metrics
	    ->http_replies[class >= 1 && class <= 5 ? class : 0]++;
	request_deadline_start(
	    &peer->peers->deadlines, &peer->deadline, clock_mono_us());
	peer_input_go_on(peer);
}

/* --- limits --- */

/* A trusted proxy has the connections of many, and limits them itself. */
static bool is_one_too_many(const struct peers *peers, struct peer *peer)
{
	const struct peer_rules *rules = peers->settings.rules;
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	struct addr address;

	if (getpeername(bufferevent_getfd(peer->bev),
		(struct sockaddr *)&storage, &length) < 0)
		return false;
	addr_from_sockaddr(&address, (struct sockaddr *)&storage);
	if (address.family == 0 || prefixes_contain(&rules->trusted, &address))
		return false;
	if (!address_count_take(
		peers->settings.addresses, &address, rules->address_most))
		return true;
	peer->counted = address;
	return false;
}

/* Evhttp sets the socket of an accepted connection after it was added here. */
static void on_welcome(evutil_socket_t fd, short what, void *arg)
{
	struct peers *peers = arg;
	struct peer *peer;

	(void)fd;
	(void)what;
	TAILQ_FOREACH_REVERSE(peer, &peers->arrivals, arrivals, arrival)
	{
		if (!peer->is_newcomer)
			break;
		peer->is_newcomer = false;
		if (peers->settings.addresses == NULL || is_dead(peer) ||
		    !is_one_too_many(peers, peer))
			continue;
		peer_cut(peer);
		peer_memory_note(peer);
		peers->settings.metrics->connections_ended++;
	}
	peer_memory_keep(&peers->account, peers->settings.rules->memory_most);
}

/* It holds memory that others need. Who has not begun a request would not know
 * what an answer is to, and may be in the midst of a handshake. */
static void end_holder(struct peer *peer)
{
	if (peer->input.is_answered || peer->input.held.length == 0) {
		peer_cut(peer);
		return;
	}
	peer_input_refuse(
	    peer, 503, "more is being sent than can be kept in memory");
	bufferevent_trigger(peer->bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
}

static size_t shut_late(struct peers *peers, int64_t since_us, size_t most)
{
	struct request_deadline *deadline;
	size_t count = 0;

	while (count < most && (deadline = request_deadline_take(
				    &peers->deadlines, since_us)) != NULL) {
		peer_cut(peer_of(deadline));
		count++;
	}
	peers->settings.metrics->connections_ended += (int64_t)count;
	return count;
}

static size_t shut_silent(struct peers *peers, int64_t since_us)
{
	struct peer *peer;
	size_t count = 0;

	TAILQ_FOREACH(peer, &peers->arrivals, arrival) {
		if (count == ROOM || peer->since_us > since_us)
			break;
		if (peer->is_header_read || peer->is_cut)
			continue;
		peer_cut(peer);
		count++;
	}
	peers->settings.metrics->connections_ended += (int64_t)count;
	return count;
}

size_t peers_make_room(struct peers *peers)
{
	int64_t since_us = clock_mono_us() - PROTECT_US;
	size_t count;

	free_dead(peers);
	count = shut_silent(peers, since_us);
	return count + shut_late(peers, since_us, ROOM - count);
}

/* Nothing tells of the end of a handshake. */
static void count_arrivals(struct peers *peers)
{
	struct peer *peer;

	TAILQ_FOREACH(peer, &peers->arrivals, arrival)
		peer_memory_note(peer);
	peer_memory_keep(&peers->account, peers->settings.rules->memory_most);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct peers *peers = arg;
	int64_t request_us = peers->settings.rules->request_us;

	(void)fd;
	(void)what;
	free_dead(peers);
	if (request_us != 0)
		shut_late(peers, clock_mono_us() - request_us, SIZE_MAX);
	count_arrivals(peers);
}

/* --- all of them --- */

struct peers *peers_new(const struct peers_settings *settings)
{
	struct peers *peers = calloc(1, sizeof(*peers));
	struct timeval period = {.tv_sec = TICK_S};

	if (peers == NULL)
		return NULL;
	TAILQ_INIT(&peers->arrivals);
	TAILQ_INIT(&peers->deadlines);
	peers->settings = *settings;
	peer_memory_open(&peers->account, settings->metrics, end_holder);
	peers->tick = event_new(settings->base, -1, EV_PERSIST, on_tick, peers);
	peers->welcome = event_new(settings->base, -1, 0, on_welcome, peers);
	if (peers->tick != NULL && peers->welcome != NULL &&
	    event_add(peers->tick, &period) == 0)
		return peers;
	peers_free(peers);
	return NULL;
}

void peers_free(struct peers *peers)
{
	if (peers == NULL)
		return;
	while (!TAILQ_EMPTY(&peers->arrivals))
		free_peer(TAILQ_FIRST(&peers->arrivals));
	if (peers->tick != NULL)
		event_free(peers->tick);
	if (peers->welcome != NULL)
		event_free(peers->welcome);
	peer_memory_close(&peers->account);
	free(peers);
}
