/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_BASELINE_H
#define EGRESS25_COLLECTOR_INTAKE_BASELINE_H

/*
 * Which endpoints offer STARTTLS, as learned from the fleet. What a single
 * network shows may be that network's doing, so several must agree, and nearly
 * all that saw the endpoint. Pure but for the memory that it owns.
 */

#include "collector/record/row.h"

#define BASELINE_NETWORKS_LEAST 3

struct baseline_endpoint;

/* Start from {0}, end with baseline_free(). */
struct baseline {
	struct baseline_endpoint *endpoints; /* owned */
	size_t count, capacity;
};

/* Learn from a measurement; most show nothing. 0 or -ENOMEM. */
int baseline_add(struct baseline *baseline, const struct measurement *row);

struct baseline_names {
	char (*names)[ROW_ENDPOINT_SIZE];
	size_t count;
};

/* List the endpoints that offer STARTTLS as of `now_ms`. `names->names` is
 * allocated; the caller frees it. 0 or -ENOMEM. */
int baseline_list(const struct baseline *baseline, int64_t now_ms,
    struct baseline_names *names);

/* Is the endpoint in the list? */
bool baseline_has(const struct baseline_names *names, const char *endpoint);

void baseline_free(struct baseline *baseline);

#endif
