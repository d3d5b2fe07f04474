/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Rollup rows from stdin through the verdict, a line a network and day to
 * stdout, for the comparison with the reference (compare.py).
 *
 *	judge_rows NOW_MS days|published [OPERATORS] <ROWS
 *
 * A row is a line of the reference's fields in their order, separated by tabs,
 * "-" for an empty one; OPERATORS is a file of lines "AGENT<tab>OPERATOR".
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/published/gate.h"
#include "collector/verdict/published/published.h"
#include "lib/base/array.h"
#include "lib/base/buf.h"
#include "lib/report/words.h"

struct world {
	struct rollup_row *rows;
	size_t count;
	int64_t now_ms;
	struct roster roster;
	struct health health;
	struct evidence evidence;
	struct gate_accusation *accusations;
	size_t naccusations;
};

static void die(const char *what)
{
	fprintf(stderr, "judge_rows: %s\n", what);
	exit(2);
}

/* --- rows in --- */

static bool read_row(char *line, struct rollup_row *row)
{
	char outcome[32], mechanism[32], where[32];
	int read = sscanf(line,
	    "%" SCNd32 "\t%" SCNu32 "\t%45[^\t]\t%" SCNu8 "\t%" SCNu16
	    "\t%16[^\t]\t%63[^\t]\t%31[^\t]\t%31[^\t]\t%31[^\t]\t%" SCNd64
	    "\t%" SCNd64 "\t%" SCNd64,
	    &row->day, &row->asn, row->prefix, &row->family, &row->port,
	    row->agent, row->endpoint, outcome, mechanism, where, &row->count,
	    &row->first_ms, &row->last_ms);

	if (read != 13)
		return false;
	row->outcome = (enum outcome)outcome_from_word(outcome);
	row->mechanism = (enum mechanism)mechanism_from_word(mechanism);
	row->where = strcmp(where, "-") == 0
			 ? WHERE_NONE
			 : (enum where)where_from_word(where);
	return (int)row->outcome >= 0 && (int)row->mechanism >= 0 &&
	       (int)row->where >= 0;
}

static int compare_networks(const void *a, const void *b)
{
	const struct rollup_row *left = a, *right = b;

	if (left->asn != right->asn)
		return left->asn < right->asn ? -1 : 1;
	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	return (left->port > right->port) - (left->port < right->port);
}

static void read_rows(struct world *world)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		world->rows = array_grow(
		    world->rows, world->count, sizeof(*world->rows));
		if (world->rows == NULL)
			die("out of memory");
		if (!read_row(line, &world->rows[world->count++]))
			die(line);
	}
	free(line);
	if (world->count == 0)
		die("no rows");
	qsort(
	    world->rows, world->count, sizeof(*world->rows), compare_networks);
}

static void read_operators(struct world *world, const char *path)
{
	FILE *file = fopen(path, "r");
	char agent[ROW_AGENT_SIZE], operator[64];

	if (file == NULL)
		die(path);
	while (fscanf(file, "%16s\t%63s\n", agent, operator) == 2)
		if (roster_set_operator(&world->roster, agent, operator) < 0)
			die("out of memory");
	fclose(file);
}

/* --- networks --- */

static size_t gather(struct world *world, size_t from)
{
	size_t i = from;

	evidence_begin(&world->evidence, &world->rows[from], world->now_ms);
	for (; i < world->count &&
	       evidence_is_of(&world->evidence, &world->rows[i]);
	     i++)
		if (evidence_add(&world->evidence, &world->rows[i]) < 0)
			die("out of memory");
	if (evidence_end(&world->evidence) < 0)
		die("out of memory");
	return i;
}

static void learn(struct world *world)
{
	size_t i;

	for (i = 0; i < world->count; i++)
		if (!evidence_is_later(&world->rows[i], world->now_ms) &&
		    roster_add(&world->roster, world->rows[i].agent,
			world->rows[i].day) < 0)
			die("out of memory");
	health_init(&world->health, evidence_day_of(world->now_ms));
	for (i = 0; i < world->count;) {
		i = gather(world, i);
		if (health_learn(&world->health, &world->evidence) < 0)
			die("out of memory");
	}
}

static void print_day(const struct replay *replay)
{
	const struct decision *decision = &replay->decision;
	const struct posterior *posterior = &decision->posterior;
	const char *where = where_word(decision->where);

	printf("%u %u %u %d %s %s %.17g %.17g %.17g %.17g %d %d %s %s %d %d "
	       "%d\n",
	    replay->evidence->asn, replay->evidence->family,
	    replay->evidence->port, replay->day,
	    network_state_word(decision->state),
	    network_state_word(replay->state), posterior->open,
	    posterior->filtered, posterior->by_prefix, posterior->by_line,
	    decision->witnesses_blocked, decision->witnesses_open,
	    where[0] != '\0' ? where : "-",
	    decision->needs_trace ? "trace" : "-", decision->blocked,
	    decision->open, decision->unsteady);
}

