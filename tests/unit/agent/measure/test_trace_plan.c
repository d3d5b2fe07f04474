/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/trace_plan.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

/*
 * A simulated path, a letter a TTL: h a hop, s the far side's SYN-ACK, r its
 * RST, i an ICMP error; '.' silence. A digit before a letter: only the try of
 * that number is answered. The last letter stands for all TTLs behind it.
 */
static const struct row {
	const char *name;
	const char *path;
	int rtt_ms; /* of hop 1; a hop farther takes a tenth more */
	int min_ttl, max_ttl, silent_max;
	const char *expected; /* hops as letters, '-' a silent one; " s@4" */
	int syns;             /* at most */
	int beyond;           /* SYNs beyond the answer, at most */
	int ms;               /* at most, for all of it */
} rows[] = {
    {"a path that answers everywhere", "hhhs", 5, 1, 30, 30, "hhh s@4", 6, 2,
	100},
    {"the far side stops the SYNs behind it on a slow path", "hhhhhhs", 200, 1,
	30, 30, "hhhhhh s@7", 18, 11, 1500},
    {"a refusal is an answer", "hhhr", 5, 1, 30, 30, "hhh r@4", 6, 2, 100},
    {"an ICMP error is an answer that does not reach", "hhi", 5, 1, 30, 30,
	"hh i@3", 6, 2, 100},
    {"a path of 30 silent hops takes three seconds at most", ".", 5, 1, 30, 30,
	"------------------------------", 90, 0, 3000},
    {"a path that breaks off", "hhh.", 5, 1, 30, 30,
	"hhh---------------------------", 90, 0, 3000},
    {"a path that breaks off is not followed past the control", "hhh.", 5, 1, 7,
	30, "hhh----", 15, 0, 2400},
    {"silence of a few hops ends it where that is wanted", "hh.", 5, 1, 30, 4,
	"hh----", 14, 0, 2400},
    {"a silent hop in the middle is asked three times", "h.hs", 5, 1, 30, 30,
	"h-h s@4", 8, 2, 2400},
    {"a lost reply is asked for again", "h2hhs", 5, 1, 30, 30, "hhh s@4", 7, 2,
	1000},
    {"two lost replies are asked for again", "h3h2hs", 5, 1, 30, 30, "hhh s@4",
	9, 2, 2400},
    {"a lost answer nearer than the first one seen counts", "hh2ss", 5, 1, 30,
	30, "hh s@3", 7, 3, 1000},
    {"a silent hop just before the answer is asked eight times", "hh.s", 5, 1,
	30, 30, "hh- s@4", 13, 2, 3000},
    {"an answer that was lost three times is found at its distance", "hh4ss", 5,
	1, 30, 30, "hh s@3", 9, 3, 2400},
    {"one hop: the host answers itself", "s", 0, 1, 30, 30, " s@1", 3, 2, 100},
    {"one TTL alone, and its hop", "hhhs", 5, 3, 3, 30, "h", 1, 0, 100},
    {"one TTL alone, and an answer where none should be", "hhss", 5, 3, 3, 30,
	" s@3", 1, 0, 100},
    {"more than thirty hops are never asked for", "h", 5, 1, 99, 30,
	"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhh", 30, 0, 1000},
};

struct world {
	const struct row *row;
	char letter[OBSERVE_HOPS_MAX + 1];
	int on_try[OBSERVE_HOPS_MAX + 1]; /* 0: on every one */
	int tries[OBSERVE_HOPS_MAX + 1];
	int64_t replies_us[OBSERVE_HOPS_MAX + 1]; /* 0: none is coming */
	int64_t now_us;
	int syns, beyond;
};

static void read_world(struct world *world, const struct row *row)
{
	const char *at = row->path;
	int ttl;

	memset(world, 0, sizeof(*world));
	world->row = row;
	world->now_us = 1000;
	for (ttl = 1; ttl <= OBSERVE_HOPS_MAX; ttl++) {
		if (*at >= '0' && *at <= '9')
			world->on_try[ttl] = *at++ - '0';
		world->letter[ttl] = *at;
		if (at[1] != '\0')
			at++;
	}
}

static int answer_of(const struct world *world)
{
	int ttl;

	for (ttl = 1; ttl <= OBSERVE_HOPS_MAX; ttl++)
		if (strchr("sri", world->letter[ttl]) != NULL)
			return ttl;
	return OBSERVE_HOPS_MAX + 1;
}

static void ask(struct world *world, int ttl)
{
	int64_t rtt_us = world->row->rtt_ms * 1000;

	world->tries[ttl]++;
	world->syns++;
	world->beyond += ttl > answer_of(world);
	world->replies_us[ttl] = 0;
	if (world->letter[ttl] != '.' &&
	    (world->on_try[ttl] == 0 ||
		world->on_try[ttl] == world->tries[ttl]))
		world->replies_us[ttl] = world->now_us + rtt_us +
					 rtt_us * (ttl - 1) / 10;
}

