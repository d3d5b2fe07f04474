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
#define ROWS_MAX  (DAYS * LINES * ENDPOINTS)
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

/* A row as it is drawn; its names are made beforehand, as a store has them. */
struct drawn {
	int day, line, endpoint;
	bool blocked;
	int count, at_ms;
};

struct drawn_network {
	char agents[LINES][ROW_AGENT_SIZE];
	char prefixes[LINES][32];
	char endpoints[ENDPOINTS][16];
	struct drawn rows[ROWS_MAX];
	int nrows;
};

/* One line in 25 sees what is not usual in its network. */
static void draw_row(struct drawn *drawn, uint32_t asn, uint32_t *seed)
{
	drawn->blocked = (asn % 4 == 0) != (draw(seed, 25) == 0);
	drawn->count = 1 + (int)draw(seed, 2);
	drawn->at_ms = (int)draw(seed, 86000000);
}

static void draw_network(
    struct drawn_network *network, uint32_t asn, uint32_t *seed)
{
	int day, line, endpoint;

	network->nrows = 0;
	for (endpoint = 0; endpoint < ENDPOINTS; endpoint++)
		snprintf(network->endpoints[endpoint],
		    sizeof(network->endpoints[endpoint]), "mx%d", endpoint);
	for (line = 0; line < LINES; line++) {
		snprintf(network->agents[line], sizeof(network->agents[line]),
		    "%08x%08x", asn, (unsigned)line);
		snprintf(network->prefixes[line],
		    sizeof(network->prefixes[line]), "192.0.%d.0/24",
		    line % PREFIXES);
	}
	for (day = 0; day < DAYS; day++)
		for (line = 0; line < LINES; line++)
			for (endpoint = 0; endpoint < ENDPOINTS; endpoint++) {
				struct drawn
				    *drawn = &network->rows[network->nrows];

				if (draw(seed, 10) < 4)
					continue;
				*drawn = (struct drawn){day, line, endpoint};
				draw_row(drawn, asn, seed);
				network->nrows++;
			}
}

static void fill_row(struct rollup_row *row,
    const struct drawn_network *network, const struct drawn *drawn)
{
	row->day = FIRST_DAY + drawn->day;
	memcpy(row->agent, network->agents[drawn->line], sizeof(row->agent));
	memcpy(row->prefix, network->prefixes[drawn->line], 32);
	memcpy(row->endpoint, network->endpoints[drawn->endpoint], 16);
	row->outcome = drawn->blocked ? OUTCOME_FILTERED : OUTCOME_REACHABLE;
	row->mechanism = drawn->blocked ? MECHANISM_DROP : MECHANISM_OPEN;
	row->where = drawn->blocked ? WHERE_PATH : WHERE_NONE;
	row->count = drawn->count;
	row->first_ms = row->last_ms = row->day * DAY_MS + drawn->at_ms;
}

/* All networks; the time that it takes to draw them is not counted. */
static double walk_all(
    struct bench *bench, int networks, network_walk_visit *visit)
{
	struct rollup_row row = {.family = 4, .port = 25};
	static struct drawn_network network;
	struct network_walk walk;
	double began_s, taken_s = 0;
	uint32_t seed = 1;
	int i, at;

	network_walk_init(&walk, NOW, visit, bench);
	for (i = 0; i < networks; i++) {
		row.asn = (uint32_t)i + 1;
		draw_network(&network, row.asn, &seed);
		began_s = cpu_s();
		for (at = 0; at < network.nrows; at++) {
			fill_row(&row, &network, &network.rows[at]);
			must(network_walk_add(&walk, &row));
		}
		taken_s += cpu_s() - began_s;
	}
	began_s = cpu_s();
	must(network_walk_end(&walk));
	network_walk_free(&walk);
	return taken_s + cpu_s() - began_s;
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
	double learned_s, judged_s;
	struct bench bench = {0};

	judge_init(&bench.judge, NOW);
	learned_s = walk_all(&bench, networks, learn);
	judged_s = walk_all(&bench, networks, note);
	judge_close(&bench.judge);
	printf("%lld networks, %d days, %lld rows: endpoint health %.2f s, "
	       "verdicts %.2f s, together %.2f s of CPU (bar: 1 s for 10,000 "
	       "networks); %lld accused\n",
	    (long long)bench.networks, DAYS, (long long)bench.rows, learned_s,
	    judged_s, learned_s + judged_s, (long long)bench.accused);
	judge_free(&bench.judge);
	return 0;
}
