/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_STORIES_SCALED_H
#define EGRESS25_COLLECTOR_VERDICT_STORIES_SCALED_H

/*
 * Products of very many chances (doc/verdict.md, section 7): a number from 0
 * to 1 that never becomes too small, as it is multiplied by 2^256, and that
 * counted, whenever it falls under 2^-256. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

struct scaled {
	double value; /* what it stands for is value * 2^(-256 * steps) */
	int64_t steps;
};

static const struct scaled scaled_one = {1, 0};

#define SCALED_DOWN 0x1p-256

/* Bring a number that fell under 2^-256 back; scaled_multiply() does. */
void scaled_raise(struct scaled *number);

/* product *= factor. */
static inline void scaled_multiply(struct scaled *product, double factor)
{
	product->value *= factor;
	if (product->value < SCALED_DOWN)
		scaled_raise(product);
}

static inline void scaled_multiply_scaled(
    struct scaled *product, const struct scaled *by)
{
	product->steps += by->steps;
	scaled_multiply(product, by->value);
}

/* `number` in units of 2^(-256 * steps), at most its own steps. */
static inline double scaled_to(const struct scaled *number, int64_t steps)
{
	int64_t below = number->steps - steps;

	if (below == 0)
		return number->value;
	/* What is 2^-256 below the other one is nothing beside it. */
	return below == 1 ? number->value * SCALED_DOWN : 0;
}

/* x * a + y * b, of which at least one is more than 0. */
static inline struct scaled scaled_mix(
    double x, const struct scaled *a, double y, const struct scaled *b)
{
	int64_t steps = a->steps < b->steps ? a->steps : b->steps;
	struct scaled sum = {0, steps};

	sum.value = a->steps == b->steps
			? x * a->value + y * b->value
			: x * scaled_to(a, steps) + y * scaled_to(b, steps);
	if (sum.value < SCALED_DOWN)
		scaled_raise(&sum);
	return sum;
}

/* The greater of two. */
static inline const struct scaled *scaled_max(
    const struct scaled *a, const struct scaled *b)
{
	bool is_a = a->steps != b->steps ? a->steps < b->steps
					 : a->value >= b->value;

	return is_a ? a : b;
}

#endif
