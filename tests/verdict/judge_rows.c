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

#include "collector/record/format.h"
#include "collector/verdict/judge.h"
#include "collector/verdict/network_walk.h"
#include "collector/verdict/replay/replay.h"
#include "lib/base/array.h"
#include "lib/report/words.h"

struct world {
	struct rollup_row *rows;
	size_t count;
	int64_t now_ms;
	struct judge judge;
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
	    "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNu32 "\t%" SCNu32,
	    &row->day, &row->asn, row->prefix, &row->family, &row->port,
	    row->agent, row->endpoint, outcome, mechanism, where, &row->count,
	    &row->first_ms, &row->last_ms, &row->after_asn, &row->before_asn);

	if (read != 15)
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
	char agent[ROW_AGENT_SIZE], run_by[64];

	if (file == NULL)
		die(path);
	while (fscanf(file, "%16s\t%63s\n", agent, run_by) == 2)
		if (roster_set_operator(&world->judge.roster, agent, run_by) <
		    0)
			die("out of memory");
	fclose(file);
}

/* --- networks --- */

static void walk(struct world *world, network_walk_visit *visit)
{
	struct network_walk networks;
	size_t i;

	network_walk_init(&networks, world->now_ms, visit, world);
	for (i = 0; i < world->count; i++)
		if (network_walk_add(&networks, &world->rows[i]) < 0)
			die("out of memory");
	if (network_walk_end(&networks) < 0)
		die("out of memory");
	network_walk_free(&networks);
}

static int learn(void *arg, const struct evidence *evidence)
{
	struct world *world = arg;

	return judge_learn(&world->judge, evidence);
}

static int note(void *arg, const struct evidence *evidence)
{
	struct world *world = arg;
	struct network_verdict verdict;
	enum network_state before;
	int error = judge_decide(&world->judge, evidence, &verdict, &before);

	if (error == 0)
		error = judge_note(&world->judge, &verdict);
	network_verdict_end(&verdict);
	return error;
}

static int print_published(void *arg, const struct evidence *evidence)
{
	struct world *world = arg;
	struct network_record record = {0};
	struct buf line = {0};
	enum network_state before;
	int error = judge_decide(
	    &world->judge, evidence, &record.verdict, &before);

	if (error < 0)
		return error;
	format_network_json(&record, false, &line);
	puts(line.data);
	buf_free(&line);
	network_verdict_end(&record.verdict);
	return 0;
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

static int print_days(void *arg, const struct evidence *evidence)
{
	struct world *world = arg;
	struct replay replay;

	if (replay_init(&replay, evidence, &world->judge.health,
		&world->judge.roster) < 0)
		die("out of memory");
	while (replay_day(&replay))
		print_day(&replay);
	replay_free(&replay);
	return 0;
}

static void enrol(struct world *world)
{
	size_t i;

	for (i = 0; i < world->count; i++) {
		struct vantage vantage = {
		    .first_day = world->rows[i].day,
		};

		memcpy(
		    vantage.agent, world->rows[i].agent, sizeof(vantage.agent));
		if (!evidence_is_later(&world->rows[i], world->now_ms) &&
		    judge_enrol(&world->judge, &vantage) < 0)
			die("out of memory");
	}
}

int main(int argc, char **argv)
{
	struct world world = {0};

	if (argc < 3)
		die("usage: judge_rows NOW_MS days|published [OPERATORS]");
	world.now_ms = strtoll(argv[1], NULL, 10);
	judge_init(&world.judge, world.now_ms);
	read_rows(&world);
	enrol(&world);
	if (argc > 3)
		read_operators(&world, argv[3]);
	walk(&world, learn);
	if (strcmp(argv[2], "days") == 0) {
		walk(&world, print_days);
	} else {
		walk(&world, note);
		if (judge_close(&world.judge) < 0)
			die("out of memory");
		walk(&world, print_published);
	}
	free(world.rows);
	judge_free(&world.judge);
	return fflush(stdout) == 0 ? 0 : 2;
}
