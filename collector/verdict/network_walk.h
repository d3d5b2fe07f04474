/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_NETWORK_WALK_H
#define EGRESS25_COLLECTOR_VERDICT_NETWORK_WALK_H

/*
 * Rollup rows in the store's order, cut into networks: all rows of one (ASN,
 * family, port) are collected and handed over together.
 *
 *	network_walk_init(); network_walk_add() for each row;
 *	network_walk_end() for the last network; network_walk_free().
 *
 * Pure but for the memory that it owns.
 */

#include "collector/record/network.h"

/* Called once for each network, with at least one row. The rows are valid
 * during the call, and may be reordered and changed. Anything but 0 ends the
 * walk. */
typedef int network_walk_visit(
    void *arg, struct rollup_row *rows, size_t count);

struct network_walk {
	network_walk_visit *visit;
	void *arg;
	struct rollup_row *rows; /* owned: of the network that is collected */
	size_t count, capacity;
};

void network_walk_init(
    struct network_walk *walk, network_walk_visit *visit, void *arg);

/* Add a row; the first row of the next network visits the one before. 0,
 * -ENOMEM, or what `visit` returned. */
int network_walk_add(struct network_walk *walk, const struct rollup_row *row);

/* Visit the last network. 0, or what `visit` returned. */
int network_walk_end(struct network_walk *walk);

void network_walk_free(struct network_walk *walk);

/* Called once for each network with probes in the verdict's window. Anything
 * but 0 ends the walk. */
typedef int network_decided(void *arg, const struct network_verdict *verdict);

struct network_decider {
	int64_t now_ms;
	network_decided *decided;
	void *arg;
};

/* A network_walk_visit that decides each network; its argument is a `struct
 * network_decider`. 0, -ENOMEM, or what `decided` returned. */
int network_walk_decide(void *decider, struct rollup_row *rows, size_t count);

#endif
