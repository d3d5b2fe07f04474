/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_BASELINE_H
#define EGRESS25_COLLECTOR_INTAKE_BASELINE_H

/*
 * What the fleet learns of endpoints: which of them offer STARTTLS. What one
 * network shows could be that network's doing, so it takes several, and nearly
 * all that showed anything. Pure but for the memory that it owns.
 */

#include "collector/record/row.h"

#define BASELINE_NETWORKS_LEAST 3

struct baseline_endpoint;

struct baseline {
	struct baseline_endpoint *endpoints; /* owned */
	size_t count;
};

/* Take in what a measurement shows, if anything. 0 or -ENOMEM. */
int baseline_see(struct baseline *baseline, const struct measurement *row);

/* The names of the endpoints that offer STARTTLS as of `now_ms`; the array
 * becomes the caller's to free(). 0 or -ENOMEM. */
struct baseline_names {
	char (*names)[ROW_ENDPOINT_SIZE];
	size_t count;
};
int baseline_list(const struct baseline *baseline, int64_t now_ms,
    struct baseline_names *names);

bool baseline_has(const struct baseline_names *names, const char *endpoint);

void baseline_free(struct baseline *baseline);

#endif
