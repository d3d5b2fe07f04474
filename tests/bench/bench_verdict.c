/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a verdict on everything costs: networks of seven lines in five prefixes,
 * 30 days, four endpoints, in the store's order: from all rows at once, kept up
 * to date by the minute, and both from a store. Prints CPU without the time
 * that it takes to make the rows. Arguments: how many networks (10000); a
 * folder for a database, and how many networks are in it (a fifth of them).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/fleet/current.h"
#include "collector/fleet/networks.h"
#include "collector/store/sqlite/sqlite_engine.h"
#include "collector/verdict/judge.h"
#include "collector/verdict/ledger.h"
#include "collector/verdict/network_walk.h"
#include "lib/base/day.h"

#define LINES     7
#define PREFIXES  5
#define DAYS      30
#define ENDPOINTS 4
#define FIRST_DAY 20000
#define MINUTES   30
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

static void judge_all(int networks)
{
	struct bench bench = {0};
	double learned_s, judged_s;

	judge_init(&bench.judge, NOW);
	learned_s = walk_all(&bench, networks, learn);
	judged_s = walk_all(&bench, networks, note);
	judge_close(&bench.judge);
	printf("%lld networks, %d days, %lld rows: from rows, endpoint health "
	       "%.2f s, verdicts %.2f s of CPU; %lld accused\n",
	    (long long)bench.networks, DAYS, (long long)bench.rows, learned_s,
	    judged_s, (long long)bench.accused);
	judge_free(&bench.judge);
}

/* --- kept up to date --- */

static void enrol(struct ledger *ledger, const char *agent, int32_t day)
{
	struct vantage vantage = {.first_day = day};

	snprintf(vantage.agent, sizeof(vantage.agent), "%s", agent);
	must(ledger_enrol(ledger, &vantage));
}

static double fill_ledger(struct ledger *ledger, int networks)
{
	struct rollup_row row = {.family = 4, .port = 25};
	static struct drawn_network network;
	double began_s, taken_s = 0;
	uint32_t seed = 1;
	int i, at, line;

	for (i = 0; i < networks; i++) {
		row.asn = (uint32_t)i + 1;
		draw_network(&network, row.asn, &seed);
		began_s = cpu_s();
		for (line = 0; line < LINES; line++)
			enrol(ledger, network.agents[line], FIRST_DAY);
		for (at = 0; at < network.nrows; at++) {
			fill_row(&row, &network, &network.rows[at]);
			must(ledger_add(ledger, &row));
		}
		taken_s += cpu_s() - began_s;
	}
	return taken_s;
}

/* What comes in minute `minute` of the day after. */
static int draw_minute(struct rollup_row *rows, int networks, int minute)
{
	static struct drawn_network network;
	int count = networks * LINES * ENDPOINTS * 6 / 10 / 1440, i;
	uint32_t seed = (uint32_t)minute + 7, own;

	for (i = 0; i < count; i++) {
		struct drawn drawn = {.day = DAYS};
		struct rollup_row row = {.family = 4, .port = 25};

		row.asn = 1 + draw(&seed, (uint32_t)networks);
		own = row.asn;
		draw_network(&network, row.asn, &own);
		drawn.line = (int)draw(&seed, LINES);
		drawn.endpoint = (int)draw(&seed, ENDPOINTS);
		draw_row(&drawn, row.asn, &seed);
		drawn.at_ms = minute * 60000 - (int)draw(&seed, 60000);
		fill_row(&row, &network, &drawn);
		rows[i] = row;
	}
	return count;
}

static double take_minute(
    struct ledger *ledger, const struct rollup_row *rows, int count, int minute)
{
	double began_s = cpu_s();
	int i;

	must(ledger_advance(ledger, NOW + 1 + minute * INT64_C(60000)));
	for (i = 0; i < count; i++) {
		enrol(ledger, rows[i].agent, rows[i].day);
		must(ledger_add(ledger, &rows[i]));
	}
	must(ledger_judge(ledger, false));
	return cpu_s() - began_s;
}

