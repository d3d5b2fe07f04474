/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/stories/scaled.h"

#define UP   0x1p+256
#define DOWN SCALED_DOWN

void scaled_raise(struct scaled *number)
{
	while (number->value < DOWN && number->value > 0) {
		number->value *= UP;
		number->steps++;
	}
}

double scaled_to(const struct scaled *number, int64_t steps)
{
	int64_t below = number->steps - steps;

	if (below == 0)
		return number->value;
	/* What is 2^-256 below the other one is nothing beside it. */
	return below == 1 ? number->value * DOWN : 0;
}
