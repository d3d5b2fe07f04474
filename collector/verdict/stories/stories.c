/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/stories/stories.h"

#include <math.h>

/* The lines of one prefix. A factor that all stories share is left out: each
 * line's chances are divided by the greater of the two. */
struct prefix_product {
	struct scaled open, blocked;
	struct stories_shares mixed;
};

/* --- a number for each share --- */

/* Loops over all shares without a branch, for which there are instructions that
 * do several at once. */

static void set_one(struct stories_shares *shares)
{
	int i;

	for (i = 0; i < MODEL_SHARES; i++) {
		shares->values[i] = 1;
		shares->steps[i] = 0;
	}
}

static bool is_any_small(const struct stories_shares *shares)
{
	int i, small = 0;

	for (i = 0; i < MODEL_SHARES; i++)
		small |= shares->values[i] < SCALED_DOWN;
	return small != 0;
}

static struct scaled share_at(const struct stories_shares *shares, int i)
{
	return (struct scaled){shares->values[i], shares->steps[i]};
}

static void put_share(
    struct stories_shares *shares, int i, const struct scaled *number)
{
	shares->values[i] = number->value;
	shares->steps[i] = number->steps;
}

static void raise_small(struct stories_shares *shares)
{
	struct scaled number;
	int i;

	for (i = 0; i < MODEL_SHARES; i++) {
		number = share_at(shares, i);
		scaled_raise(&number);
		put_share(shares, i, &number);
	}
}

static void multiply(
    struct stories_shares *product, const double by[MODEL_SHARES])
{
	int i;

	for (i = 0; i < MODEL_SHARES; i++)
		product->values[i] *= by[i];
	if (is_any_small(product))
		raise_small(product);
}

static void multiply_shares(
    struct stories_shares *product, const struct stories_shares *by)
{
	int i;

	for (i = 0; i < MODEL_SHARES; i++)
		product->steps[i] += by->steps[i];
	multiply(product, by->values);
}

/* --- lines --- */

void stories_init(struct stories *stories)
{
	stories->open = stories->filtered = scaled_one;
	set_one(&stories->by_prefix);
	set_one(&stories->by_line);
}

static double weighed(double chance, double weight)
{
	return weight == 1 ? chance : pow(chance, weight);
}

static void multiply_line(struct prefix_product *product,
    const struct story_line *line, bool is_first)
{
	double most = line->if_open > line->if_blocked ? line->if_open
						       : line->if_blocked;
	double open = line->if_open / most, blocked = line->if_blocked / most;
	double own[MODEL_SHARES];
	double *chances = is_first ? product->mixed.values : own;
	int i;

	scaled_multiply(&product->open, weighed(open, line->weight));
	scaled_multiply(&product->blocked, weighed(blocked, line->weight));
	for (i = 0; i < MODEL_SHARES; i++)
		chances[i] = model_shares[i] * blocked +
			     (1 - model_shares[i]) * open;
	if (line->weight != 1)
		for (i = 0; i < MODEL_SHARES; i++)
			chances[i] = pow(chances[i], line->weight);
	if (!is_first)
		multiply(&product->mixed, chances);
	else if (is_any_small(&product->mixed))
		raise_small(&product->mixed);
}

/* --- prefixes --- */

/* The share of prefixes is filtered, and this is one of them, or not. */
static void mix_prefix(const struct scaled *open, const struct scaled *blocked,
    struct stories_shares *mixed)
{
	struct scaled number;
	int i;

	for (i = 0; i < MODEL_SHARES; i++) {
		mixed->values[i] = (1 - model_shares[i]) * open->value +
				   model_shares[i] * blocked->value;
		mixed->steps[i] = open->steps;
	}
	if (open->steps == blocked->steps && !is_any_small(mixed))
		return;
	for (i = 0; i < MODEL_SHARES; i++) {
		number = scaled_mix(
		    1 - model_shares[i], open, model_shares[i], blocked);
		put_share(mixed, i, &number);
	}
}

/* The share of lines is filtered, or the prefix is wrong as a whole. */
static void mix_lines(const struct prefix_product *product,
    const struct scaled *most, struct stories_shares *mixed)
{
	const double captured = MODEL_CAPTURED;
	struct scaled number;
	int i, differ = 0;

	for (i = 0; i < MODEL_SHARES; i++) {
		mixed->values[i] = (1 - captured) * product->mixed.values[i] +
				   captured * most->value;
		mixed->steps[i] = most->steps;
		differ |= product->mixed.steps[i] != most->steps;
	}
	if (!differ && !is_any_small(mixed))
		return;
	for (i = 0; i < MODEL_SHARES; i++) {
		number = share_at(&product->mixed, i);
		number = scaled_mix(1 - captured, &number, captured, most);
		put_share(mixed, i, &number);
	}
}

void stories_add(
    struct stories *stories, const struct story_line *lines, size_t count)
{
	const double captured = MODEL_CAPTURED;
	struct prefix_product product = {
	    .open = scaled_one, .blocked = scaled_one};
	struct stories_shares mixed;
	struct scaled open, blocked;
	size_t i;

	set_one(&product.mixed);
	for (i = 0; i < count; i++)
		multiply_line(&product, &lines[i], i == 0);
	open = scaled_mix(
	    1 - captured, &product.open, captured, &product.blocked);
	blocked = scaled_mix(
	    1 - captured, &product.blocked, captured, &product.open);
	scaled_multiply_scaled(&stories->open, &open);
	scaled_multiply_scaled(&stories->filtered, &blocked);
	mix_prefix(&open, &blocked, &mixed);
	multiply_shares(&stories->by_prefix, &mixed);
	mix_lines(
	    &product, scaled_max(&product.open, &product.blocked), &mixed);
	multiply_shares(&stories->by_line, &mixed);
}

/* --- all of them --- */

static int64_t least_steps(const struct stories *stories)
{
	int64_t least = stories->open.steps;
	int i;

	if (stories->filtered.steps < least)
		least = stories->filtered.steps;
	for (i = 0; i < MODEL_SHARES; i++) {
		if (stories->by_prefix.steps[i] < least)
			least = stories->by_prefix.steps[i];
		if (stories->by_line.steps[i] < least)
			least = stories->by_line.steps[i];
	}
	return least;
}

static double sum_shares(const struct stories_shares *shares, int64_t steps)
{
	struct scaled number;
	double sum = 0;
	int i;

	for (i = 0; i < MODEL_SHARES; i++) {
		number = share_at(shares, i);
		sum += model_share_priors[i] * scaled_to(&number, steps);
	}
	return sum;
}

void stories_weigh(const struct stories *stories, struct posterior *posterior)
{
	int64_t steps = least_steps(stories);
	double open = MODEL_OPEN * scaled_to(&stories->open, steps);
	double filtered = MODEL_FILTERED * scaled_to(&stories->filtered, steps);
	double by_prefix = MODEL_BY_PREFIX *
			   sum_shares(&stories->by_prefix, steps);
	double by_line = MODEL_BY_LINE * sum_shares(&stories->by_line, steps);
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
