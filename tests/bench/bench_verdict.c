/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a verdict on everything costs: networks of seven lines in five prefixes,
 * 30 days, four endpoints, in the store's order. Prints CPU without the time
 * that it takes to make the rows. Argument: how many networks (10000).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/verdict/judge.h"
#include "collector/verdict/network_walk.h"
#include "lib/base/day.h"

#define LINES     7
#define PREFIXES  5
#define DAYS      30
#define ENDPOINTS 4
#define FIRST_DAY 20000
#define NOW       ((FIRST_DAY + DAYS) * DAY_MS - 1)

struct bench {
	struct judge judge;
	int64_t rows, networks, accused;
};

static double cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void must(int error)
{
	if (error == 0)
		return;
	fprintf(stderr, "bench_verdict: out of memory\n");
	exit(1);
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

/* One line in four sees what is not usual in its network. */
static void fill_row(
    struct rollup_row *row, uint32_t *seed, int day, int endpoint)
{
	bool blocked = (row->asn % 4 == 0) != (draw(seed, 25) == 0);

	snprintf(row->endpoint, sizeof(row->endpoint), "mx%d", endpoint);
	row->outcome = blocked ? OUTCOME_FILTERED : OUTCOME_REACHABLE;
	row->mechanism = blocked ? MECHANISM_DROP : MECHANISM_OPEN;
	row->where = blocked ? WHERE_PATH : WHERE_NONE;
	row->count = 1 + draw(seed, 2);
	row->first_ms = row->last_ms = (FIRST_DAY + day) * DAY_MS +
				       draw(seed, 86000000);
}

static void add_day(
    struct network_walk *walk, struct rollup_row *row, uint32_t *seed, int day)
{
	int line, endpoint;

	row->day = FIRST_DAY + day;
	for (line = 0; line < LINES; line++) {
		snprintf(row->prefix, sizeof(row->prefix), "192.0.%d.0/24",
		    line % PREFIXES);
		snprintf(row->agent, sizeof(row->agent), "%08x%08x", row->asn,
		    (unsigned)line);
		for (endpoint = 0; endpoint < ENDPOINTS; endpoint++) {
			if (draw(seed, 10) < 4)
				continue;
			fill_row(row, seed, day, endpoint);
			if (walk != NULL)
				must(network_walk_add(walk, row));
		}
	}
}

/* Make the rows of all networks; NULL: for the time that this takes. */
static double walk_all(
    struct bench *bench, int networks, network_walk_visit *visit)
{
	struct network_walk walk;
	struct rollup_row row = {.family = 4, .port = 25};
	double began_s = cpu_s();
	uint32_t seed = 1;
	int i, day;

	network_walk_init(&walk, NOW, visit, bench);
	for (i = 0; i < networks; i++) {
		row.asn = (uint32_t)i + 1;
		for (day = 0; day < DAYS; day++)
			add_day(visit != NULL ? &walk : NULL, &row, &seed, day);
	}
	must(network_walk_end(&walk));
	network_walk_free(&walk);
	return cpu_s() - began_s;
}

static int learn(void *arg, const struct evidence *evidence)
{
	struct bench *bench = arg;

	bench->rows += (int64_t)evidence->nrows;
	return judge_learn(&bench->judge, evidence);
}

static int note(void *arg, const struct evidence *evidence)
{
	struct bench *bench = arg;
	struct network_verdict verdict;
	enum network_state before;
	int error = judge_decide(&bench->judge, evidence, &verdict, &before);

	if (error < 0)
		return error;
	bench->networks++;
	bench->accused += verdict.wrong >= 0;
	error = judge_note(&bench->judge, &verdict);
	network_verdict_end(&verdict);
	return error;
}

int main(int argc, char **argv)
{
	int networks = argc > 1 ? atoi(argv[1]) : 10000;
	double made_s, learned_s, judged_s;
	struct bench bench = {0};

	judge_init(&bench.judge, NOW);
	made_s = walk_all(&bench, networks, NULL);
	learned_s = walk_all(&bench, networks, learn) - made_s;
	judged_s = walk_all(&bench, networks, note) - made_s;
	judge_close(&bench.judge);
	printf("%lld networks, %d days, %lld rows: endpoint health %.2f s, "
	       "verdicts %.2f s, together %.2f s of CPU (bar: 1 s for 10,000 "
	       "networks); %lld accused\n",
	    (long long)bench.networks, DAYS, (long long)bench.rows, learned_s,
	    judged_s, learned_s + judged_s, (long long)bench.accused);
	judge_free(&bench.judge);
	return 0;
}
