/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/counted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rows.h"

/*
 * All that counted connects can give, each with its probability: a connect
 * sends a SYN and repeats it once, so it passes at once, or by the repeat, or
 * vanishes; or it is given up before it repeats it. A path loses SYNs one by
 * one, whatever their port, or all those of some connects, as one of several
 * ways that leads nowhere. After ten of each the agent goes on, one by one, for
 * as long as he is unsure.
 */
#define LEAST 10
#define MOST  28 /* among others; and 20 */
#define SYNS  (2 * MOST)
#define PORTS 3 /* that are asked of each of three endpoints */
#define PAIRS 3 /* of these endpoints */
#define NEVER 1e-18

struct path {
	double loses;      /* of the SYNs */
	double dead_flows; /* of the connects */
};

/* How it is counted. */
struct way {
	enum counted_owners owners;
	bool once; /* each connect sends one SYN: a check of several endpoints
		    * alone does it so, not all hours of a day */
};

/* By how many of a port's connects passed, and how many of these by a
 * repeat. */
struct counts {
	double p[MOST + 1][MOST + 1];
};

/* By the counts of the port, those of the control. */
struct both {
	struct counts by[MOST + 1][MOST + 1];
};

struct one {
	double passes, repeats, vanishes;
};

static struct one one_of(const struct path *path, bool once)
{
	double alive = 1 - path->dead_flows;
	struct one one = {.passes = alive * (1 - path->loses)};

	one.repeats = once ? 0 : one.passes * path->loses;
	one.vanishes = 1 - one.passes - one.repeats;
	return one;
}

static void count(
    const struct path *path, bool once, int tries, struct counts *counts)
{
	struct one one = one_of(path, once);
	int n, passed, repeated;

	memset(counts, 0, sizeof(*counts));
	counts->p[0][0] = 1;
	for (n = 0; n < tries; n++)
		for (passed = n + 1; passed >= 0; passed--)
			for (repeated = passed; repeated >= 0; repeated--) {
				double *p = counts->p[passed];

				p[repeated] *= one.vanishes;
				if (passed == 0)
					continue;
				p[repeated] += counts->p[passed - 1][repeated] *
					       one.passes;
				if (repeated > 0)
					p[repeated] += counts->p[passed - 1]
								[repeated - 1] *
						       one.repeats;
			}
}

static void fill(
    struct port_evidence *port, bool once, int tries, int passed, int repeated)
{
	memset(port, 0, sizeof(*port));
	port->tries = tries;
	port->connected = passed;
	port->timeouts = tries - passed;
	port->repeated = repeated;
	port->syns_lost = repeated + (once ? 1 : 2) * (tries - passed);
}

/* One try more of the control, from a state of probability `p`. */
static void add_one(struct counts *to, const struct one *one, double p,
    int passed, int repeated)
{
	to->p[passed][repeated] += p * one->vanishes;
	to->p[passed + 1][repeated] += p * one->passes;
	to->p[passed + 1][repeated + 1] += p * one->repeats;
}

/* The counts that show a throttle, by how many SYNs were answered and lost. */
struct shown {
	double p[MOST + 1][SYNS + 1];
};

struct design {
	const struct path *path, *control;
	const struct way *way;
	struct both now, next;
	int tries;
	struct shown shown; /* where the count has ended */
};

static bool is_among(const struct way *way)
{
	return way->once || way->owners == COUNTED_AT_THREE;
}

static int most_of(const struct way *way)
{
	return is_among(way) ? MOST : 20;
}

/* In this state the count ends, or goes on by one try of each. */
static void look(struct design *design, const int at[4], double p)
{
	struct target_seen target = {0};
	struct port_evidence ports[2];
	struct evidence evidence = {&target, ports, 2};
	bool once = design->way->once;
	struct one one = one_of(design->path, once);
	struct one control = one_of(design->control, once);
	const struct way *way = design->way;
	enum counted_owners unsure = is_among(way) ? COUNTED_AT_THREE
						   : COUNTED_AT_TWO;
	int a = at[0], b = at[1], c = at[2], d = at[3];

	fill(&ports[0], once, design->tries, a, b);
	fill(&ports[1], once, design->tries, c, d);
	ports[0].port = 25;
	ports[1].port = 443;
	if (design->tries == most_of(way) ||
	    !counted_is_unsure(&evidence, &ports[0], unsure)) {
		if (counted_is_throttled(&evidence, &ports[0], way->owners))
			design->shown.p[a][ports[0].syns_lost] += p;
		return;
	}
	add_one(&design->next.by[a][b], &control, p * one.vanishes, c, d);
	add_one(&design->next.by[a + 1][b], &control, p * one.passes, c, d);
	add_one(
	    &design->next.by[a + 1][b + 1], &control, p * one.repeats, c, d);
}

