/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/limiter.h"

void turns_init(struct turns *turns, size_t most)
{
	turns->most = most;
	turns->inside = 0;
	turns->waiting = NULL;
}

/* Where the link to `turn` is; NULL: where the next one is to be put. */
static struct turn **link_to(struct turns *turns, const struct turn *turn)
{
	struct turn **link = &turns->waiting;

	while (*link != turn)
		link = &(*link)->next;
	return link;
}

bool turns_enter(struct turns *turns, struct turn *turn)
{
	if (turns->inside < turns->most) {
		turns->inside++;
		turn->state = TURN_INSIDE;
		return true;
	}
	*link_to(turns, NULL) = turn;
	turn->next = NULL;
	turn->state = TURN_WAITING;
	return false;
}

struct turn *turns_leave(struct turns *turns, struct turn *turn)
{
	struct turn *next = NULL;

	if (turn->state == TURN_WAITING) {
		*link_to(turns, turn) = turn->next;
	} else if (turn->state == TURN_INSIDE) {
		next = turns->waiting;
		if (next != NULL) {
			turns->waiting = next->next;
			next->state = TURN_INSIDE;
		} else {
			turns->inside--;
		}
	}
	turn->state = TURN_OUTSIDE;
	return next;
}
