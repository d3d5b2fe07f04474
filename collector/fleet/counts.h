/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_COUNTS_H
#define EGRESS25_COLLECTOR_FLEET_COUNTS_H

/*
 * How many measurements each network had on each day of the window that
 * verdicts look at. The census makes them from the evidence that it keeps
 * anyhow, so that nobody who asks for counts waits for the rollups to be read;
 * of what has not changed it takes those of the time before. A day of a network
 * takes 8 bytes for each outcome and mechanism. Pure but for the memory that it
 * owns.
 *
 *	counts_begin(); for each network, in order, counts_copy(), or else
 *	counts_add(); counts_close(); read; counts_free().
 */

#include "collector/verdict/evidence/evidence.h"

struct counts_cell {
	uint16_t day; /* after `since` */
	uint8_t outcome, mechanism;
	uint32_t measurements; /* no more than it holds */
};

/* Its cells are from `first` on, up to the next network's. */
struct counts_network {
	uint32_t asn;
	uint16_t port;
	uint8_t family;
	int64_t changes; /* of its evidence; equal ones are of the same rows */
	size_t first;
};

struct counts {
	int32_t since; /* the first day */
	int64_t reads; /* `changes` of another number of reads say nothing */
	struct counts_cell *cells;
	size_t ncells;
	struct counts_network *networks; /* by asn, family, port */
	size_t nnetworks;
	uint32_t *slots; /* while networks are added */
};

/* Start from {0}; as of `now_ms`. 0 or -ENOMEM. */
int counts_begin(struct counts *counts, int64_t now_ms);

/* Take over a network as `before` has it, if that has it with as many changes
 * and reads, and the same days. 1, 0: it has not, or -ENOMEM. */
int counts_copy(struct counts *counts, const struct counts *before,
    const struct counts_network *network);

/* Add a network; its evidence has ended. 0 or -ENOMEM. */
int counts_add(
    struct counts *counts, const struct evidence *evidence, int64_t changes);

/* All networks are there: give back the memory that only adding needs. */
void counts_close(struct counts *counts);

/* The number of the first network that is not before this one. */
size_t counts_find(
    const struct counts *counts, uint32_t asn, uint8_t family, uint16_t port);

/* Where the cells of network `index` end. */
size_t counts_end_of(const struct counts *counts, size_t index);

void counts_free(struct counts *counts);

#endif
