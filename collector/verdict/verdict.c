/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/report/words.h"

#define WINDOW_MS       (INT64_C(24) * 3600 * 1000 * VERDICT_DAYS)
#define ENDPOINTS_LEAST 2 /* to convict, or to call a network open */
#define AGENTS_LEAST    2
#define PREFIXES_LEAST  2
#define Z               1.96 /* 95 % */

/* What one vantage point says of its network. */
enum leaning {
	LEAN_NONE,
	LEAN_OPEN,
	LEAN_FILTERED,
	LEAN_INTERCEPTED,
	LEAN_MIXED,
	LEAN_HOME,
	LEAN_COUNT
};

/* What all vantage points say together. */
struct tally {
	int agents[LEAN_COUNT];
	int prefixes[LEAN_COUNT]; /* with at least one agent that leans so */
	int all_prefixes;
	int most_reached; /* endpoints, by any one agent that leans open */
	int64_t by_mechanism[MECHANISM_COUNT]; /* convicting rows */
	int64_t by_where[WHERE_COUNT];
};

static bool is_in_window(const struct rollup_row *row, int64_t now_ms)
{
	return row->first_ms <= now_ms && row->last_ms > now_ms - WINDOW_MS;
}

static bool is_convicting(const struct rollup_row *row)
{
	return row->outcome == OUTCOME_FILTERED ||
	       row->outcome == OUTCOME_INTERCEPTED;
}

/* Done by the host or the home router, as far as can be told: says nothing
 * about the network. */
static bool is_at_home(const struct rollup_row *row)
{
	return row->outcome == OUTCOME_LOCAL ||
	       (is_convicting(row) &&
		   (row->where == WHERE_HOST || row->where == WHERE_ACCESS ||
		       row->where == WHERE_HOST_OR_PATH));
}

static bool is_decisive(const struct rollup_row *row)
{
	return row->outcome == OUTCOME_REACHABLE ||
	       (is_convicting(row) && !is_at_home(row));
}

/* By agent, then the latest day first, then by endpoint. */
static int compare_rows(const void *a, const void *b)
{
	const struct rollup_row *left = a, *right = b;
	int order = strcmp(left->agent, right->agent);

	if (order == 0)
		order = (right->day > left->day) - (right->day < left->day);
	if (order == 0)
		order = strcmp(left->endpoint, right->endpoint);
	if (order == 0)
		order = (int)left->outcome - (int)right->outcome;
	return order != 0 ? order : strcmp(left->prefix, right->prefix);
}

/* --- one vantage point --- */

/* How many endpoints gave that outcome, in rows of one day sorted by endpoint.
 */
static int count_endpoints(
    const struct rollup_row *rows, size_t count, enum outcome outcome)
{
	const char *last = "";
	int endpoints = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (rows[i].outcome != outcome || !is_decisive(&rows[i]) ||
		    strcmp(rows[i].endpoint, last) == 0)
			continue;
		last = rows[i].endpoint;
		endpoints++;
	}
	return endpoints;
}

/* Narrow `*rows`, of one agent and sorted, to its latest day with a decisive
 * row, and return how many they are; 0: there is no such day. */
static size_t latest_day(const struct rollup_row **rows, size_t count)
{
	size_t i = 0, length;

	while (i < count && !is_decisive(&(*rows)[i]))
		i++;
	if (i == count)
		return 0;
	while (i > 0 && (*rows)[i - 1].day == (*rows)[i].day)
		i--;
	*rows += i;
	for (length = 1; i + length < count; length++)
		if ((*rows)[length].day != (*rows)[0].day)
			break;
	return length;
}

static bool has_home_row(const struct rollup_row *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (is_at_home(&rows[i]))
			return true;
	return false;
}

struct vantage {
	const char *prefix; /* of its latest day; borrowed from the rows */
	enum leaning leaning;
	int reached; /* endpoints, on that day */
};