static void keep_all(int networks)
{
	struct rollup_row *rows = calloc(
	    (size_t)networks * LINES + 1, sizeof(*rows));
	double filled_s, began_s, full_s, minute_s, sum_s = 0, most_s = 0;
	int minute, count = 0;
	struct ledger ledger;
	int64_t judged;

	must(rows != NULL ? 0 : -1);
	ledger_init(&ledger);
	must(ledger_advance(&ledger, NOW));
	filled_s = fill_ledger(&ledger, networks);
	must(ledger_judge(&ledger, true));
	began_s = cpu_s();
	must(ledger_advance(&ledger, NOW + 1));
	must(ledger_judge(&ledger, true));
	full_s = cpu_s() - began_s;
	printf(
	    "kept: read in %.2f s; all anew, as when a day begins: %.2f s "
	    "(bar: 1 s for 10,000 networks); %.0f bytes a line (bar: 1000)\n",
	    filled_s, full_s, (double)ledger_bytes(&ledger) / networks / LINES);
	judged = ledger.judged;
	for (minute = 1; minute <= MINUTES; minute++) {
		count = draw_minute(rows, networks, minute);
		minute_s = take_minute(&ledger, rows, count, minute);
		sum_s += minute_s;
		if (minute_s > most_s)
			most_s = minute_s;
	}
	printf("a minute's %d rows: %.1f ms, the most %.1f ms (bar: 20 ms); "
	       "%lld networks judged\n",
	    count, 1000 * sum_s / MINUTES, 1000 * most_s,
	    (long long)(ledger.judged - judged) / MINUTES);
	judged = ledger.judged;
	began_s = cpu_s();
	must(ledger_judge(&ledger, true));
	printf("the endpoints' health refreshed after %d minutes: %lld "
	       "networks judged again, %.2f s\n",
	    MINUTES, (long long)(ledger.judged - judged), cpu_s() - began_s);
	ledger_free(&ledger);
	free(rows);
}

/* --- from a store --- */

#define REPORT_ROWS (LINES * ENDPOINTS)
#define GROUP       64

/* Reports that are written together. */
struct written {
	struct store *store;
	struct store_report reports[GROUP];
	struct measurement rows[GROUP][REPORT_ROWS];
	size_t count;
	long number;
};

static void must_store(int error, const struct err *err)
{
	if (error == 0)
		return;
	fprintf(stderr, "bench_verdict: %s\n", err->text);
	exit(1);
}

static void write_group(struct written *written)
{
	bool duplicate[GROUP];
	struct err err = {""};

	if (written->count > 0)
		must_store(store_write(written->store, written->reports,
			       written->count, duplicate, &err),
		    &err);
	written->count = 0;
}

static void begin_report(struct written *written)
{
	struct store_report *report;

	if (written->count == GROUP)
		write_group(written);
	report = &written->reports[written->count];
	*report = (struct store_report){.rows = written->rows[written->count]};
	snprintf(report->id, sizeof(report->id),
	    "01930000-0000-7000-8000-%012ld", ++written->number);
	written->count++;
}

/* As a measurement, in the report that was begun last. */
static void write_row(struct written *written, const struct rollup_row *from)
{
	struct store_report *report = &written->reports[written->count - 1];
	struct measurement
	    *row = &written->rows[written->count - 1][report->nrows];

	*row = (struct measurement){.at_ms = from->first_ms,
	    .asn = from->asn,
	    .network = "Bench",
	    .country = "ZZ",
	    .family = from->family,
	    .port = from->port,
	    .mode = MODE_STARTTLS,
	    .outcome = from->outcome,
	    .mechanism = from->mechanism,
	    .where = from->where,
	    .attributed = true,
	    .listed = true};
	snprintf(row->agent, sizeof(row->agent), "%s", from->agent);
	snprintf(row->prefix, sizeof(row->prefix), "%s", from->prefix);
	snprintf(row->endpoint, sizeof(row->endpoint), "%s", from->endpoint);
	snprintf(row->id, sizeof(row->id), "01930000-0000-7000-8000-%012ld:%zu",
	    written->number, report->nrows);
	must(addr_parse(&row->address, "192.0.2.25") ? 0 : -1);
	report->nrows++;
}

