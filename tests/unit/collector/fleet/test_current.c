/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Verdicts kept up to date from a store are, to the byte, those of all its
 * rows: after each step of drawn worlds, in which reports come in any order and
 * in parts, days late and twice, agents are revoked, accusations are reviewed,
 * rows are diagnosed anew, the program starts again, and the clock goes on.
 */

#include "collector/fleet/current.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet/networks.h"
#include "collector/record/format.h"
#include "collector/store/registry.h"
#include "collector/store/store_review.h"
#include "collector/store/store_revise.h"
#include "tests/support/rows.h"
#include "tests/support/stored.h"

#define BEGIN_MS (STORED_NOON - 34 * DAY_MS)
#define DAYS     34
#define NETWORKS 12
#define AGENTS   48
#define ROUNDS   9 /* of each agent a day: an endpoint each */
#define REPORTS  (AGENTS * DAYS)
#define STEPS    60
#define PARTS    3
#define TOGETHER 64

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

/* --- a world --- */

struct drawn {
	struct measurement rows[ROUNDS];
	int nrows;
	bool is_own; /* its agent sent it; else it is imported */
	int agent;
	int64_t comes_ms;
};

struct world {
	struct store *store, *reader;
	struct drawn *reports;
	struct current current;
	int64_t now_ms;
};

static void name_agent(int agent, char *name, size_t size)
{
	snprintf(name, size, "%016x", 0xa00u + (unsigned)agent);
}

/* What an agent sees in a network: a third of these filter. */
static void diagnose(struct measurement *row, int network)
{
	bool fails = network % 3 == 0 ? draw(14) != 0 : draw(14) == 0;

	row->outcome = fails ? OUTCOME_FILTERED : OUTCOME_REACHABLE;
	row->mechanism = fails ? MECHANISM_DROP : MECHANISM_OPEN;
	row->where = !fails         ? WHERE_NONE
		     : draw(5) == 0 ? WHERE_ACCESS
				    : WHERE_PATH;
	row->after_asn = fails && draw(3) == 0 ? 64600 : 0;
}

static void draw_report(struct drawn *report, int number)
{
	int day = number / AGENTS, i, network;

	report->agent = number % AGENTS;
	network = draw(30) == 0 ? (int)draw(NETWORKS)
				: report->agent % NETWORKS;
	report->is_own = report->agent % 2 == 0;
	report->nrows = 2 + (int)draw(ROUNDS - 2);
	for (i = 0; i < report->nrows; i++) {
		struct measurement *row = &report->rows[i];

		*row = stored_row(number, i, network % 2 == 0 ? 25 : 587);
		row->at_ms = BEGIN_MS + day * DAY_MS + draw(86400) * 1000;
		row->asn = 64500 + (uint32_t)network / 2;
		name_agent(report->agent, row->agent, sizeof(row->agent));
		snprintf(row->prefix, sizeof(row->prefix), "192.0.%d.0/24",
		    report->agent / NETWORKS);
		snprintf(row->endpoint, sizeof(row->endpoint), "mx%u", draw(4));
		if (report->agent % 5 == 0)
			snprintf(row->run_by, sizeof(row->run_by), "%016d",
			    report->agent % 3 + (day > 20 && draw(9) == 0));
		diagnose(row, network);
	}
	report->comes_ms = report->rows[0].at_ms +
			   (draw(12) == 0 ? draw(6) * DAY_MS : DAY_MS / 4);
	if (draw(40) == 0)
		report->comes_ms -= DAY_MS / 2; /* a clock ahead */
}

static int compare_reports(const void *a, const void *b)
{
	const struct drawn *left = a, *right = b;

	return (left->comes_ms > right->comes_ms) -
	       (left->comes_ms < right->comes_ms);
}

