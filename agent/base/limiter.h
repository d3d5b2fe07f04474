/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_LIMITER_H
#define EGRESS25_AGENT_BASE_LIMITER_H

/* A counting semaphore with a FIFO queue, for one thread. It allocates
 * nothing and calls nobody back. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

/* One per user of the limiter, embedded in it. Zero-initialised. */
struct limiter_permit {
	enum { PERMIT_NONE, PERMIT_WAITING, PERMIT_HELD } state;
	TAILQ_ENTRY(limiter_permit) queued; /* while WAITING */
	void *owner;
};

struct limiter {
	size_t limit, held;
	TAILQ_HEAD(, limiter_permit) waiting;
};

/* At most `limit` permits are held at once. */
void limiter_init(struct limiter *limiter, size_t limit);

/* Ask for a permit that is NONE. True: it is HELD now. False: it is queued,
 * until a limiter_release() returns it. */
bool limiter_acquire(struct limiter *limiter, struct limiter_permit *permit);

/* Give a permit back, or stop waiting for it; NONE is allowed. Returns the
 * permit that is HELD instead, so that the caller can wake its owner, or
 * NULL. */
struct limiter_permit *limiter_release(
    struct limiter *limiter, struct limiter_permit *permit);

#endif
