/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_STORIES_SCALED_H
#define EGRESS25_COLLECTOR_VERDICT_STORIES_SCALED_H

/*
 * Products of very many chances (doc/verdict.md, section 7): a number from 0
 * to 1 that never becomes too small, as it is multiplied by 2^256, and that
 * counted, whenever it falls under 2^-256. Pure.
 */

#include <stdint.h>

struct scaled {
	double value; /* what it stands for is value * 2^(-256 * steps) */
	int64_t steps;
};

static const struct scaled scaled_one = {1, 0};

/* product *= factor. */
void scaled_multiply(struct scaled *product, double factor);
void scaled_multiply_scaled(struct scaled *product, const struct scaled *by);

/* x * a + y * b, of which at least one is more than 0. */
struct scaled scaled_mix(
    double x, const struct scaled *a, double y, const struct scaled *b);

/* The greater of two. */
const struct scaled *scaled_max(const struct scaled *a, const struct scaled *b);

/* `number` in units of 2^(-256 * steps), at most its own steps. */
double scaled_to(const struct scaled *number, int64_t steps);

#endif
