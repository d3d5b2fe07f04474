/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/stories/stories.h"

#include <math.h>

/* The lines of one prefix. A factor that all stories share is left out: each
 * line's chances are divided by the greater of the two. */
struct prefix_product {
	struct scaled open, blocked;
	struct scaled mixed[MODEL_SHARES];
};

void stories_init(struct stories *stories)
{
	int i;

	stories->open = stories->filtered = scaled_one;
	for (i = 0; i < MODEL_SHARES; i++)
		stories->by_prefix[i] = stories->by_line[i] = scaled_one;
}

static double weighed(double chance, double weight)
{
	return weight == 1 ? chance : pow(chance, weight);
}

static void multiply_line(
    struct prefix_product *product, const struct story_line *line)
{
	double most = line->if_open > line->if_blocked ? line->if_open
						       : line->if_blocked;
	double open = line->if_open / most, blocked = line->if_blocked / most;
	double t;
	int i;

	scaled_multiply(&product->open, weighed(open, line->weight));
	scaled_multiply(&product->blocked, weighed(blocked, line->weight));
	for (i = 0; i < MODEL_SHARES; i++) {
		t = model_shares[i];
		scaled_multiply(&product->mixed[i],
		    weighed(t * blocked + (1 - t) * open, line->weight));
	}
}

static void init_product(struct prefix_product *product)
{
	int i;

	product->open = product->blocked = scaled_one;
	for (i = 0; i < MODEL_SHARES; i++)
		product->mixed[i] = scaled_one;
}

void stories_add(
    struct stories *stories, const struct story_line *lines, size_t count)
{
	const double captured = MODEL_CAPTURED;
	struct prefix_product product;
	struct scaled open, blocked, mixed;
	size_t i;
	int j;

	init_product(&product);
	for (i = 0; i < count; i++)
		multiply_line(&product, &lines[i]);
	open = scaled_mix(
	    1 - captured, &product.open, captured, &product.blocked);
	blocked = scaled_mix(
	    1 - captured, &product.blocked, captured, &product.open);
	scaled_multiply_scaled(&stories->open, &open);
	scaled_multiply_scaled(&stories->filtered, &blocked);
	for (j = 0; j < MODEL_SHARES; j++) {
		mixed = scaled_mix(
		    1 - model_shares[j], &open, model_shares[j], &blocked);
		scaled_multiply_scaled(&stories->by_prefix[j], &mixed);
		mixed = scaled_mix(1 - captured, &product.mixed[j], captured,
		    scaled_max(&product.open, &product.blocked));
		scaled_multiply_scaled(&stories->by_line[j], &mixed);
	}
}

static int64_t least_steps(const struct stories *stories)
{
	int64_t least = stories->open.steps;
	int i;

	if (stories->filtered.steps < least)
		least = stories->filtered.steps;
	for (i = 0; i < MODEL_SHARES; i++) {
		if (stories->by_prefix[i].steps < least)
			least = stories->by_prefix[i].steps;
		if (stories->by_line[i].steps < least)
			least = stories->by_line[i].steps;
	}
	return least;
}

static double sum_shares(
    const struct scaled shares[MODEL_SHARES], int64_t steps)
{
	double sum = 0;
	int i;

	for (i = 0; i < MODEL_SHARES; i++)
		sum += model_share_priors[i] * scaled_to(&shares[i], steps);
	return sum;
}

void stories_weigh(const struct stories *stories, struct posterior *posterior)
{
	int64_t steps = least_steps(stories);
	double open = MODEL_OPEN * scaled_to(&stories->open, steps);
	double filtered = MODEL_FILTERED * scaled_to(&stories->filtered, steps);
	double by_prefix = MODEL_BY_PREFIX *
			   sum_shares(stories->by_prefix, steps);
	double by_line = MODEL_BY_LINE * sum_shares(stories->by_line, steps);
	double all = open + filtered + by_prefix + by_line;

	posterior->open = open / all;
	posterior->filtered = filtered / all;
	posterior->by_prefix = by_prefix / all;
	posterior->by_line = by_line / all;
}

double posterior_part(const struct posterior *posterior)
{
	return posterior->by_prefix + posterior->by_line;
}
