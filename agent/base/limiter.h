/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_LIMITER_H
#define EGRESS25_AGENT_BASE_LIMITER_H

/* Only so many may do something at once; the others wait, and have their turn
 * in the order in which they came. No memory, no callbacks. */

#include <stdbool.h>
#include <stddef.h>

/* Part of who takes turns; all zeroes at first. */
struct turn {
	enum { TURN_OUTSIDE, TURN_WAITING, TURN_INSIDE } state;
	struct turn *next; /* while it waits */
	void *owner;
};

struct turns {
	size_t most, inside;
	struct turn *waiting; /* the first of them */
};

void turns_init(struct turns *turns, size_t most);

/* True: it is `turn`'s turn. False: it waits, until a turns_leave() names it.
 * It is outside before. */
bool turns_enter(struct turns *turns, struct turn *turn);

/* It had its turn, or waits no more, or was outside already. Returns whose
 * turn has come by that, or NULL. */
struct turn *turns_leave(struct turns *turns, struct turn *turn);

#endif