/* --- what is published --- */

static void print_text(const char *name, const char *value)
{
	if (value[0] != '\0')
		printf(", \"%s\": \"%s\"", name, value);
	else
		printf(", \"%s\": null", name);
}

static void print_since(const struct published *published)
{
	if (published->has_since)
		printf(", \"since\": %" PRId64, published->since_ms);
	else
		printf(", \"since\": null");
	printf(", \"since_is_first\": %s",
	    published->since_is_first ? "true" : "false");
}

static void print_published(const struct published *published)
{
	char because[BECAUSE_SIZE];
	size_t i;

	because_join(&published->because, because);
	printf("{\"asn\": %u, \"family\": %u, \"port\": %u", published->asn,
	    published->family, published->port);
	print_text("state", network_state_word(published->state));
	print_text("mechanism", mechanism_word(published->mechanism));
	print_text("where", where_word(published->where));
	print_text("reach", published_reach_word(published->reach));
	print_text("level", published_level_word(published->level));
	printf(", \"confidence\": %.6f", published->confidence);
	if (published->wrong >= 0)
		printf(", \"wrong\": %.6f", published->wrong);
	else
		printf(", \"wrong\": null");
	printf(", \"blocked_share\": {\"low\": %.2f, \"mid\": %.2f, "
	       "\"high\": %.2f}, \"vantage_points\": %d, \"witnesses\": [%d, "
	       "%d], \"prefixes\": %d, \"blocked_prefixes\": [",
	    published->blocked.low, published->blocked.mid,
	    published->blocked.high, published->vantage_points,
	    published->witnesses_blocked, published->witnesses_open,
	    published->prefixes);
	for (i = 0; i < published->nblocked_prefixes; i++)
		printf("%s\"%s\"", i > 0 ? ", " : "",
		    published->blocked_prefixes[i]);
	printf("], \"endpoints\": %d, \"probes\": %" PRId64,
	    published->endpoints, published->probes);
	print_since(published);
	printf(", \"last\": %" PRId64, published->last_ms);
	print_text("because", because);
	printf("}\n");
}

/* --- both passes --- */

static void add_accusation(
    struct world *world, const struct published *published)
{
	struct gate_accusation *grown;

	if (published->wrong < 0)
		return;
	grown = array_grow(
	    world->accusations, world->naccusations, sizeof(*grown));
	if (grown == NULL)
		die("out of memory");
	world->accusations = grown;
	grown[world->naccusations++] = (struct gate_accusation){
	    .wrong = published->wrong,
	    .asn = published->asn,
	    .family = published->family,
	    .port = published->port,
	};
}

static bool is_held_back(
    const struct world *world, const struct published *published)
{
	size_t i;

	for (i = 0; i < world->naccusations; i++) {
		const struct gate_accusation *at = &world->accusations[i];

		if (at->asn == published->asn &&
		    at->family == published->family &&
		    at->port == published->port)
			return at->is_held_back;
	}
	return false;
}

enum task { TASK_DAYS, TASK_ACCUSATIONS, TASK_PUBLISHED };

static void judge_network(struct world *world, enum task task)
{
	struct published published;
	struct replay replay;

	if (world->evidence.nrows == 0)
		return;
	if (replay_init(
		&replay, &world->evidence, &world->health, &world->roster) < 0)
		die("out of memory");
	while (replay_day(&replay))
		if (task == TASK_DAYS)
			print_day(&replay);
	if (task != TASK_DAYS) {
		if (published_fill(&replay, &published) < 0)
			die("out of memory");
		if (task == TASK_ACCUSATIONS)
			add_accusation(world, &published);
		else if (is_held_back(world, &published))
			published_hold_back(&published);
		if (task == TASK_PUBLISHED)
			print_published(&published);
		published_free(&published);
	}
	replay_free(&replay);
}

static void judge(struct world *world, enum task task)
{
	size_t i;

	for (i = 0; i < world->count;) {
		i = gather(world, i);
		judge_network(world, task);
	}
}

int main(int argc, char **argv)
{
	struct world world = {0};
	bool days;

	if (argc < 3)
		die("usage: judge_rows NOW_MS days|published [OPERATORS]");
	world.now_ms = strtoll(argv[1], NULL, 10);
	days = strcmp(argv[2], "days") == 0;
	read_rows(&world);
	learn(&world);
	if (argc > 3)
		read_operators(&world, argv[3]);
	if (days) {
		judge(&world, TASK_DAYS);
	} else {
		judge(&world, TASK_ACCUSATIONS);
		gate_close(world.accusations, world.naccusations);
		judge(&world, TASK_PUBLISHED);
	}
	free(world.rows);
	free(world.accusations);
	roster_free(&world.roster);
	health_free(&world.health);
	evidence_free(&world.evidence);
	return fflush(stdout) == 0 ? 0 : 2;
}