static void look_at_all(struct design *design)
{
	int at[4];
	double p;

	for (at[0] = 0; at[0] <= design->tries; at[0]++)
		for (at[1] = 0; at[1] <= at[0]; at[1]++)
			for (at[2] = 0; at[2] <= design->tries; at[2]++)
				for (at[3] = 0; at[3] <= at[2]; at[3]++) {
					p = design->now.by[at[0]][at[1]]
						.p[at[2]][at[3]];
					if (p > NEVER)
						look(design, at, p);
				}
}

static double sum_of(const struct shown *shown)
{
	double sum = 0;
	int answered, lost;

	for (answered = 0; answered <= MOST; answered++)
		for (lost = 0; lost <= SYNS; lost++)
			sum += shown->p[answered][lost];
	return sum;
}

/* How likely it is that such a count ends with a throttle: all of its ways,
 * added up. */
static double chance_of(const struct path *path, const struct path *control,
    const struct way *way, struct shown *shown)
{
	struct design *design = calloc(1, sizeof(*design));
	struct counts seen, beside;
	int a, b, c, d;

	assert_non_null(design);
	design->path = path;
	design->control = control;
	design->way = way;
	count(path, way->once, LEAST, &seen);
	count(control, way->once, LEAST, &beside);
	for (a = 0; a <= LEAST; a++)
		for (b = 0; b <= a; b++)
			for (c = 0; c <= LEAST; c++)
				for (d = 0; d <= c; d++)
					design->now.by[a][b]
					    .p[c][d] = seen.p[a][b] *
						       beside.p[c][d];
	for (design->tries = LEAST; design->tries <= most_of(way);
	     design->tries++) {
		look_at_all(design);
		design->now = design->next;
		memset(&design->next, 0, sizeof(design->next));
	}
	*shown = design->shown;
	free(design);
	return sum_of(shown);
}

/* Each way in which it is counted. */
static const struct way ways[] = {
    {COUNTED_AT_TWO, false},
    {COUNTED_AT_TWO, true},
    {COUNTED_AT_THREE, false},
    {COUNTED_AT_THREE, true},
};

#define WAYS (sizeof(ways) / sizeof(*ways))

static const struct innocent {
	const char *name;
	struct path path;
	int checks;
	double most;
} innocents[] = {
    {"one packet in ten is lost: no throttle, but once in 100,000 times",
	{.19, 0}, 24, 1e-5},
    {"three SYNs in ten are lost: no throttle, but once in 100,000 checks",
	{.3, 0}, 1, 1e-5},
    {"nearly half of the SYNs are lost", {.45, 0}, 1, 1e-5},
    {"one in ten of all connects goes a way that leads nowhere", {0, .1}, 1,
	1e-5},
    {"one in five does", {0, .2}, 1, 1e-5},
    {"every other one does", {0, .5}, 1, 1e-5},
    {"one in five does, and one packet in twenty is lost", {.1, .2}, 1, 3e-5},
};

/* What two endpoints show, added up; more than that many are none. */
struct pair {
	double p[2 * MOST + 1][2 * SYNS + 1];
};

static void add_up(const struct shown *one, struct pair *pair)
{
	int a, b, c, d;

	memset(pair, 0, sizeof(*pair));
	for (a = 0; a <= MOST; a++)
		for (b = 0; b <= SYNS; b++)
			for (c = 0; c <= MOST && one->p[a][b] > NEVER; c++)
				for (d = 0; d <= SYNS; d++)
					pair->p[a + c][b + d] += one->p[a][b] *
								 one->p[c][d];
}

/* That two endpoints show it together. */
static double at_two(const struct shown *one)
{
	struct counted_sum two = {0}, none = {0};
	const struct counted_sum *const sums[] = {&two, &none};
	struct pair *pair = malloc(sizeof(*pair));
	double sum = 0;

	assert_non_null(pair);
	add_up(one, pair);
	for (two.passed = 0; two.passed <= 2 * MOST; two.passed++)
		for (two.failed = 1; two.failed <= 2 * SYNS; two.failed++)
			if (counted_are_throttled(sums, 2))
				sum += pair->p[two.passed][two.failed];
	free(pair);
	return sum;
}

