/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/replay/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/decision/held.h"
#include "lib/base/day.h"
#include "tests/support/rows.h"

#define TODAY    20029
#define NOW      ((TODAY + 1) * DAY_MS - 1)
#define WORLDS   60
#define ROWS_MAX 20000

/* A drawn network: lines that are open or blocked, some of which change, lie,
 * stop, or move between prefixes. */
struct world {
	struct rollup_row rows[ROWS_MAX];
	size_t count;
	int lines, prefixes;
	uint32_t seed;
};

static uint32_t draw(struct world *world, uint32_t below)
{
	world->seed = world->seed * 1664525u + 1013904223u;
	return (world->seed >> 8) % below;
}

static void add_probe(
    struct world *world, int line, int prefix, int day, bool blocked)
{
	static const enum where places[] = {
	    WHERE_PATH, WHERE_PATH, WHERE_ACCESS, WHERE_NONE, WHERE_FAR_END};
	int64_t at_ms = day * DAY_MS + draw(world, 86000000);
	struct rollup_row *row = &world->rows[world->count++];

	assert_true(world->count < ROWS_MAX);
	memset(row, 0, sizeof(*row));
	row->day = day;
	row->asn = 64500;
	row->family = 4;
	row->port = 25;
	row->outcome = blocked ? OUTCOME_FILTERED : OUTCOME_REACHABLE;
	row->mechanism = blocked ? MECHANISM_DROP : MECHANISM_OPEN;
	row->where = blocked ? places[draw(world, 5)] : WHERE_NONE;
	row->count = 1 + draw(world, 3);
	row->first_ms = at_ms;
	row->last_ms = at_ms + (row->count > 1 ? draw(world, 300000) : 0);
	snprintf(row->agent, sizeof(row->agent), "agent%d", line);
	snprintf(row->prefix, sizeof(row->prefix), "192.0.%d.0/24", prefix);
	snprintf(row->endpoint, sizeof(row->endpoint), "mx%u", draw(world, 5));
}

static void draw_line(struct world *world, int line, bool blocks)
{
	int day = TODAY - MODEL_WINDOW + 1 + (int)draw(world, 20);
	int change = (int)draw(world, 60), prefix;
	uint32_t probes;

	if (draw(world, 3) > 0)
		day = TODAY - 50;
	if (draw(world, 12) == 0)
		blocks = !blocks;
	prefix = (int)draw(world, (uint32_t)world->prefixes);
	for (; day <= TODAY; day++) {
		if (draw(world, 5) == 0)
			continue;
		if (draw(world, 10) == 0)
			prefix = (int)draw(world, (uint32_t)world->prefixes);
		for (probes = 1 + draw(world, 4); probes > 0; probes--)
			add_probe(world, line, prefix, day,
			    (draw(world, 25) == 0) !=
				(blocks != (TODAY - day < change - 40)));
	}
}

static void draw_world(struct world *world, uint32_t seed, int prefixes)
{
	int line;

	world->seed = seed;
	world->count = 0;
	world->prefixes = prefixes;
	world->lines = 1 + (int)draw(world, 20);
	for (line = 0; line < world->lines; line++)
		draw_line(world, line, seed % 3 > 0);
}

/* --- the verdict of a world --- */

struct judged {
	struct decision days[MODEL_WINDOW];
	enum network_state states[MODEL_WINDOW];
	int count;
};

static void gather(
    const struct world *world, int64_t now_ms, struct evidence *evidence)
{
	size_t i;

	evidence_begin(evidence, &world->rows[0], now_ms);
	for (i = 0; i < world->count; i++)
		assert_int_equal(evidence_add(evidence, &world->rows[i]), 0);
	assert_int_equal(evidence_end(evidence), 0);
}

static void enrol(const struct world *world, int64_t now_ms, const char *run_by,
    struct roster *roster)
{
	size_t i;

	for (i = 0; i < world->count; i++) {
		const struct rollup_row *row = &world->rows[i];

		if (evidence_is_later(row, now_ms))
			continue;
		assert_int_equal(roster_add(roster, row->agent, row->day), 0);
		if (run_by != NULL)
			assert_int_equal(
			    roster_set_operator(roster, row->agent, run_by), 0);
	}
}

/* The last day is the same where no more days are decided than it needs. */
static void compare_last(const struct evidence *evidence,
    const struct health *health, const struct roster *roster,
    const struct judged *judged)
{
	const struct decision *last = &judged->days[judged->count - 1];
	struct replay replay;

	assert_int_equal(replay_init(&replay, evidence, health, roster), 0);
	replay_last(&replay);
	assert_int_equal(replay.state, judged->states[judged->count - 1]);
	assert_int_equal(replay.before, judged->states[judged->count - 2]);
	assert_memory_equal(&replay.decision, last, sizeof(*last));
	replay_free(&replay);
}

static void judge(const struct world *world, const struct health *health,
    int64_t now_ms, const char *run_by, struct judged *judged)
{
	struct evidence evidence = {0};
	struct roster roster = {0};
	struct replay replay;

	memset(judged, 0, sizeof(*judged));
	gather(world, now_ms, &evidence);
	enrol(world, now_ms, run_by, &roster);
	assert_int_equal(replay_init(&replay, &evidence, health, &roster), 0);
	while (replay_day(&replay)) {
		judged->days[judged->count] = replay.decision;
		judged->states[judged->count++] = replay.state;
	}
	replay_free(&replay);
	compare_last(&evidence, health, &roster, judged);
	roster_free(&roster);
	evidence_free(&evidence);
}

