/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Verdicts that are kept up to date are those that all rows together give.
 * Worlds are drawn; their rows come in any order, in parts, days late, and
 * before their time.
 */

#include "collector/verdict/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/format.h"
#include "collector/verdict/network_walk.h"
#include "lib/base/day.h"
#include "tests/support/rows.h"

#define FIRST_DAY 20400
#define DAYS      36
#define NETWORKS  14
#define AGENTS    60
#define ENDPOINTS 5

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

/* --- a world --- */

struct coming {
	struct rollup_row row;
	int64_t at_ms;
	int number;
};

struct world {
	struct coming *coming; /* in the order in which they come */
	int count, came;
	uint32_t usual[NETWORKS]; /* what its lines mostly see */
	uint32_t outage[ENDPOINTS];
};

static const struct {
	enum outcome outcome;
	enum mechanism mechanism;
	enum where where;
} words[] = {
    {OUTCOME_REACHABLE, MECHANISM_OPEN, WHERE_NONE},
    {OUTCOME_FILTERED, MECHANISM_DROP, WHERE_PATH},
    {OUTCOME_FILTERED, MECHANISM_DROP, WHERE_ACCESS},
    {OUTCOME_INTERCEPTED, MECHANISM_REDIRECT, WHERE_NONE},
    {OUTCOME_FILTERED, MECHANISM_RESET, WHERE_HOST_OR_PATH},
    {OUTCOME_LOCAL, MECHANISM_DENIED, WHERE_HOST},
    {OUTCOME_ENDPOINT, MECHANISM_DOWN, WHERE_NONE},
};

#define WORDS (sizeof(words) / sizeof(*words))

static void draw_row(
    const struct world *world, struct rollup_row *row, int32_t day)
{
	uint32_t agent = draw(AGENTS), network = agent * 7 % NETWORKS;
	uint32_t endpoint = draw(ENDPOINTS), word = world->usual[network];

	if (draw(20) == 0)
		network = draw(NETWORKS);
	if (draw(12) == 0)
		word = draw(WORDS);
	if (world->outage[endpoint] == (uint32_t)day % 9 && draw(2))
		word = 1;
	row->day = day;
	row->asn = 64500 + network / 2;
	row->family = 4;
	row->port = network % 2 ? 25 : 587;
	snprintf(row->agent, sizeof(row->agent), "%016x", agent);
	snprintf(row->prefix, sizeof(row->prefix), "192.0.%u.0/24",
	    draw(9) == 0 ? draw(9) : agent % 13);
	snprintf(row->endpoint, sizeof(row->endpoint), "mx%u", endpoint);
	row->outcome = words[word].outcome;
	row->mechanism = words[word].mechanism;
	row->where = words[word].where;
	if (row->where == WHERE_PATH) {
		row->after_asn = draw(3) ? 64600 + network % 3 : row->asn;
		row->before_asn = draw(3) ? row->asn : 0;
	}
	row->count = 1 + draw(3);
	row->first_ms = day * DAY_MS + draw(86400) * 1000;
	row->last_ms = row->first_ms;
}

static int64_t draw_arrival(const struct rollup_row *row)
{
	switch (draw(12)) {
	case 0:
		return row->last_ms + draw(5) * DAY_MS;
	case 1:
		return row->last_ms - draw(200) * MINUTE_MS;
	case 2: /* by a clock that is days ahead */
		return row->last_ms - draw(50) * DAY_MS;
	default:
		return row->last_ms;
	}
}

static int compare_coming(const void *a, const void *b)
{
	const struct coming *left = a, *right = b;

	if (left->at_ms != right->at_ms)
		return left->at_ms < right->at_ms ? -1 : 1;
	return left->number - right->number;
}

