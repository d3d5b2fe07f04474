/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_NETWORK_WALK_H
#define EGRESS25_COLLECTOR_VERDICT_NETWORK_WALK_H

/*
 * Rollup rows in the store's order, cut into networks: all rows of one (ASN,
 * family, port) are gathered as its evidence and handed over together.
 *
 *	network_walk_init(); network_walk_add() for each row;
 *	network_walk_end() for the last network; network_walk_free().
 *
 * Pure but for the memory that it owns.
 */

#include "collector/verdict/evidence/evidence.h"

/* Called once for each network that has a row in the window, with evidence that
 * has ended and is valid during the call. Anything but 0 ends the walk. */
typedef int network_walk_visit(void *arg, const struct evidence *evidence);

struct network_walk {
	network_walk_visit *visit;
	void *arg;
	int64_t now_ms;
	bool has_network;
	struct evidence evidence; /* of the network that is gathered */
};

/* Evidence is as of `now_ms`. */
void network_walk_init(struct network_walk *walk, int64_t now_ms,
    network_walk_visit *visit, void *arg);

/* Add a row; the first row of the next network visits the one before. 0,
 * -ENOMEM, or what `visit` returned. */
int network_walk_add(struct network_walk *walk, const struct rollup_row *row);

/* Visit the last network. 0, -ENOMEM, or what `visit` returned. */
int network_walk_end(struct network_walk *walk);

void network_walk_free(struct network_walk *walk);

#endif
