/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_PEER_MEMORY_H
#define EGRESS25_COLLECTOR_HTTP_PEER_MEMORY_H

/*
 * How many bytes the connections hold: requests that are half sent or being
 * answered, replies that were not read yet, and what TLS takes. Over the
 * budget, a loop ends those of its own peers that wait for their client, the
 * one that has waited longest first, if it holds its share or more.
 */

#include <sys/queue.h>

#include "collector/health/metrics.h"
#include "collector/http/peer.h"

/* Of one loop. */
struct memory_account {
	struct metrics *metrics;    /* the sum of all loops */
	TAILQ_HEAD(, peer) holders; /* what began first is first */
	void (*end)(struct peer *peer);
	int64_t used;
	bool is_making_room;
};

/* `end` ends a peer that waits for its client. */
void peer_memory_open(struct memory_account *account, struct metrics *metrics,
    void (*end)(struct peer *peer));
void peer_memory_close(struct memory_account *account);

/* Count again what the peer holds. */
void peer_memory_note(struct peer *peer);

/* Over the budget, of all loops, make room. */
void peer_memory_keep(struct memory_account *account, int64_t most);

/* Both. */
void peer_memory_count(struct peer *peer);

/* The peer ends. */
void peer_memory_forget(struct peer *peer);

#endif