static void draw_world(struct world *world, uint32_t number, int rows)
{
	int i;

	seed = number;
	memset(world, 0, sizeof(*world));
	for (i = 0; i < NETWORKS; i++)
		world->usual[i] = draw(3) == 0 ? draw(WORDS) : draw(2);
	for (i = 0; i < ENDPOINTS; i++)
		world->outage[i] = draw(14);
	world->count = rows;
	world->coming = calloc((size_t)rows, sizeof(*world->coming));
	assert_non_null(world->coming);
	for (i = 0; i < rows; i++) {
		struct coming *coming = &world->coming[i];

		draw_row(world, &coming->row, FIRST_DAY + (int32_t)draw(DAYS));
		coming->at_ms = draw_arrival(&coming->row);
		coming->number = i;
	}
	qsort(world->coming, (size_t)rows, sizeof(*world->coming),
	    compare_coming);
}

/* --- all of it at once --- */

/* By the store's key. */
static int compare_rows(const void *a, const void *b)
{
	const struct rollup_row *left = a, *right = b;
	int order = 0;

	if (left->asn != right->asn)
		return left->asn < right->asn ? -1 : 1;
	if (left->port != right->port)
		return left->port < right->port ? -1 : 1;
	if (left->day != right->day)
		return left->day < right->day ? -1 : 1;
	order = strcmp(left->prefix, right->prefix);
	if (order == 0)
		order = strcmp(left->agent, right->agent);
	if (order == 0)
		order = strcmp(left->endpoint, right->endpoint);
	if (order == 0)
		order = (int)left->outcome - (int)right->outcome;
	if (order == 0)
		order = (int)left->mechanism - (int)right->mechanism;
	if (order == 0)
		order = (int)left->where - (int)right->where;
	if (order != 0)
		return order;
	if (left->after_asn != right->after_asn)
		return left->after_asn < right->after_asn ? -1 : 1;
	if (left->before_asn != right->before_asn)
		return left->before_asn < right->before_asn ? -1 : 1;
	return 0;
}

/* What a store has of the rows that came. */
static struct rollup_row *sum_rows(const struct world *world, size_t *count)
{
	struct rollup_row *rows = calloc(
	    (size_t)world->came + 1, sizeof(*rows));
	int i;

	assert_non_null(rows);
	for (i = 0; i < world->came; i++)
		rows[i] = world->coming[i].row;
	qsort(rows, (size_t)world->came, sizeof(*rows), compare_rows);
	*count = 0;
	for (i = 0; i < world->came; i++) {
		struct rollup_row *last = *count > 0 ? &rows[*count - 1] : NULL;

		if (last == NULL || compare_rows(last, &rows[i]) != 0) {
			rows[(*count)++] = rows[i];
			continue;
		}
		last->count += rows[i].count;
		if (rows[i].first_ms < last->first_ms)
			last->first_ms = rows[i].first_ms;
		if (rows[i].last_ms > last->last_ms)
			last->last_ms = rows[i].last_ms;
	}
	return rows;
}

struct full {
	struct judge judge;
	struct buf text;
};

static int learn(void *arg, const struct evidence *evidence)
{
	return judge_learn(&((struct full *)arg)->judge, evidence);
}

static void write_verdict(const struct network_verdict *verdict,
    enum network_state before, struct buf *text)
{
	struct network_record record = {.verdict = *verdict};

	format_network_json(&record, false, text);
	buf_printf(text, " %s\n", network_state_word(before));
}

static int note(void *arg, const struct evidence *evidence)
{
	struct full *full = arg;
	struct network_verdict verdict;
	enum network_state before;
	int error = judge_decide(&full->judge, evidence, &verdict, &before);

	if (error < 0)
		return error;
	write_verdict(&verdict, before, &full->text);
	error = judge_note(&full->judge, &verdict);
	network_verdict_end(&verdict);
	return error;
}

static void walk(const struct rollup_row *rows, size_t count, int64_t now_ms,
    network_walk_visit *visit, struct full *full)
{
	struct network_walk networks;
	size_t i;

	network_walk_init(&networks, now_ms, visit, full);
	for (i = 0; i < count; i++)
		assert_int_equal(network_walk_add(&networks, &rows[i]), 0);
	assert_int_equal(network_walk_end(&networks), 0);
	network_walk_free(&networks);
}

