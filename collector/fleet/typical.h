/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_TYPICAL_H
#define EGRESS25_COLLECTOR_FLEET_TYPICAL_H

/*
 * For each network a report that shows what is published of it. Of each network
 * the newest reports of a few kinds of results are kept. Pure but for the
 * memory that it owns. Zero-initialise; release with typical_free().
 */

#include "collector/record/network.h"

struct typical {
	struct typical_network *networks; /* owned: a hash table */
	size_t count, size;
};

/* See a measurement, in any order. 0 or -ENOMEM. */
int typical_see(struct typical *typical, const struct measurement *row);

/* The report that comes nearest to the verdict, of those from `since_ms` on:
 * its outcome is the state's; mechanism and place are if possible; then the
 * newest. "" of a network of which nothing is said, or if none is known. */
void typical_find(const struct typical *typical,
    const struct network_verdict *verdict, int64_t since_ms,
    struct network_typical *found);

void typical_free(struct typical *typical);

#endif
