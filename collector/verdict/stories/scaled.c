/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/stories/scaled.h"

#include <stdbool.h>

#define UP   0x1p+256
#define DOWN 0x1p-256

static void rescale(struct scaled *number)
{
	while (number->value < DOWN && number->value > 0) {
		number->value *= UP;
		number->steps++;
	}
}

void scaled_multiply(struct scaled *product, double factor)
{
	product->value *= factor;
	rescale(product);
}

void scaled_multiply_scaled(struct scaled *product, const struct scaled *by)
{
	product->steps += by->steps;
	scaled_multiply(product, by->value);
}

double scaled_to(const struct scaled *number, int64_t steps)
{
	int64_t below = number->steps - steps;

	if (below == 0)
		return number->value;
	/* What is 2^-256 below the other one is nothing beside it. */
	return below == 1 ? number->value * DOWN : 0;
}

struct scaled scaled_mix(
    double x, const struct scaled *a, double y, const struct scaled *b)
{
	int64_t steps = a->steps < b->steps ? a->steps : b->steps;
	struct scaled sum = {
	    x * scaled_to(a, steps) + y * scaled_to(b, steps), steps};

	rescale(&sum);
	return sum;
}

const struct scaled *scaled_max(const struct scaled *a, const struct scaled *b)
{
	bool is_a = a->steps != b->steps ? a->steps < b->steps
					 : a->value >= b->value;

	return is_a ? a : b;
}
