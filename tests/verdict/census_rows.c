/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Measurements from stdin, by time, into a store, counted from time to time as
 * the census counts: for what it publishes and tells of a drawn world, as rows
 * come (told.py).
 *
 *	census_rows DATABASE FIRST_MS LAST_MS STEP_MS <MEASUREMENTS.jsonl
 *
 * Prints a line for each change of what is published, "state MS ASN STATE", and
 * at last for each event, "event MS ASN FROM TO".
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet/current.h"
#include "collector/fleet/past_days.h"
#include "collector/record/format.h"
#include "collector/store/sqlite/sqlite_engine.h"
#include "lib/base/array.h"

#define ROWS_MAX 8192 /* in a transaction */

struct published {
	uint32_t asn;
	enum network_state state;
	bool is_there; /* in this count */
};

struct world {
	struct store *writer, *reader;
	_Atomic bool ending;
	struct past past;
	struct current current;
	struct measurement rows[ROWS_MAX], next;
	size_t nrows;
	bool has_next;
	struct store_report reports[ROWS_MAX];
	struct published *published;
	size_t count;
	int64_t now_ms;
	char *line;
	size_t size;
};

static void check(int error, const struct err *err)
{
	if (error == 0)
		return;
	fprintf(stderr, "census_rows: %s\n", err->text);
	exit(2);
}

static void open_world(struct world *world, const char *path)
{
	struct store_settings settings = {.engine = &sqlite_engine};
	struct err err = {""};

	snprintf(settings.path, sizeof(settings.path), "%s", path);
	check(store_open(&settings, &world->writer, &err), &err);
	settings.read_only = true;
	check(store_open(&settings, &world->reader, &err), &err);
	check(past_open(
		  &world->past, &settings, world->reader, &world->ending, &err),
	    &err);
}

/* --- rows --- */

/* Rows of one report follow each other. */
static size_t group_rows(struct world *world)
{
	struct store_report *report = NULL;
	size_t count = 0, i;

	for (i = 0; i < world->nrows; i++) {
		const struct measurement *row = &world->rows[i];

		if (report == NULL || strncmp(report->id, row->id, 36) != 0) {
			report = &world->reports[count++];
			*report = (struct store_report){.rows = row};
			snprintf(
			    report->id, sizeof(report->id), "%.36s", row->id);
		}
		report->nrows++;
	}
	return count;
}

static void flush(struct world *world)
{
	static bool duplicate[ROWS_MAX];
	struct err err = {""};
	size_t count = group_rows(world);

	if (count > 0)
		check(store_write(world->writer, world->reports, count,
			  duplicate, &err),
		    &err);
	world->nrows = 0;
}

static bool read_row(struct world *world)
{
	struct err err = {""};

	if (getline(&world->line, &world->size, stdin) <= 0)
		return false;
	check(format_measurement_parse(
		  world->line, strlen(world->line), &world->next, &err),
	    &err);
	return true;
}

/* Store what was measured until now. */
static void take_rows(struct world *world)
{
	while (world->has_next && world->next.at_ms <= world->now_ms) {
		world->rows[world->nrows++] = world->next;
		if (world->nrows == ROWS_MAX)
			flush(world);
		world->has_next = read_row(world);
	}
	flush(world);
}

/* --- a count --- */

static void say(struct world *world, uint32_t asn, enum network_state state)
{
	printf("state %" PRId64 " %u %s\n", world->now_ms, asn,
	    network_state_word(state));
}

static void show(struct world *world, const struct network_verdict *verdict)
{
	struct published *grown;
	size_t i;

	for (i = 0; i < world->count; i++)
		if (world->published[i].asn == verdict->asn)
			break;
	if (i == world->count) {
		grown = array_grow(
		    world->published, world->count, sizeof(*grown));
		if (grown == NULL)
			exit(2);
		world->published = grown;
		grown[world->count++] = (struct published){
		    verdict->asn, STATE_INSUFFICIENT, true};
	}
	world->published[i].is_there = true;
	if (world->published[i].state != verdict->state)
		say(world, verdict->asn, verdict->state);
	world->published[i].state = verdict->state;
}

static void show_network(
    struct world *world, const struct ledger_network *network)
{
	const struct judge *judge = &world->current.ledger.judge;
	struct network_verdict shown = *network->verdict;

	if (judge_holds_back(
		judge, network->asn, network->family, network->port))
		shown.state = STATE_INSUFFICIENT;
	show(world, &shown);
}

static void count(struct world *world)
{
	struct ledger *ledger = &world->current.ledger;
	struct err err = {""};
	bool all_closed;
	size_t i;

	check(past_days_close(&world->past, world->now_ms, &all_closed, &err),
	    &err);
	if (!all_closed)
		check(past_days_close(
			  &world->past, world->now_ms, &all_closed, &err),
		    &err);
	check(past_begin(&world->past, world->now_ms, &err), &err);
	world->current.refresh_us = 0; /* at each count */
	check(
	    current_update(&world->current, world->reader, world->now_ms, &err),
	    &err);
	for (i = 0; i < ledger->count; i++)
		if (ledger->networks[i].has_verdict)
			check(
			    past_see(&world->past, ledger->networks[i].verdict),
			    &err);
	check(past_tell(&world->past, &ledger->judge, &err), &err);
	for (i = 0; i < ledger->count; i++)
		if (ledger->networks[i].has_verdict)
			show_network(world, &ledger->networks[i]);
}

/* --- events --- */

static int print_event(void *arg, const struct event *event)
{
	(void)arg;
	printf("event %" PRId64 " %u %s %s\n", event->at_ms, event->asn,
	    network_state_word(event->from), network_state_word(event->to));
	return 0;
}

static void print_events(struct world *world)
{
	struct store_page page = {.limit = 1000000};
	struct event_filter filter;
	struct err err = {""};

	event_filter_init(&filter);
	check(store_events(
		  world->reader, &filter, &page, print_event, NULL, &err),
	    &err);
}

int main(int argc, char **argv)
{
	static struct world world;
	int64_t last_ms, step_ms;

	if (argc != 5) {
		fputs("usage: census_rows DATABASE FIRST_MS LAST_MS STEP_MS\n",
		    stderr);
		return 2;
	}
	last_ms = strtoll(argv[3], NULL, 10);
	step_ms = strtoll(argv[4], NULL, 10);
	open_world(&world, argv[1]);
	current_init(&world.current);
	world.has_next = read_row(&world);
	for (world.now_ms = strtoll(argv[2], NULL, 10); world.now_ms <= last_ms;
	     world.now_ms += step_ms) {
		take_rows(&world);
		count(&world);
	}
	print_events(&world);
	current_free(&world.current);
	past_free(&world.past);
	store_close(world.reader);
	store_close(world.writer);
	free(world.published);
	free(world.line);
	return fflush(stdout) == 0 ? 0 : 2;
}