/* That three do. */
static double at_three(const struct shown *one)
{
	struct counted_sum two = {0}, third = {0}, none = {0};
	const struct counted_sum *const sums[] = {&two, &third, &none};
	struct pair *pair = malloc(sizeof(*pair));
	double sum = 0, p;

	assert_non_null(pair);
	add_up(one, pair);
	for (two.passed = 0; two.passed <= 2 * MOST; two.passed++)
		for (two.failed = 0; two.failed <= 2 * SYNS; two.failed++) {
			p = pair->p[two.passed][two.failed];
			for (third.passed = 0;
			     third.passed <= MOST && p > NEVER; third.passed++)
				for (third.failed = 1; third.failed <= SYNS;
				     third.failed++)
					if (counted_are_throttled(sums, 3))
						sum += p * one->p[third.passed]
								 [third.failed];
		}
	free(pair);
	return sum;
}

/* That as many owners' endpoints show it as must, of three. */
static double at_owners(const struct shown *shown, const struct way *way)
{
	return way->owners == COUNTED_AT_TWO ? PAIRS * at_two(shown)
					     : at_three(shown);
}

static void is_no_throttle(void **state)
{
	const struct innocent *row = *state;
	struct shown shown;
	double one, all;
	int checks;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		one = chance_of(&row->path, &row->path, &ways[i], &shown);
		checks = ways[i].once ? 1 : row->checks;
		all = checks * PORTS * at_owners(&shown, &ways[i]);
		printf("# %.1e at one endpoint, %.1e in %d checks\n", one, all,
		    checks);
		assert_true(one > 0);
		assert_true(all <= row->most);
	}
}

static const struct limit {
	const char *name;
	struct path path;
	double least[WAYS]; /* at all that are asked, together */
} limits[] = {
    {"a limit that passes one SYN in two is found", {.5, 0},
	{.5, .75, .1, .95}},
    {"one SYN in three", {1 - 1. / 3, 0}, {.95, .99, .9, .99}},
    {"one SYN in five", {1 - 1. / 5, 0}, {.99, .99, .99, .99}},
    {"one SYN in ten", {1 - 1. / 10, 0}, {.97, .97, .97, .97}},
    {"one of two uplinks drops the port", {0, .5}, {.7, .75, .9, .95}},
};

static void is_throttle(void **state)
{
	const struct limit *row = *state;
	const struct path open = {0, 0};
	struct counts seen;
	struct shown shown;
	double counted, chance;
	bool two;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		chance_of(&row->path, &open, &ways[i], &shown);
		/* Nothing is counted of which nothing has passed. */
		count(&row->path, ways[i].once, LEAST, &seen);
		counted = 1 - seen.p[0][0];
		two = ways[i].owners == COUNTED_AT_TWO;
		chance = two ? at_two(&shown) : at_three(&shown);
		chance /= counted * counted * (two ? 1 : counted);
		printf("# found in %.3f of the checks\n", chance);
		assert_true(chance >= row->least[i]);
	}
}

/* Only the port goes by a tunnel, which loses packets. */
static const struct tunnel {
	const char *name;
	struct path path;
	double most;
} tunnels[] = {
    {"a tunnel for the port alone loses one packet in ten", {.19, 0}, 1e-3},
    {"fifteen packets in a hundred", {.28, 0}, .05},
};

static void is_a_tunnel(void **state)
{
	const struct tunnel *row = *state;
	const struct path open = {0, 0};
	struct shown shown;
	double all;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		chance_of(&row->path, &open, &ways[i], &shown);
		all = at_owners(&shown, &ways[i]);
		printf("# %.1e in a check\n", all);
		assert_true(all <= row->most);
	}
}

static void exact(void **state)
{
	(void)state;
	assert_true(counted_chance(0, 0, 0, 0) == 1);
	assert_true(counted_chance(5, 0, 5, 0) == 1);
	/* 3 of 10 and 10 of 10: C(13, 3) / C(20, 10). */
	assert_true(counted_chance(3, 7, 10, 0) > 286 / 184756. - 1e-9);
	assert_true(counted_chance(3, 7, 10, 0) < 286 / 184756. + 1e-9);
	/* Of 2 and 2, one each or fewer: 1/6 + 4/6. */
	assert_true(counted_chance(1, 1, 1, 1) > 5 / 6. - 1e-9);
	assert_true(counted_chance(1, 1, 1, 1) < 5 / 6. + 1e-9);
	/* The better one of two is never the less likely one. */
	assert_true(counted_chance(10, 0, 3, 7) > 1 - 1e-9);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "the test is exact", exact);
	TEST_ROWS(&list, innocents, is_no_throttle);
	TEST_ROWS(&list, limits, is_throttle);
	TEST_ROWS(&list, tunnels, is_a_tunnel);
	return test_run("counted", &list);
}
