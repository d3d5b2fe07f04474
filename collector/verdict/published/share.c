/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/share.h"

#include <math.h>

#define CELLS 50
#define SLACK 1e-12 /* a point on the edge of two cells is in the first */

/* The chance of all lines where that share is blocked, at some scale. */
static struct scaled chance_of(
    const struct story_line *lines, size_t count, double share)
{
	struct scaled product = scaled_one;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct story_line *line = &lines[i];
		double most = fmax(line->if_open, line->if_blocked);
		double chance = (share * line->if_blocked +
				    (1 - share) * line->if_open) /
				most;

		scaled_multiply(&product,
		    line->weight == 1 ? chance : pow(chance, line->weight));
	}
	return product;
}

/* The cell in which the distribution reaches `part` of its mass. */
static int cell_at(const double mass[CELLS], double sum, double part)
{
	double reached = 0;
	int i;

	for (i = 0; i < CELLS - 1; i++) {
		reached += mass[i] / sum;
		if (reached >= part - SLACK)
			break;
	}
	return i;
}

struct share share_of(const struct story_line *lines, size_t count)
{
	struct scaled chances[CELLS];
	double mass[CELLS], sum = 0;
	int64_t steps = INT64_MAX;
	int i;

	if (count == 0)
		return (struct share){0, .5, 1};
	for (i = 0; i < CELLS; i++) {
		chances[i] = chance_of(lines, count, (i + .5) / CELLS);
		if (chances[i].steps < steps)
			steps = chances[i].steps;
	}
	for (i = 0; i < CELLS; i++)
		sum += mass[i] = scaled_to(&chances[i], steps);
	return (struct share){
	    .low = (double)cell_at(mass, sum, .05) / CELLS,
	    .mid = (cell_at(mass, sum, .5) + .5) / CELLS,
	    .high = (cell_at(mass, sum, .95) + 1.0) / CELLS,
	};
}