/* Every third agent is one of a few operators'. */
static void enrol(
    struct ledger *ledger, struct judge *judge, const struct rollup_row *row)
{
	struct vantage vantage = {.first_day = row->day};
	uint32_t agent = (uint32_t)strtoul(row->agent, NULL, 16);

	memcpy(vantage.agent, row->agent, sizeof(vantage.agent));
	if (agent % 3 == 0)
		snprintf(
		    vantage.run_by, sizeof(vantage.run_by), "o%u", agent % 4);
	if (ledger != NULL)
		assert_int_equal(ledger_enrol(ledger, &vantage), 0);
	else
		assert_int_equal(judge_enrol(judge, &vantage), 0);
}

/* As judge.h says; `held` (may be NULL) instead of the health that it learns.
 */
static void judge_all(const struct world *world, int64_t now_ms,
    const struct health *held, struct full *full)
{
	struct rollup_row *rows;
	size_t count, i;

	memset(full, 0, sizeof(*full));
	rows = sum_rows(world, &count);
	judge_init(&full->judge, now_ms);
	for (i = 0; i < count; i++)
		enrol(NULL, &full->judge, &rows[i]);
	if (held == NULL)
		walk(rows, count, now_ms, learn, full);
	else
		assert_int_equal(health_copy(&full->judge.health, held), 0);
	walk(rows, count, now_ms, note, full);
	judge_close(&full->judge);
	free(rows);
}

/* --- beside the ledger --- */

static void write_ledger(const struct ledger *ledger, struct buf *text)
{
	size_t i;

	for (i = 0; i < ledger->count; i++)
		if (ledger->networks[i].has_verdict)
			write_verdict(ledger->networks[i].verdict,
			    ledger->networks[i].before, text);
}

static void compare(
    struct ledger *ledger, const struct world *world, const struct health *held)
{
	struct buf text = {0};
	struct full full;

	judge_all(world, ledger->now_ms, held, &full);
	write_ledger(ledger, &text);
	buf_append_char(&text, '\0');
	buf_append_char(&full.text, '\0');
	assert_string_equal(text.data, full.text.data);
	assert_int_equal(ledger->judge.naccusations, full.judge.naccusations);
	assert_true(ledger->judge.expected_wrong == full.judge.expected_wrong);
	buf_free(&text);
	buf_free(&full.text);
	judge_free(&full.judge);
}

/* What has come until `now_ms`, each row in one or two parts. */
static void add_rows(struct ledger *ledger, struct world *world, int64_t now_ms)
{
	struct rollup_row part;

	for (; world->came < world->count; world->came++) {
		const struct coming *coming = &world->coming[world->came];

		if (coming->at_ms > now_ms)
			break;
		part = coming->row;
		enrol(ledger, NULL, &part);
		if (part.count > 1) {
			part.count--;
			assert_int_equal(ledger_add(ledger, &part), 0);
			part.count = 1;
		}
		assert_int_equal(ledger_add(ledger, &part), 0);
	}
}

static const struct world_row {
	const char *name;
	int rows;
	int steps;   /* of the time from the first day to six after the last */
	int refresh; /* the health, every so many steps */
} world_rows[] = {
    {"all rows at once", 2500, 1, 1},
    {"once a week", 2000, 6, 1},
    {"once a day", 1500, 42, 1},
    {"every few hours", 1200, 60, 1},
    {"every few hours, the health now and then", 1500, 126, 9},
    {"few rows", 300, 84, 3},
    {"a row or two at a time", 500, 400, 16},
};

static void drawn(void **state)
{
	const struct world_row *row = *state;
	int64_t begin_ms = FIRST_DAY * DAY_MS;
	int64_t span_ms = (DAYS + 6) * DAY_MS - 1;
	struct ledger ledger;
	struct world world;
	uint32_t number;
	int i;

	for (number = 1; number <= 3; number++) {
		draw_world(&world, number, row->rows);
		ledger_init(&ledger);
		for (i = 1; i <= row->steps; i++) {
			int64_t now_ms = begin_ms + span_ms / row->steps * i;
			bool refresh = i % row->refresh == 0;

			assert_int_equal(ledger_advance(&ledger, now_ms), 0);
			add_rows(&ledger, &world, now_ms);
			assert_int_equal(ledger_judge(&ledger, refresh), 0);
			if (refresh)
				compare(&ledger, &world, NULL);
		}
		assert_int_equal(world.came, world.count);
		ledger_free(&ledger);
		free(world.coming);
	}
}