static void judge_vantage(
    const struct rollup_row *rows, size_t count, struct vantage *vantage)
{
	const struct rollup_row *day = rows;
	size_t length = latest_day(&day, count);
	int filtered, intercepted;

	vantage->prefix = day->prefix;
	vantage->leaning = LEAN_NONE;
	vantage->reached = count_endpoints(day, length, OUTCOME_REACHABLE);
	filtered = count_endpoints(day, length, OUTCOME_FILTERED);
	intercepted = count_endpoints(day, length, OUTCOME_INTERCEPTED);
	if (length == 0 && has_home_row(rows, count))
		vantage->leaning = LEAN_HOME;
	else if ((vantage->reached > 0) + (filtered > 0) + (intercepted > 0) >
		 1)
		vantage->leaning = LEAN_MIXED;
	else if (vantage->reached > 0)
		vantage->leaning = LEAN_OPEN;
	else if (filtered >= ENDPOINTS_LEAST)
		vantage->leaning = LEAN_FILTERED;
	else if (intercepted >= ENDPOINTS_LEAST)
		vantage->leaning = LEAN_INTERCEPTED;
}

/* --- all vantage points --- */

static int compare_vantages(const void *a, const void *b)
{
	return strcmp(((const struct vantage *)a)->prefix,
	    ((const struct vantage *)b)->prefix);
}

/* Fill the table with one entry for each vantage point, sorted by prefix.
 * Returns how many there are. */
static size_t list_vantages(
    const struct rollup_row *rows, size_t count, struct vantage *vantages)
{
	size_t i, length, number = 0;

	for (i = 0; i < count; i += length) {
		for (length = 1; i + length < count; length++)
			if (strcmp(rows[i + length].agent, rows[i].agent) != 0)
				break;
		judge_vantage(rows + i, length, &vantages[number++]);
	}
	qsort(vantages, number, sizeof(*vantages), compare_vantages);
	return number;
}

static void tally_vantages(
    const struct vantage *vantages, size_t count, struct tally *tally)
{
	bool seen[LEAN_COUNT];
	size_t i;

	for (i = 0; i < count; i++) {
		const struct vantage *vantage = &vantages[i];

		if (i == 0 ||
		    strcmp(vantage->prefix, vantages[i - 1].prefix) != 0) {
			memset(seen, 0, sizeof(seen));
			tally->all_prefixes++;
		}
		tally->prefixes[vantage->leaning] += !seen[vantage->leaning];
		seen[vantage->leaning] = true;
		tally->agents[vantage->leaning]++;
		if (vantage->leaning == LEAN_OPEN &&
		    vantage->reached > tally->most_reached)
			tally->most_reached = vantage->reached;
	}
}

static void tally_convictions(
    const struct rollup_row *rows, size_t count, struct tally *tally)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!is_convicting(&rows[i]) || is_at_home(&rows[i]))
			continue;
		tally->by_mechanism[rows[i].mechanism] += rows[i].count;
		tally->by_where[rows[i].where] += rows[i].count;
	}
}

/* --- the verdict's figures --- */

static void add_outcome(
    struct network_verdict *verdict, const struct rollup_row *row)
{
	struct network_outcome *outcome;
	size_t i;

	for (i = 0; i < verdict->noutcomes; i++)
		if (verdict->outcomes[i].outcome == row->outcome &&
		    verdict->outcomes[i].mechanism == row->mechanism)
			break;
	if (i == NETWORK_OUTCOMES_MAX)
		return;
	outcome = &verdict->outcomes[i];
	if (i == verdict->noutcomes) {
		verdict->noutcomes++;
		outcome->outcome = row->outcome;
		outcome->mechanism = row->mechanism;
		outcome->count = 0;
	}
	outcome->count += row->count;
}

static int compare_outcomes(const void *a, const void *b)
{
	const struct network_outcome *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	if (left->outcome != right->outcome)
		return (int)left->outcome - (int)right->outcome;
	return (int)left->mechanism - (int)right->mechanism;
}

static int compare_endpoints(const void *a, const void *b)
{
	return strcmp(((const struct rollup_row *)a)->endpoint,
	    ((const struct rollup_row *)b)->endpoint);
}

