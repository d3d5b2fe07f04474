/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_SUPPORT_DRAWN_ROUND_H
#define EGRESS25_TESTS_SUPPORT_DRAWN_ROUND_H

/*
 * Rounds drawn from a seed that look like real ones: a small network is built
 * (a cloud, a container, a home line, an office behind a tunnel, plain MX
 * hosts), a box in it does something to a port or nothing, and what an agent
 * would see of it is written down. Who did what is known, and is not told to
 * the diagnosis.
 */

#include "lib/report/endpoint_known.h"
#include "lib/report/observe.h"

#define DRAWN_TARGETS_MOST 4

/* What was built; DRAWN_OPEN and those behind it keep nothing from passing. */
enum drawn_deed {
	DRAWN_DROP,
	DRAWN_RESET,
	DRAWN_ICMP,
	DRAWN_REDIRECT,
	DRAWN_STALL,
	DRAWN_RESET_AFTER,
	DRAWN_STRIP,
	DRAWN_OPEN,
	DRAWN_LOSS,
	DRAWN_DEEDS
};

struct drawn_round {
	enum drawn_deed deed;
	int box; /* the hop that does it; 0: this host or the link behind it */
	bool by_host;
	struct target_seen targets[DRAWN_TARGETS_MOST];
	size_t ntargets;
	struct endpoint_known known[DRAWN_TARGETS_MOST];
	const struct endpoint_known *pointers[DRAWN_TARGETS_MOST];
};

/* The same seed is the same round. */
void drawn_round_make(struct drawn_round *round, uint64_t seed);
void drawn_round_free(struct drawn_round *round);

/* 0 to sides - 1, from the state of a generator that is not 0. */
int drawn_dice(uint64_t *state, int sides);

#endif
