/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_NEWEST_H
#define EGRESS25_COLLECTOR_FLEET_NEWEST_H

/* The rows that typical reports and STARTTLS are learned from. */

#include "collector/store/store.h"

/* Which, and how far they went. */
struct newest {
	struct store *store;
	int64_t since_ms; /* from here on */
	bool is_cut;      /* out: there are older ones that were not visited */
};

/* Visit the newest measurements, of many as many as a census reads at a time.
 * 0, -errno, or what `visit` returned. */
int newest_visit(struct newest *newest, measurement_visit *visit, void *arg,
    struct err *err);

#endif