/* Fill in the figures; leaves the rows sorted by endpoint. */
static void count_figures(
    struct rollup_row *rows, size_t count, struct network_verdict *verdict)
{
	size_t i;

	verdict->since_ms = INT64_MAX;
	for (i = 0; i < count; i++) {
		const struct rollup_row *row = &rows[i];

		verdict->probes += row->count;
		if (row->first_ms < verdict->since_ms)
			verdict->since_ms = row->first_ms;
		if (row->last_ms > verdict->last_ms)
			verdict->last_ms = row->last_ms;
		add_outcome(verdict, row);
	}
	qsort(rows, count, sizeof(*rows), compare_endpoints);
	for (i = 0; i < count; i++)
		verdict->endpoints += i == 0 || compare_endpoints(&rows[i - 1],
						    &rows[i]) != 0;
	qsort(verdict->outcomes, verdict->noutcomes, sizeof(*verdict->outcomes),
	    compare_outcomes);
}

/* Wilson's score interval for `blocked` out of `all`. */
static void measure_share(int blocked, int all, struct network_verdict *verdict)
{
	double n = all, p, centre, spread;

	if (all == 0) {
		verdict->blocked_high = 1;
		return;
	}
	p = blocked / n;
	centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
	spread = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) /
		 (1 + Z * Z / n);
	verdict->blocked_mid = p;
	verdict->blocked_low = fmax(0, centre - spread);
	verdict->blocked_high = fmin(1, centre + spread);
}

/* The index of the greatest count; `none` if all are 0. */
static int most_of(const int64_t *counts, int number, int none)
{
	int i, most = none;

	for (i = 0; i < number; i++)
		if (counts[i] > 0 && (most == none || counts[i] > counts[most]))
			most = i;
	return most;
}

/* --- the rules --- */

static enum network_state decide(const struct tally *tally)
{
	const int *agents = tally->agents;
	int convicting = agents[LEAN_FILTERED] + agents[LEAN_INTERCEPTED];

	if (agents[LEAN_MIXED] > 0)
		return STATE_INCONSISTENT;
	if (agents[LEAN_OPEN] > 0 && convicting == 0)
		return tally->most_reached >= ENDPOINTS_LEAST
			   ? STATE_OPEN
			   : STATE_INSUFFICIENT;
	if (agents[LEAN_FILTERED] > 0 && agents[LEAN_INTERCEPTED] > 0)
		return STATE_INCONSISTENT;
	if (convicting < AGENTS_LEAST ||
	    tally->prefixes[LEAN_FILTERED] + tally->prefixes[LEAN_INTERCEPTED] <
		PREFIXES_LEAST)
		return STATE_INSUFFICIENT;
	if (agents[LEAN_OPEN] > 0)
		return STATE_PARTIAL;
	return agents[LEAN_FILTERED] > 0 ? STATE_FILTERED : STATE_INTERCEPTED;
}

static double confidence(const struct network_verdict *verdict)
{
	switch (verdict->state) {
	case STATE_FILTERED:
	case STATE_INTERCEPTED:
		return verdict->blocked_low;
	case STATE_OPEN:
		return 1 - verdict->blocked_high;
	case STATE_INSUFFICIENT:
		return 0;
	default:
		return 1 - (verdict->blocked_high - verdict->blocked_low);
	}
}

/* Name the mechanism and where: of the blocked probes, or, in an open network,
 * of those that got through. */
static void name_mechanism(
    const struct tally *tally, struct network_verdict *verdict)
{
	int mechanism = most_of(
	    tally->by_mechanism, MECHANISM_COUNT, MECHANISM_COUNT);
	size_t i;

	verdict->mechanism = MECHANISM_COUNT;
	if (verdict->state != STATE_OPEN && mechanism != MECHANISM_COUNT) {
		verdict->mechanism = (enum mechanism)mechanism;
		verdict->where = (enum where)most_of(
		    tally->by_where, WHERE_COUNT, WHERE_NONE);
		return;
	}
	for (i = 0; i < verdict->noutcomes; i++)
		if (verdict->outcomes[i].outcome == OUTCOME_REACHABLE) {
			verdict->mechanism = verdict->outcomes[i].mechanism;
			return;
		}
}