static void learn(const struct world *world, struct health *health)
{
	struct evidence evidence = {0};

	health_init(health, TODAY);
	gather(world, NOW, &evidence);
	assert_int_equal(health_learn(health, &evidence), 0);
	evidence_free(&evidence);
}

/* --- properties --- */

static struct world world, other;

static void split_and_shuffle(struct world *to, const struct world *from)
{
	size_t i, j;

	*to = *from;
	for (i = 0; i < from->count; i++) {
		struct rollup_row *row = &to->rows[i];

		if (row->count == 1 || draw(to, 2) == 0)
			continue;
		assert_true(to->count < ROWS_MAX);
		to->rows[to->count] = *row;
		to->rows[to->count].count = row->count - 1;
		to->rows[to->count++].first_ms = row->last_ms;
		row->count = 1;
	}
	for (i = 1; i < to->count; i++) {
		struct rollup_row row = to->rows[i];

		j = draw(to, (uint32_t)i + 1);
		to->rows[i] = to->rows[j];
		to->rows[j] = row;
	}
}

static void order(void **state)
{
	struct judged judged, again;
	struct health health, health_again;
	uint32_t seed;

	for (seed = 0; seed < WORLDS; seed++) {
		draw_world(&world, seed, 8);
		split_and_shuffle(&other, &world);
		learn(&world, &health);
		learn(&other, &health_again);
		judge(&world, &health, NOW, NULL, &judged);
		judge(&other, &health_again, NOW, NULL, &again);
		assert_memory_equal(&judged, &again, sizeof(judged));
		health_free(&health);
		health_free(&health_again);
	}
}

/* With the endpoints' health held, a day is decided by what was there then. The
 * window that ends on an earlier day began earlier: the rows before the later
 * one's are left out here, as its are. */
static void closed_days(void **state)
{
	struct judged judged, then;
	struct health health;
	int closed = MODEL_WINDOW * 2 / 3, i;
	uint32_t seed;
	size_t j;

	for (seed = 0; seed < WORLDS; seed++) {
		draw_world(&world, seed, 8);
		for (j = 0; j < world.count; j++)
			if (world.rows[j].day < evidence_window_begin(TODAY))
				world.rows[j].day -= MODEL_WINDOW;
		learn(&world, &health);
		judge(&world, &health, NOW, NULL, &judged);
		judge(&world, &health, NOW - (MODEL_WINDOW - closed) * DAY_MS,
		    NULL, &then);
		for (i = 0; i < closed; i++) {
			const int at = i + MODEL_WINDOW - closed;

			assert_int_equal(judged.states[i], then.states[at]);
			assert_memory_equal(&judged.days[i], &then.days[at],
			    sizeof(judged.days[i]));
		}
		health_free(&health);
	}
}

/* judge() compares the last day; here on all days, and some of them depend on
 * the days before. */
static void last_day(void **state)
{
	struct judged judged;
	struct health health;
	int day, certain = 0, uncertain = 0;
	uint32_t seed;

	for (seed = 0; seed < WORLDS; seed++) {
		draw_world(&world, seed, 1 + (int)(seed % 8));
		learn(&world, &health);
		for (day = 0; day < MODEL_WINDOW; day++) {
			judge(
			    &world, &health, NOW - day * DAY_MS, NULL, &judged);
			if (held_is_certain(&judged.days[MODEL_WINDOW - 2]))
				certain++;
			else
				uncertain++;
		}
		health_free(&health);
	}
	assert_true(certain > WORLDS && uncertain > WORLDS);
}

/* Returns how many worlds are accused on some day. */
static int count_accused(int prefixes, const char *run_by)
{
	struct judged judged;
	struct health health;
	uint32_t seed;
	int i, accused = 0;
	bool found;

	for (seed = 0; seed < WORLDS; seed++) {
		draw_world(&world, seed, prefixes);
		learn(&world, &health);
		judge(&world, &health, NOW, run_by, &judged);
		for (i = 0, found = false; i < judged.count; i++)
			found |= decision_accuses(judged.states[i]);
		accused += found;
		health_free(&health);
	}
	return accused;
}

static void one_prefix(void **state)
{
	assert_int_equal(count_accused(1, NULL), 0);
}

static void one_operator(void **state)
{
	assert_int_equal(count_accused(8, "one"), 0);
}

/* The rows above would prove nothing if drawn worlds were never accused. */
static void many_of_both(void **state)
{
	assert_true(count_accused(8, NULL) > WORLDS / 4);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "order and splitting of rows change no bit", order);
	test_add(&list, "later rows change no closed day", closed_days);
	test_add(&list, "the last day alone says what all days say", last_day);
	test_add(&list, "one prefix never accuses", one_prefix);
	test_add(&list, "one operator never accuses", one_operator);
	test_add(&list, "several of both do", many_of_both);
	return test_run("replay", &list);
}
