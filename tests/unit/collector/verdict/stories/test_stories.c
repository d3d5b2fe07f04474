/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/stories/stories.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rows.h"

#define LINES_MAX    2000
#define PREFIXES_MAX 64
#define NEAR         1e-12

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

/* --- the same in logarithms, as doc/verdict.md has it --- */

struct logs {
	double open, filtered;
	double by_prefix[MODEL_SHARES], by_line[MODEL_SHARES];
};

/* log(x e^a + y e^b) */
static double mix(double x, double a, double y, double b)
{
	double most = fmax(a, b);

	return most + log(x * exp(a - most) + y * exp(b - most));
}

static void add_logs(
    struct logs *logs, const struct story_line *lines, size_t count)
{
	double a = 0, b = 0, open, blocked, shares[MODEL_SHARES] = {0};
	size_t i;
	int j;

	for (i = 0; i < count; i++) {
		a += lines[i].weight * log(lines[i].if_open);
		b += lines[i].weight * log(lines[i].if_blocked);
		for (j = 0; j < MODEL_SHARES; j++)
			shares[j] += lines[i].weight *
				     log(model_shares[j] * lines[i].if_blocked +
					 (1 - model_shares[j]) *
					     lines[i].if_open);
	}
	open = mix(1 - MODEL_CAPTURED, a, MODEL_CAPTURED, b);
	blocked = mix(1 - MODEL_CAPTURED, b, MODEL_CAPTURED, a);
	logs->open += open;
	logs->filtered += blocked;
	for (j = 0; j < MODEL_SHARES; j++) {
		logs->by_prefix[j] += mix(
		    1 - model_shares[j], open, model_shares[j], blocked);
		logs->by_line[j] += mix(
		    1 - MODEL_CAPTURED, shares[j], MODEL_CAPTURED, fmax(a, b));
	}
}

static void weigh_logs(const struct logs *logs, struct posterior *posterior)
{
	double most = fmax(logs->open, logs->filtered), all;
	int j;

	for (j = 0; j < MODEL_SHARES; j++)
		most = fmax(most, fmax(logs->by_prefix[j], logs->by_line[j]));
	posterior->open = MODEL_OPEN * exp(logs->open - most);
	posterior->filtered = MODEL_FILTERED * exp(logs->filtered - most);
	posterior->by_prefix = posterior->by_line = 0;
	for (j = 0; j < MODEL_SHARES; j++) {
		posterior->by_prefix += MODEL_BY_PREFIX *
					model_share_priors[j] *
					exp(logs->by_prefix[j] - most);
		posterior->by_line += MODEL_BY_LINE * model_share_priors[j] *
				      exp(logs->by_line[j] - most);
	}
	all = posterior->open + posterior->filtered + posterior->by_prefix +
	      posterior->by_line;
	posterior->open /= all;
	posterior->filtered /= all;
	posterior->by_prefix /= all;
	posterior->by_line /= all;
}

/* --- drawn lines --- */

static void draw_line(uint32_t *seed, uint32_t share, struct story_line *line)
{
	static const double wrong[] = {.03, .05, .07, .10, .5};
	double r = wrong[draw(seed, 5)];
	double p = draw(seed, 100) < share ? 1 - 1e-9 * (1 + draw(seed, 1000))
					   : 1e-3 * (1 + draw(seed, 990));

	line->weight = 1.0 / (1 + draw(seed, 3));
	line->if_open = (1 - r) * (1 - p) + r * p;
	line->if_blocked = MODEL_EXEMPT * (1 - p) + (1 - MODEL_EXEMPT) * p;
}

/* The greatest difference between both ways. */
static double compare_drawn(uint32_t *seed)
{
	static const uint32_t counts[] = {1, 3, 10, 60, LINES_MAX};
	static struct story_line lines[LINES_MAX];
	uint32_t count = counts[draw(seed, 5)], share = draw(seed, 101);
	uint32_t i, from, prefixes = 1 + draw(seed, PREFIXES_MAX);
	struct posterior posterior, expected;
	struct stories stories;
	struct logs logs;

	memset(&logs, 0, sizeof(logs));
	stories_init(&stories);
	for (i = 0; i < count; i++)
		draw_line(seed, share, &lines[i]);
	for (i = 0; i < prefixes; i++) {
		from = (uint32_t)((uint64_t)count * i / prefixes);
		stories_add(&stories, lines + from,
		    (uint32_t)((uint64_t)count * (i + 1) / prefixes) - from);
		add_logs(&logs, lines + from,
		    (uint32_t)((uint64_t)count * (i + 1) / prefixes) - from);
	}
	stories_weigh(&stories, &posterior);
	weigh_logs(&logs, &expected);
	return fmax(fmax(fabs(posterior.open - expected.open),
			fabs(posterior.filtered - expected.filtered)),
	    fmax(fabs(posterior.by_prefix - expected.by_prefix),
		fabs(posterior.by_line - expected.by_line)));
}

static void products(void **state)
{
	uint32_t seed = 1;
	int i;

	for (i = 0; i < 400; i++)
		assert_true(compare_drawn(&seed) < NEAR);
}

/* --- single cases --- */

static void weigh(const struct story_line *line, int lines, int prefixes,
    struct posterior *posterior)
{
	struct story_line all[LINES_MAX];
	struct stories stories;
	int i;

	for (i = 0; i < lines; i++)
		all[i] = *line;
	stories_init(&stories);
	for (i = 0; i < prefixes; i++)
		stories_add(&stories, all, (size_t)lines);
	stories_weigh(&stories, posterior);
}

static const struct story_line blocked = {
    .weight = 1, .if_open = .03, .if_blocked = .94};

static void no_line(void **state)
{
	struct posterior posterior;

	weigh(&blocked, 0, 0, &posterior);
	assert_true(fabs(posterior.open - MODEL_OPEN) < NEAR);
	assert_true(fabs(posterior.filtered - MODEL_FILTERED) < NEAR);
	assert_true(fabs(posterior_part(&posterior) - .10) < NEAR);
}

/* However many agents: a factor of (1 - .02) / .02. */
static void one_prefix(void **state)
{
	struct posterior posterior;

	weigh(&blocked, 1500, 1, &posterior);
	assert_true(posterior.open > .03);
	assert_true(fabs(posterior.filtered / posterior.open -
			 MODEL_FILTERED / MODEL_OPEN * 49) < 1e-9);
}

static void many_prefixes(void **state)
{
	struct posterior posterior;

	weigh(&blocked, 2, 1000, &posterior);
	assert_true(posterior.open >= 0 && posterior.open < 1e-300);
	assert_true(posterior.filtered > .9 && posterior.filtered <= 1);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "products and logarithms agree, up to 2,000 lines",
	    products);
	test_add(&list, "no line leaves the stories as they were", no_line);
	test_add(
	    &list, "one prefix counts for a factor of 49 at most", one_prefix);
	test_add(&list, "a thousand prefixes leave numbers that are numbers",
	    many_prefixes);
	return test_run("stories", &list);
}
