/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/limiter.h"

void limiter_init(struct limiter *limiter, size_t limit)
{
	limiter->limit = limit;
	limiter->held = 0;
	TAILQ_INIT(&limiter->waiting);
}

bool limiter_acquire(struct limiter *limiter, struct limiter_permit *permit)
{
	if (limiter->held < limiter->limit) {
		limiter->held++;
		permit->state = PERMIT_HELD;
		return true;
	}
	TAILQ_INSERT_TAIL(&limiter->waiting, permit, queued);
	permit->state = PERMIT_WAITING;
	return false;
}

/* A permit that was held passes to the head of the queue, if there is one. */
static struct limiter_permit *pass_on(struct limiter *limiter)
{
	struct limiter_permit *next = TAILQ_FIRST(&limiter->waiting);

	if (next == NULL) {
		limiter->held--;
		return NULL;
	}
	TAILQ_REMOVE(&limiter->waiting, next, queued);
	next->state = PERMIT_HELD;
	return next;
}

struct limiter_permit *limiter_release(
    struct limiter *limiter, struct limiter_permit *permit)
{
	struct limiter_permit *next = NULL;

	if (permit->state == PERMIT_WAITING)
		TAILQ_REMOVE(&limiter->waiting, permit, queued);
	else if (permit->state == PERMIT_HELD)
		next = pass_on(limiter);
	permit->state = PERMIT_NONE;
	return next;
}