#define REPORT(agent_, endpoint_, day_)                                       \
	(struct rollup_row)                                                   \
	{                                                                     \
		.day = (day_), .asn = 64500, .family = 4, .port = 25,         \
		.prefix = "192.0." #agent_ ".0/24", .agent = #agent_,         \
		.endpoint = #endpoint_, .outcome = OUTCOME_FILTERED,          \
		.mechanism = MECHANISM_DROP, .where = WHERE_PATH, .count = 1, \
		.first_ms = (day_)*DAY_MS, .last_ms = (day_)*DAY_MS           \
	}

/* A row of one network: the others are not judged again. */
static void only_touched(void **state)
{
	struct rollup_row row = REPORT(1, mx1, FIRST_DAY + 33);
	struct ledger ledger;
	struct world world;
	int64_t now_ms = (FIRST_DAY + DAYS) * DAY_MS - 1;

	(void)state;
	draw_world(&world, 1, 4000);
	ledger_init(&ledger);
	assert_int_equal(ledger_advance(&ledger, now_ms), 0);
	add_rows(&ledger, &world, now_ms);
	assert_int_equal(ledger_judge(&ledger, true), 0);
	assert_int_equal(ledger.judged, ledger.count);
	assert_int_equal(ledger_judge(&ledger, true), 0);
	assert_int_equal(ledger.judged, ledger.count);
	assert_int_equal(ledger_add(&ledger, &row), 0);
	assert_int_equal(ledger_judge(&ledger, false), 0);
	assert_int_equal(ledger.judged, ledger.count + 1);
	ledger_free(&ledger);
	free(world.coming);
}

/* Between two refreshes the verdicts are those of the health that is held. */
static void held_health(void **state)
{
	struct ledger ledger;
	struct world world;
	int64_t now_ms = (FIRST_DAY + DAYS / 2) * DAY_MS + HOUR_MS;
	int i, held = 0;

	(void)state;
	draw_world(&world, 5, 2500);
	ledger_init(&ledger);
	for (i = 0; i < 24; i++, now_ms += 20 * MINUTE_MS) {
		assert_int_equal(ledger_advance(&ledger, now_ms), 0);
		add_rows(&ledger, &world, now_ms);
		assert_int_equal(ledger_judge(&ledger, i == 0), 0);
		held += memcmp(ledger.health.series, ledger.judge.health.series,
			    ledger.judge.health.names.count *
				sizeof(*ledger.health.series)) != 0;
		compare(&ledger, &world, &ledger.judge.health);
	}
	assert_true(held > 5);
	ledger_free(&ledger);
	free(world.coming);
}

/* Late rows of ten networks say that an endpoint was down yesterday: who saw it
 * fail then is judged again, though nothing of it came. */
static void late_outage(void **state)
{
	struct rollup_row row = REPORT(1, mx1, FIRST_DAY);
	struct ledger ledger;
	int i;

	(void)state;
	ledger_init(&ledger);
	assert_int_equal(ledger_advance(&ledger, FIRST_DAY * DAY_MS + 1), 0);
	assert_int_equal(ledger_add(&ledger, &row), 0);
	row.asn++;
	row.outcome = OUTCOME_REACHABLE;
	row.mechanism = MECHANISM_OPEN;
	assert_int_equal(ledger_add(&ledger, &row), 0);
	assert_int_equal(
	    ledger_advance(&ledger, (FIRST_DAY + 1) * DAY_MS + 1), 0);
	assert_int_equal(ledger_judge(&ledger, true), 0);
	assert_int_equal(ledger.judged, 2);
	for (i = 0; i < 10; i++) {
		row = REPORT(1, mx1, FIRST_DAY);
		row.asn += 10 + (uint32_t)i;
		assert_int_equal(ledger_add(&ledger, &row), 0);
		row.outcome = OUTCOME_REACHABLE;
		row.mechanism = MECHANISM_OPEN;
		strcpy(row.endpoint, "mx2");
		assert_int_equal(ledger_add(&ledger, &row), 0);
	}
	i = (int)ledger.judged;
	assert_int_equal(ledger_judge(&ledger, true), 0);
	/* The tenth, of which a row came last; then the ten again with what is
	 * known now, and the one. Who reached the endpoint is not. */
	assert_int_equal(ledger.judged - i, 1 + 10 + 1);
	ledger_free(&ledger);
}