static void append(struct network_verdict *verdict, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct network_verdict *verdict, const char *format, ...)
{
	size_t length = strlen(verdict->because);
	va_list args;

	va_start(args, format);
	vsnprintf(verdict->because + length, sizeof(verdict->because) - length,
	    format, args);
	va_end(args);
}

static void append_count(
    struct network_verdict *verdict, int count, const char *what)
{
	if (count > 0)
		append(verdict, "%s%d %s",
		    verdict->because[0] != '\0' ? ", " : "", count, what);
}

static void explain(const struct tally *tally, struct network_verdict *verdict)
{
	const int *agents = tally->agents;
	char stopped[64];

	snprintf(stopped, sizeof(stopped), "stopped (%s)",
	    verdict->mechanism < MECHANISM_COUNT
		? mechanism_word(verdict->mechanism)
		: "no way out");
	append_count(verdict, agents[LEAN_OPEN], "got out");
	append_count(verdict, agents[LEAN_FILTERED], stopped);
	append_count(verdict, agents[LEAN_INTERCEPTED], "intercepted");
	append_count(verdict, agents[LEAN_MIXED], "saw endpoints that differ");
	append_count(
	    verdict, agents[LEAN_HOME], "stopped in their own host or router");
	append_count(verdict, agents[LEAN_NONE], "could not tell");
	append(verdict,
	    " of %lld vantage point%s in %lld prefix%s, with %lld "
	    "endpoint%s",
	    (long long)verdict->vantage_points,
	    verdict->vantage_points == 1 ? "" : "s",
	    (long long)verdict->prefixes, verdict->prefixes == 1 ? "" : "es",
	    (long long)verdict->endpoints, verdict->endpoints == 1 ? "" : "s");
	if (verdict->state == STATE_INSUFFICIENT)
		append(verdict, "; too little to judge the network");
}

size_t verdict_keep_window(
    struct rollup_row *rows, size_t count, int64_t now_ms)
{
	size_t i, kept = 0;

	for (i = 0; i < count; i++)
		if (is_in_window(&rows[i], now_ms))
			rows[kept++] = rows[i];
	return kept;
}

static void judge(const struct tally *tally, struct network_verdict *verdict)
{
	const int *agents = tally->agents;

	verdict->state = decide(tally);
	measure_share(agents[LEAN_FILTERED] + agents[LEAN_INTERCEPTED],
	    agents[LEAN_OPEN] + agents[LEAN_FILTERED] +
		agents[LEAN_INTERCEPTED] + agents[LEAN_MIXED],
	    verdict);
	verdict->confidence = confidence(verdict);
	name_mechanism(tally, verdict);
	explain(tally, verdict);
}

int verdict_decide(struct rollup_row *rows, size_t count, int64_t now_ms,
    struct network_verdict *verdict)
{
	struct vantage *vantages = malloc(count * sizeof(*vantages));
	struct tally tally = {0};

	if (vantages == NULL)
		return -ENOMEM;
	memset(verdict, 0, sizeof(*verdict));
	verdict->asn = rows[0].asn;
	verdict->family = rows[0].family;
	verdict->port = rows[0].port;
	count = verdict_keep_window(rows, count, now_ms);
	qsort(rows, count, sizeof(*rows), compare_rows);
	verdict->vantage_points = (int64_t)list_vantages(rows, count, vantages);
	tally_vantages(vantages, (size_t)verdict->vantage_points, &tally);
	free(vantages);
	verdict->prefixes = tally.all_prefixes;
	tally_convictions(rows, count, &tally);
	count_figures(rows, count, verdict);
	if (count == 0)
		verdict->since_ms = 0;
	judge(&tally, verdict);
	return 0;
}
