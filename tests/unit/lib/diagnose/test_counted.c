/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/counted.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

/*
 * All that counted connects can give, each with its probability: a connect
 * sends a SYN and repeats it once, so it passes at once, or by the repeat, or
 * vanishes. A path loses SYNs one by one, whatever their port, or all those of
 * some connects, as one of several ways that leads nowhere.
 */
#define LEAST 10
#define MOST  20
#define STEP  5
#define PORTS 3 /* that are asked of each of three endpoints */
#define PAIRS 3 /* of these endpoints */

struct path {
	double loses;      /* of the SYNs */
	double dead_flows; /* of the connects */
};

/* By how many passed, and how many of these by a repeat. */
struct counts {
	double p[MOST + 1][MOST + 1];
};

static void count(const struct path *path, int tries, struct counts *counts)
{
	double alive = 1 - path->dead_flows, pass = alive * (1 - path->loses);
	double repeat = pass * path->loses, vanish = 1 - pass - repeat;
	int n, passed, repeated;

	memset(counts, 0, sizeof(*counts));
	counts->p[0][0] = 1;
	for (n = 0; n < tries; n++)
		for (passed = n + 1; passed >= 0; passed--)
			for (repeated = passed; repeated >= 0; repeated--) {
				double *p = counts->p[passed];

				p[repeated] *= vanish;
				if (passed == 0)
					continue;
				p[repeated] += counts->p[passed - 1][repeated] *
					       pass;
				if (repeated > 0)
					p[repeated] += counts->p[passed - 1]
								[repeated - 1] *
						       repeat;
			}
}

static void fill(
    struct port_evidence *port, int tries, int passed, int repeated)
{
	memset(port, 0, sizeof(*port));
	port->tries = tries;
	port->connected = passed;
	port->timeouts = tries - passed;
	port->repeated = repeated;
	port->syns_lost = repeated + 2 * (tries - passed);
}

/* How likely it is that so many tries of the port and the control show a
 * throttle. */
static double chance_of(
    const struct path *path, const struct path *control_path, int tries)
{
	struct target_seen target = {0};
	struct port_evidence ports[2];
	struct evidence evidence = {&target, ports, 2};
	struct counts seen, control;
	double sum = 0;
	int a, b, c, d;

	count(path, tries, &seen);
	count(control_path, tries, &control);
	for (a = 0; a <= tries; a++)
		for (b = 0; b <= a; b++)
			for (c = 0; c <= tries; c++)
				for (d = 0; d <= c; d++) {
					fill(&ports[0], tries, a, b);
					fill(&ports[1], tries, c, d);
					ports[0].port = 25;
					ports[1].port = 443;
					if (counted_is_throttled(
						&evidence, &ports[0]))
						sum += seen.p[a][b] *
						       control.p[c][d];
				}
	return sum;
}

/* An upper bound, for whoever counts on as long as he is unsure. */
static double chance_at_one(const struct path *path)
{
	double sum = 0;
	int tries;

	for (tries = LEAST; tries <= MOST; tries += STEP)
		sum += chance_of(path, path, tries);
	return sum;
}

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

static void is_no_throttle(void **state)
{
	const struct innocent *row = *state;
	double one = chance_at_one(&row->path);
	double all = row->checks * PORTS * PAIRS * one * one;

	printf("# %.1e at one endpoint, %.1e in %d checks\n", one, all,
	    row->checks);
	assert_true(one > 0);
	assert_true(all <= row->most);
}

static const struct limit {
	const char *name;
	struct path path;
	double least;
} limits[] = {
    {"a limit that passes one SYN in two is found", {.5, 0}, .7},
    {"one SYN in three", {1 - 1. / 3, 0}, .95},
    {"one SYN in five", {1 - 1. / 5, 0}, .99},
    {"one SYN in ten", {1 - 1. / 10, 0}, .97},
    {"one of two uplinks drops the port", {0, .5}, .85},
};

static void is_throttle(void **state)
{
	const struct limit *row = *state;
	const struct path open = {0, 0};
	double chance = chance_of(&row->path, &open, MOST);

	printf("# found at %.3f of the endpoints\n", chance);
	assert_true(chance >= row->least);
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
	return test_run("counted", &list);
}