static void enrol_all(struct world *world)
{
	struct registry_agent agent;
	struct err err;
	int i;

	for (i = 0; i < AGENTS; i++) {
		memset(&agent, 0, sizeof(agent));
		agent.public_key[0] = (uint8_t)(i + 1);
		agent.enrolled_ms = BEGIN_MS;
		snprintf(agent.id, sizeof(agent.id), "agent-%d", i);
		assert_int_equal(
		    registry_enrol(world->store, &agent, NULL, &err), 0);
	}
}

static void begin(struct world *world, uint32_t number)
{
	int i;

	seed = number;
	memset(world, 0, sizeof(*world));
	world->store = stored_open(false);
	world->reader = stored_open(true);
	world->reports = calloc(REPORTS, sizeof(*world->reports));
	assert_non_null(world->reports);
	for (i = 0; i < REPORTS; i++)
		draw_report(&world->reports[i], i);
	qsort(
	    world->reports, REPORTS, sizeof(*world->reports), compare_reports);
	enrol_all(world);
	current_init(&world->current);
}

static void end(struct world *world)
{
	current_free(&world->current);
	free(world->reports);
	store_close(world->reader);
	store_close(world->store);
}

/* --- all rows at once --- */

static int write_judged(void *arg, const struct networks_judged *judged)
{
	struct network_record record = {.verdict = *judged->verdict};
	struct buf *text = arg;

	format_network_json(&record, true, text);
	buf_printf(text, " %s\n", network_state_word(judged->before));
	return 0;
}

static void write_kept(const struct ledger *ledger, struct buf *text)
{
	size_t i;

	for (i = 0; i < ledger->count; i++) {
		const struct ledger_network *network = &ledger->networks[i];
		struct networks_judged judged = {
		    NULL, network->verdict, network->before};

		if (network->has_verdict)
			write_judged(text, &judged);
	}
}

static void compare(struct world *world)
{
	const struct ledger *ledger = &world->current.ledger;
	struct buf all = {0}, kept = {0};
	struct judge judge;
	struct err err = {""};

	assert_int_equal(networks_learn(world->reader, world->now_ms, &judge,
			     write_judged, &all, &err),
	    0);
	write_kept(ledger, &kept);
	buf_append_char(&all, '\0');
	buf_append_char(&kept, '\0');
	assert_string_equal(kept.data, all.data);
	assert_int_equal(ledger->judge.naccusations, judge.naccusations);
	assert_true(ledger->judge.expected_wrong == judge.expected_wrong);
	judge_free(&judge);
	buf_free(&all);
	buf_free(&kept);
}

/* --- steps --- */

static void update(struct world *world)
{
	struct current *current = &world->current;
	struct err err = {""};

	current->refresh_us = 0; /* the endpoints' health at each step */
	if (current_update(current, world->reader, world->now_ms, &err) < 0)
		fail_msg("%s", err.text);
}

/* Reports that are written together. */
static struct {
	struct store_report reports[TOGETHER];
	struct measurement rows[TOGETHER][ROUNDS];
	size_t count;
} pending;

static void write_pending(struct world *world)
{
	bool duplicate[TOGETHER];
	struct err err = {""};

	if (pending.count > 0 && store_write(world->store, pending.reports,
				     pending.count, duplicate, &err) < 0)
		fail_msg("%s", err.text);
	pending.count = 0;
}

/* The rows of a report that are in this part; 0 of 1: all. */
static void put(
    struct world *world, const struct drawn *report, int part, int parts)
{
	struct measurement *rows = pending.rows[pending.count];
	struct store_report *stored = &pending.reports[pending.count];
	int i;

	*stored = (struct store_report){
	    .rows = rows, .received_ms = world->now_ms};
	snprintf(stored->id, sizeof(stored->id), "%.36s", report->rows[0].id);
	if (report->is_own && parts == 1)
		snprintf(stored->agent_id, sizeof(stored->agent_id), "agent-%d",
		    report->agent);
	for (i = part; i < report->nrows; i += parts)
		rows[stored->nrows++] = report->rows[i];
	if (stored->nrows > 0 && ++pending.count == TOGETHER)
		write_pending(world);
}