/* A report a network and day. */
static void fill_store(struct written *written, int networks)
{
	struct rollup_row row = {.family = 4, .port = 25};
	static struct drawn_network network;
	uint32_t seed = 1;
	int i, at;

	for (i = 0; i < networks; i++) {
		row.asn = (uint32_t)i + 1;
		draw_network(&network, row.asn, &seed);
		for (at = 0; at < network.nrows; at++) {
			fill_row(&row, &network, &network.rows[at]);
			if (at == 0 ||
			    network.rows[at].day != network.rows[at - 1].day)
				begin_report(written);
			write_row(written, &row);
		}
	}
	write_group(written);
}

static double count_from_store(struct store *store)
{
	struct judge judge;
	struct err err = {""};
	double began_s = cpu_s();

	must_store(networks_learn(store, NOW, &judge, NULL, NULL, &err), &err);
	judge_free(&judge);
	return cpu_s() - began_s;
}

static double update(struct current *current, struct store *store, int minute)
{
	struct err err = {""};
	double began_s = cpu_s();

	must_store(current_update(
		       current, store, NOW + 1 + minute * INT64_C(60000), &err),
	    &err);
	return cpu_s() - began_s;
}

static void keep_minutes(struct written *written, struct current *current,
    struct store *reader, int networks)
{
	struct rollup_row *rows = calloc(
	    (size_t)networks * LINES + 1, sizeof(*rows));
	double sum_s = 0, refreshed_s;
	int minute, count = 0, i;

	must(rows != NULL ? 0 : -1);
	for (minute = 1; minute <= MINUTES; minute++) {
		count = draw_minute(rows, networks, minute);
		for (i = 0; i < count; i++) {
			begin_report(written);
			write_row(written, &rows[i]);
		}
		write_group(written);
		current->refresh_us = INT64_C(1) << 40; /* not now */
		sum_s += update(current, reader, minute);
	}
	current->refresh_us = 0;
	refreshed_s = update(current, reader, MINUTES);
	printf("a minute's %d rows: %.1f ms of CPU; with the endpoints' health "
	       "refreshed: %.0f ms\n",
	    count, 1000 * sum_s / MINUTES, 1000 * refreshed_s);
	free(rows);
}

static void keep_in_store(const char *folder, int networks)
{
	static struct written written;
	struct store_settings settings = {.engine = &sqlite_engine};
	struct current current;
	struct store *reader;
	struct err err = {""};
	double all_s, first_s;

	snprintf(
	    settings.path, sizeof(settings.path), "%s/collector.db", folder);
	must_store(store_open(&settings, &written.store, &err), &err);
	fill_store(&written, networks);
	settings.read_only = true;
	must_store(store_open(&settings, &reader, &err), &err);
	all_s = count_from_store(reader);
	current_init(&current);
	first_s = update(&current, reader, 0);
	printf("%d networks in a database: all read and judged for one count "
	       "%.2f s, to begin to keep them %.2f s\n",
	    networks, all_s, first_s);
	keep_minutes(&written, &current, reader, networks);
	current_free(&current);
	store_close(reader);
	store_close(written.store);
}

int main(int argc, char **argv)
{
	int networks = argc > 1 ? atoi(argv[1]) : 10000;

	judge_all(networks);
	keep_all(networks);
	if (argc > 2)
		keep_in_store(argv[2], argc > 3 ? atoi(argv[3]) : networks / 5);
	return 0;
}
