/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/share.h"

#include <math.h>

#define CELLS 50
#define SLACK 1e-12 /* a point on the edge of two cells is in the first */

/* The chance of all lines at each share, at some scale. */
struct chances {
	double values[CELLS];
	int64_t steps[CELLS];
};

/* Bring those that fell under the least back. */
static void raise_small(struct chances *chances)
{
	struct scaled number;
	int i;

	for (i = 0; i < CELLS; i++) {
		number = (struct scaled){chances->values[i], chances->steps[i]};
		scaled_raise(&number);
		chances->values[i] = number.value;
		chances->steps[i] = number.steps;
	}
}

/* Loops over all cells without a branch, for which there are instructions that
 * do several at once. */
static void multiply_line(
    struct chances *chances, const struct story_line *line)
{
	double most = line->if_open > line->if_blocked ? line->if_open
						       : line->if_blocked;
	double share, at[CELLS];
	int i, small = 0;

	for (i = 0; i < CELLS; i++) {
		share = (i + .5) / CELLS;
		at[i] = (share * line->if_blocked +
			    (1 - share) * line->if_open) /
			most;
	}
	if (line->weight != 1)
		for (i = 0; i < CELLS; i++)
			at[i] = pow(at[i], line->weight);
	for (i = 0; i < CELLS; i++) {
		chances->values[i] *= at[i];
		small |= chances->values[i] < SCALED_DOWN;
	}
	if (small != 0)
		raise_small(chances);
}

static void weigh_lines(
    const struct story_line *lines, size_t count, double mass[CELLS])
{
	struct chances chances;
	int64_t steps = INT64_MAX;
	size_t i;

	for (i = 0; i < CELLS; i++) {
		chances.values[i] = 1;
		chances.steps[i] = 0;
	}
	for (i = 0; i < count; i++)
		multiply_line(&chances, &lines[i]);
	for (i = 0; i < CELLS; i++)
		if (chances.steps[i] < steps)
			steps = chances.steps[i];
	for (i = 0; i < CELLS; i++) {
		const struct scaled number = {
		    chances.values[i], chances.steps[i]};

		mass[i] = scaled_to(&number, steps);
	}
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
	double mass[CELLS], sum = 0;
	int i;

	if (count == 0)
		return (struct share){0, .5, 1};
	weigh_lines(lines, count, mass);
	for (i = 0; i < CELLS; i++)
		sum += mass[i];
	return (struct share){
	    .low = (double)cell_at(mass, sum, .05) / CELLS,
	    .mid = (cell_at(mass, sum, .5) + .5) / CELLS,
	    .high = (cell_at(mass, sum, .95) + 1.0) / CELLS,
	};
}