/* Reports come; some are imported in parts, some come twice. */
static void take_reports(struct world *world, int *at)
{
	int first = *at, part;

	for (; *at < REPORTS && world->reports[*at].comes_ms <= world->now_ms;
	     (*at)++) {
		const struct drawn *report = &world->reports[*at];

		if (draw(8) != 0) {
			put(world, report, 0, 1);
			continue;
		}
		for (part = 0; part < PARTS; part++)
			put(world, report, part, PARTS);
	}
	if (*at > first)
		put(world, &world->reports[(int)draw((uint32_t)*at)], 0, 1);
	write_pending(world);
}

static void revoke_one(struct world *world)
{
	int agent = (int)draw(AGENTS);
	char id[32], name[ROW_AGENT_SIZE];
	struct err err = {""};

	snprintf(id, sizeof(id), "agent-%d", agent);
	name_agent(agent, name, sizeof(name));
	assert_int_equal(
	    registry_revoke(world->store, id, name, world->now_ms, &err), 0);
}

static void review_one(struct world *world)
{
	struct review review = {
	    .asn = 64500,
	    .family = 4,
	    .port = 25,
	    .at_ms = world->now_ms,
	    .is_released = draw(2) == 0,
	    .reason = "looked at",
	};
	struct err err = {""};

	assert_int_equal(store_decide_review(world->store, &review, &err), 0);
}

static int revise(void *arg, const struct store_revision *report)
{
	size_t i;

	(void)arg;
	for (i = 0; i < report->nrows; i++)
		diagnose(&report->rows[i], 1);
	return 1;
}

/* Only reports that were kept as they were signed are diagnosed anew. */
static void revise_one(struct world *world, int number)
{
	const struct store_revising how = {
	    .day = (int32_t)(world->now_ms / DAY_MS) - 2, .revise = revise};
	struct measurement row = stored_row(number + REPORTS, 0, 25);
	struct store_report report = {
	    .agent_id = "agent-0",
	    .rows = &row,
	    .nrows = 1,
	    .signed_body = "{}",
	    .signed_body_length = 2,
	};
	struct err err = {""};
	bool duplicate;

	row.at_ms = how.day * DAY_MS + 1;
	name_agent(0, row.agent, sizeof(row.agent));
	snprintf(report.id, sizeof(report.id), "%.36s", row.id);
	assert_int_equal(
	    store_write(world->store, &report, 1, &duplicate, &err), 0);
	update(world);
	compare(world);
	if (store_revise_day(world->store, &how, &err) < 0)
		fail_msg("%s", err.text);
}

static void happen(struct world *world, int step)
{
	switch (draw(12)) {
	case 0:
		revoke_one(world);
		break;
	case 1:
		review_one(world);
		break;
	case 2:
		revise_one(world, step);
		break;
	case 3:
		current_free(&world->current); /* it starts again */
		break;
	default:
		break;
	}
}

static void run_world(uint32_t number)
{
	struct world world;
	int step, at = 0;

	begin(&world, number);
	world.now_ms = BEGIN_MS + 9 * DAY_MS;
	for (step = 0; step < STEPS; step++) {
		world.now_ms += draw(3) == 0 ? draw(2 * 86400) * INT64_C(1000)
					     : draw(3600) * INT64_C(1000);
		take_reports(&world, &at);
		happen(&world, step);
		update(&world);
		compare(&world);
	}
	assert_int_equal(world.current.differing, 0);
	assert_true(at > REPORTS / 2);
	end(&world);
}

static void worlds(void **state)
{
	uint32_t number;

	(void)state;
	for (number = 1; number <= 3; number++) {
		if (number > 1)
			assert_int_equal(stored_set_up(NULL), 0);
		run_world(number);
		if (number < 3)
			assert_int_equal(stored_tear_down(NULL), 0);
	}
}

/* --- order --- */