static void reply(struct world *world, struct trace_plan *plan, int ttl)
{
	static const char letters[] = "hsri";
	struct addr from = {.family = 4, .bytes = {192, 0, 2, (uint8_t)ttl}};
	const char *kind = strchr(letters, world->letter[ttl]);

	assert_non_null(kind);
	world->replies_us[ttl] = 0;
	trace_plan_replied(plan, ttl, (enum trace_reply)(kind - letters), &from,
	    world->now_us);
}

/* The next reply that is due before `wake_us` comes, or the time passes. */
static void pass_time(
    struct world *world, struct trace_plan *plan, int64_t wake_us)
{
	int ttl, first = 0;

	for (ttl = 1; ttl <= OBSERVE_HOPS_MAX; ttl++)
		if (world->replies_us[ttl] != 0 &&
		    trace_plan_is_asking(plan, ttl) &&
		    (first == 0 ||
			world->replies_us[ttl] < world->replies_us[first]))
			first = ttl;
	if (first == 0 || world->replies_us[first] > wake_us) {
		assert_true(wake_us >= world->now_us);
		world->now_us = wake_us;
		return;
	}
	if (world->replies_us[first] > world->now_us)
		world->now_us = world->replies_us[first];
	reply(world, plan, first);
}

static void describe(const struct path_seen *path, char *text)
{
	static const char answers[] = " sri";
	size_t i;

	for (i = 0; i < path->nhops; i++)
		*text++ = path->hops[i].address.family != 0 ? 'h' : '-';
	*text = '\0';
	if (path->answer != ANSWER_NONE)
		sprintf(
		    text, " %c@%d", answers[path->answer], path->answer_ttl);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct trace_limits limits = {
	    row->min_ttl, row->max_ttl, 10, 700, 3, row->silent_max, 0, 0};
	struct trace_plan plan;
	struct trace_order order;
	struct path_seen path;
	struct world world;
	char text[64];
	int steps;

	read_world(&world, row);
	trace_plan_init(&plan, &limits);
	for (steps = 0; steps < 1000; steps++) {
		order = trace_plan_next(&plan, world.now_us);
		if (order.step == STEP_OVER)
			break;
		if (order.step == STEP_ASK)
			ask(&world, order.ttl);
		else
			pass_time(&world, &plan, order.wake_us);
	}
	assert_true(steps < 1000);
	trace_plan_path(&plan, &path);
	describe(&path, text);
	assert_string_equal(text, row->expected);
	assert_in_range(world.syns, 1, row->syns);
	assert_in_range(world.beyond, 0, row->beyond);
	assert_true(world.now_us - 1000 <= row->ms * 1000);
	assert_int_equal(path.reached,
	    path.answer == ANSWER_SYN_ACK || path.answer == ANSWER_RST);
}

/* Looks: every TTL so often, whatever answers, and no SYN beyond the range. */
static const struct look_row {
	const char *name, *path;
	int min_ttl, max_ttl;
	const char *expected; /* "TTL:answered/asked" each */
	int ms;               /* at most */
} look_rows[] = {
    {"hops that answer every time", "hhhhs", 2, 4, "2:6/6 3:6/6 4:6/6", 2600},
    {"a hop that never answers", "hh.", 3, 4, "3:0/6 4:0/6", 2600},
    {"a hop that answers once in six is known", "h3h.", 2, 3, "2:1/6 3:0/6",
	2600},
    {"an answer ends what is behind it", "hhs", 2, 5, "2:6/6", 2600},
};

static void looks(void **state)
{
	const struct look_row *look = *state;
	const struct row row = {look->name, look->path, 5, look->min_ttl,
	    look->max_ttl, 30, "", 0, 0, 0};
	struct trace_limits limits = {
	    look->min_ttl, look->max_ttl, 10, 400, 3, 30, 6, 420};
	struct trace_order order = {.step = STEP_WAIT};
	size_t i, length = 0;
	struct trace_plan plan;
	struct path_seen path;
	struct world world;
	char text[64] = "";

	read_world(&world, &row);
	trace_plan_init(&plan, &limits);
	while (order.step != STEP_OVER) {
		order = trace_plan_next(&plan, world.now_us);
		if (order.step == STEP_ASK)
			ask(&world, order.ttl);
		else if (order.step == STEP_WAIT)
			pass_time(&world, &plan, order.wake_us);
	}
	trace_plan_path(&plan, &path);
	for (i = 0; i < path.nhops; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
		    "%s%d:%d/%d", i ? " " : "", path.hops[i].ttl,
		    path.hops[i].answered, path.hops[i].asked);
	assert_string_equal(text, look->expected);
	assert_true(world.now_us - 1000 <= look->ms * 1000);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, look_rows, looks);
	return test_run("trace_plan", &list);
}