/* So many networks fail at mx1 and reach mx2: how many of the others, which
 * failed at mx1 before, are judged again though nobody refreshes. */
static const struct fresh_row {
	const char *name;
	int networks;
	int judged_again;
} fresh_rows[] = {
    {"one network's failures do not make others judged again", 1, 0},
    {"those of ten do, before the health is refreshed", 10, 1},
};

static void fresh_outage(void **state)
{
	const struct fresh_row *expected = *state;
	struct rollup_row row = REPORT(1, mx1, FIRST_DAY);
	struct ledger ledger;
	int i;

	ledger_init(&ledger);
	assert_int_equal(ledger_advance(&ledger, FIRST_DAY * DAY_MS + 1), 0);
	assert_int_equal(ledger_add(&ledger, &row), 0);
	assert_int_equal(ledger_judge(&ledger, true), 0);
	for (i = 0; i < expected->networks; i++) {
		row = REPORT(1, mx1, FIRST_DAY);
		row.asn += 10 + (uint32_t)i;
		assert_int_equal(ledger_add(&ledger, &row), 0);
		row.outcome = OUTCOME_REACHABLE;
		row.mechanism = MECHANISM_OPEN;
		strcpy(row.endpoint, "mx2");
		assert_int_equal(ledger_add(&ledger, &row), 0);
	}
	i = (int)ledger.judged;
	assert_int_equal(ledger_judge(&ledger, false), 0);
	/* The last one that came, for the first time; where the health is
	 * taken, all that came once more. */
	assert_int_equal(ledger.judged - i,
	    1 + expected->judged_again * (expected->networks + 1));
	ledger_free(&ledger);
}

/* It is gone with the window, and comes back. */
static void forgotten(void **state)
{
	struct rollup_row row = REPORT(1, mx1, FIRST_DAY);
	struct ledger ledger;

	(void)state;
	ledger_init(&ledger);
	assert_int_equal(ledger_advance(&ledger, FIRST_DAY * DAY_MS + 1), 0);
	assert_int_equal(ledger_add(&ledger, &row), 0);
	assert_int_equal(ledger_judge(&ledger, true), 0);
	assert_int_equal(ledger.count, 1);
	assert_true(ledger.networks[0].has_verdict);
	assert_int_equal(ledger_advance(&ledger, (FIRST_DAY + 30) * DAY_MS), 0);
	assert_int_equal(ledger_judge(&ledger, false), 0);
	assert_int_equal(ledger.count, 0);
	row = REPORT(1, mx1, FIRST_DAY + 30);
	assert_int_equal(ledger_add(&ledger, &row), 0);
	assert_int_equal(ledger_judge(&ledger, false), 0);
	assert_int_equal(ledger.count, 1);
	assert_true(ledger.networks[0].has_verdict);
	ledger_free(&ledger);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, world_rows, drawn);
	test_add(&list, "only networks that rows touch are judged again",
	    only_touched);
	test_add(&list, "between refreshes the health is held", held_health);
	test_add(&list, "an endpoint's late outage counts for who saw it",
	    late_outage);
	TEST_ROWS(&list, fresh_rows, fresh_outage);
	test_add(&list, "a network is gone with its last row", forgotten);
	return test_run("ledger", &list);
}