/* The same rows in another order, in parts, leave the same bytes. */
static void orders(void **state)
{
	struct buf texts[2] = {0};
	struct world world;
	int order, i, part;

	(void)state;
	for (order = 0; order < 2; order++) {
		if (order > 0)
			assert_int_equal(stored_set_up(NULL), 0);
		begin(&world, 7);
		world.now_ms = STORED_NOON;
		for (i = 0; i < REPORTS; i++) {
			struct drawn *report =
			    &world.reports[order == 0 ? i : REPORTS - 1 - i];

			report->is_own = false;
			for (part = 0; part < order + 1; part++)
				put(&world, report, part, order + 1);
			if (i % 400 != 0)
				continue;
			write_pending(&world);
			update(&world);
		}
		write_pending(&world);
		update(&world);
		write_kept(&world.current.ledger, &texts[order]);
		buf_append_char(&texts[order], '\0');
		end(&world);
		if (order == 0)
			assert_int_equal(stored_tear_down(NULL), 0);
	}
	assert_string_equal(texts[0].data, texts[1].data);
	buf_free(&texts[0]);
	buf_free(&texts[1]);
}

/* --- what it costs --- */

/* While the endpoints' health is held, a report costs its own network. */
static void one_network(void **state)
{
	struct current *current;
	struct drawn *report;
	struct world world;
	struct err err = {""};
	int64_t judged;
	int at = 0;

	(void)state;
	begin(&world, 13);
	current = &world.current;
	world.now_ms = BEGIN_MS + 20 * DAY_MS + DAY_MS / 2;
	take_reports(&world, &at);
	update(&world);
	judged = current->ledger.judged;
	report = &world.reports[REPORTS - 1];
	current->refresh_us = INT64_C(1) << 40;
	report->rows[0].at_ms = world.now_ms - 1000;
	report->nrows = 1;
	put(&world, report, 0, 1);
	write_pending(&world);
	assert_int_equal(
	    current_update(current, world.reader, world.now_ms, &err), 0);
	assert_int_equal(current->ledger.judged, judged + 1);
	end(&world);
}

/* --- what goes wrong --- */

/* A row of what is kept is lost. */
static void lost_row(void **state)
{
	struct ledger_network *network;
	struct world world;
	size_t i;
	int at = 0;

	(void)state;
	begin(&world, 9);
	world.now_ms = BEGIN_MS + 20 * DAY_MS;
	take_reports(&world, &at);
	update(&world);
	for (i = 0; i < world.current.ledger.count; i++) {
		struct rollup_row key = {0};

		network = &world.current.ledger.networks[i];
		key.asn = network->asn;
		key.family = network->family;
		key.port = network->port;
		assert_int_equal(ledger_replace(&world.current.ledger, &key,
				     (int32_t)(world.now_ms / DAY_MS) - 9),
		    0);
	}
	world.now_ms += DAY_MS;
	update(&world);
	assert_true(world.current.differing > 0);
	compare(&world);
	end(&world);
}

static void clock_back(void **state)
{
	struct world world;
	int at = 0;

	(void)state;
	begin(&world, 11);
	world.now_ms = BEGIN_MS + 20 * DAY_MS;
	take_reports(&world, &at);
	update(&world);
	world.now_ms -= 3 * DAY_MS;
	update(&world);
	compare(&world);
	end(&world);
}

int main(void)
{
	struct test_list list = {0};

	test_add_around(&list, "what is kept is what all rows give", worlds,
	    stored_set_up, stored_tear_down);
	test_add_around(&list, "the order and parts of reports change no byte",
	    orders, stored_set_up, stored_tear_down);
	test_add_around(&list, "a report costs its own network", one_network,
	    stored_set_up, stored_tear_down);
	test_add_around(&list, "once a day a row that was lost is noticed",
	    lost_row, stored_set_up, stored_tear_down);
	test_add_around(&list, "a clock that is put back", clock_back,
	    stored_set_up, stored_tear_down);
	return test_run("current", &list);
}
