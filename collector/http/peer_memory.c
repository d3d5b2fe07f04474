/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/peer_memory.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "lib/base/clock.h"

#define SMALL_BYTES 4096 /* not worth ending while others hold more */

static int64_t unsent_of(const struct peer *peer)
{
	return (int64_t)evbuffer_get_length(bufferevent_get_output(peer->bev));
}

static int64_t passing_of(const struct peer *peer)
{
	return (int64_t)(peer->input.held.capacity + peer->input.handed) +
	       unsent_of(peer);
}

static int64_t own_of(const struct peer *peer)
{
	return peer->ops->own_bytes != NULL ? peer->ops->own_bytes(peer) : 0;
}

/* It has waited since it began to send or be sent something, or was done. */
static void set_bytes(struct peer *peer, int64_t own, int64_t passing)
{
	struct memory_account *account = peer->account;
	struct memory_held *held = &peer->memory;
	bool was_held = held->bytes > 0, is_held = own + passing > 0;
	bool is_turn = held->is_passing != (passing > 0);

	if (was_held && (!is_held || is_turn))
		TAILQ_REMOVE(&account->holders, peer, memory.entry);
	if (is_held && (!was_held || is_turn))
		TAILQ_INSERT_TAIL(&account->holders, peer, memory.entry);
	account->used += own + passing - held->bytes;
	account->metrics->connection_bytes += own + passing - held->bytes;
	held->bytes = own + passing;
	held->is_passing = passing > 0;
}

void peer_memory_note(struct peer *peer)
{
	if (peer->is_cut)
		set_bytes(peer, 0, 0);
	else
		set_bytes(peer, own_of(peer), passing_of(peer));
}

/* --- making room --- */

/* Is too much held, and by this loop at least its share? */
static bool is_over(const struct memory_account *account, int64_t most)
{
	return account->metrics->connection_bytes > most &&
	       account->used > most / account->metrics->connection_loops;
}

/* A request that is being answered needs what it holds. */
static bool waits_for_client(const struct peer *peer)
{
	return !peer->input.is_answered || unsent_of(peer) > 0;
}

static int64_t end_holders(
    struct memory_account *account, int64_t most, int64_t least)
{
	struct peer *peer = TAILQ_FIRST(&account->holders), *next;
	int64_t count = 0;

	for (; peer != NULL && is_over(account, most); peer = next) {
		next = TAILQ_NEXT(peer, memory.entry);
		if (peer->memory.bytes < least || peer->input.is_over ||
		    !waits_for_client(peer))
			continue;
		account->end(peer);
		peer_memory_note(peer);
		count++;
	}
	return count;
}

/* An eighth at a time, so that the list is not walked for each byte. */
static void make_room(struct memory_account *account, int64_t budget_most)
{
	int64_t most = budget_most - budget_most / 8, count;

	account->is_making_room = true;
	count = end_holders(account, most, SMALL_BYTES);
	count += end_holders(account, most, 0);
	account->is_making_room = false;
	account->metrics->connections_ended += count;
	account->metrics->crowded_us = clock_mono_us();
}

void peer_memory_keep(struct memory_account *account, int64_t most)
{
	if (!account->is_making_room && most > 0 && is_over(account, most))
		make_room(account, most);
}

void peer_memory_count(struct peer *peer)
{
	int64_t before = peer->memory.bytes;

	peer_memory_note(peer);
	if (peer->memory.bytes > before)
		peer_memory_keep(peer->account, peer->rules->memory_most);
}

void peer_memory_forget(struct peer *peer)
{
	set_bytes(peer, 0, 0);
}

/* --- an account --- */

void peer_memory_open(struct memory_account *account, struct metrics *metrics,
    void (*end)(struct peer *peer))
{
	account->end = end;
	TAILQ_INIT(&account->holders);
	account->metrics = metrics;
	metrics->connection_loops++;
}

void peer_memory_close(struct memory_account *account)
{
	account->metrics->connection_loops--;
}
