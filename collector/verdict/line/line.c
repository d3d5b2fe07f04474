/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/line/line.h"

#include <math.h>
#include <string.h>

#include "collector/verdict/line/unsteady.h"
#include "lib/report/words.h"

#define NO_DAY INT32_MIN

void line_init(struct line *line, uint32_t number, int32_t first_seen)
{
	memset(line, 0, sizeof(*line));
	line->number = number;
	line->first_seen = first_seen;
	line->endpoint_days[0] = line->endpoint_days[1] = NO_DAY;
	line->first_ms = INT64_MAX;
	line->last_ms = INT64_MIN;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* --- the chance that it is blocked --- */

static double eps_of(
    const struct line_world *world, uint32_t endpoint, int32_t day)
{
	return health_eps(world->health, world->series[endpoint], day);
}

static bool is_left_out(const struct line_world *world, uint32_t endpoint)
{
	return world->odds->endpoints[endpoint].is_at_odds;
}

/* What one endpoint says, as below. */
static double weigh_cell(const struct line_world *world,
    const struct evidence_cell *cell, int32_t day)
{
	double x = -(double)cell->good * log(1 / MODEL_DELTA);

	if (cell->bad > 0)
		x += (double)cell->bad *
		     log((1 - MODEL_DELTA) /
			 eps_of(world, cell->endpoint, day));
	return x;
}

/* The day's evidence as the logarithm of a ratio of chances, blocked to open,
 * before it is scaled to the probes that count. `*probes` are these. */
static double weigh_day(const struct line_world *world,
    const struct evidence_day *seen, double *probes)
{
	const struct evidence_cell *cells = world->evidence->cells + seen->cell;
	double x = 0, n, count = 0;
	size_t i;

	for (i = 0; i < seen->ncells; i++) {
		const struct evidence_cell *cell = &cells[i];

		if (is_left_out(world, cell->endpoint))
			continue;
		n = (double)(cell->good + cell->bad);
		count += least(MODEL_PER_ENDPOINT, n);
		x += least(1, MODEL_PER_ENDPOINT / n) *
		     weigh_cell(world, cell, seen->day);
	}
	*probes = count;
	return x;
}

static void learn(struct line *line, const struct line_world *world,
    const struct evidence_day *seen)
{
	double probes, odds, x = weigh_day(world, seen, &probes);

	if (probes == 0)
		return;
	if (!line->has_evidence) {
		line->has_evidence = true;
		line->p = MODEL_START;
	}
	line->prefix = seen->prefix;
	x *= least(1, MODEL_PER_DAY / probes);
	odds = line->p / (1 - line->p) * exp(x);
	line->p = odds / (1 + odds);
}

/* --- the log --- */

static void note_endpoint(struct line *line, uint32_t endpoint, int32_t day)
{
	if (line->endpoint_days[0] == NO_DAY ||
	    line->endpoints[0] != endpoint) {
		line->endpoints[1] = line->endpoints[0];
		line->endpoint_days[1] = line->endpoint_days[0];
		line->endpoints[0] = endpoint;
	}
	line->endpoint_days[0] = day;
}

static void note_cell(
    struct line_entry *entry, const struct evidence_cell *cell)
{
	entry->good += cell->good > 0;
	entry->bad += cell->bad > 0;
	entry->first_good_ms = earlier(
	    entry->first_good_ms, cell->first_good_ms);
	entry->last_good_ms = later(entry->last_good_ms, cell->last_good_ms);
	entry->first_bad_ms = earlier(entry->first_bad_ms, cell->first_bad_ms);
	entry->last_bad_ms = later(entry->last_bad_ms, cell->last_bad_ms);
}

static void add_entry(struct line *line, const struct line_world *world,
    const struct evidence_day *seen)
{
	const struct evidence_cell *cells = world->evidence->cells + seen->cell;
	struct line_entry *entry = &line->log[line->nlog++];
	size_t i;

	*entry = (struct line_entry){
	    .day = seen->day,
	    .first_good_ms = INT64_MAX,
	    .first_bad_ms = INT64_MAX,
	    .last_good_ms = INT64_MIN,
	    .last_bad_ms = INT64_MIN,
	    .source = seen,
	    .cells = cells,
	};
	for (i = 0; i < seen->ncells; i++) {
		uint32_t endpoint = cells[i].endpoint;

		if (is_left_out(world, endpoint))
			continue;
		note_endpoint(line, endpoint, seen->day);
		if (cells[i].good == 0 &&
		    eps_of(world, endpoint, seen->day) >= MODEL_SICK)
			continue;
		note_cell(entry, &cells[i]);
		if (i < LINE_SOUND)
			entry->sound |= (uint64_t)1 << i;
	}
	line->first_ms = earlier(
	    line->first_ms, earlier(entry->first_good_ms, entry->first_bad_ms));
	line->last_ms = later(
	    line->last_ms, later(entry->last_good_ms, entry->last_bad_ms));
}

/* Add the rows of a day to the recent ones, or take them away (sign -1). */
static void sum_recent(struct line_recent *recent,
    const struct evidence *evidence, const struct evidence_day *day, int sign)
{
	size_t i;

	for (i = day->row; i < day->row + day->nrows; i++) {
		const struct evidence_row *row = &evidence->rows[i];
		int64_t count = sign * row->count;
		bool failed = row->kind != EVIDENCE_GOOD;

		if (row->kind == EVIDENCE_HOME)
			recent->home += count;
		if (row->kind == EVIDENCE_HOME || row->kind == EVIDENCE_NONE)
			continue;
		recent->mechanisms[failed][row->mechanism] += count;
		if (!failed)
			continue;
		recent->failures += count;
		recent->where[row->where] += count;
		if (row->kind == EVIDENCE_INTERCEPTED)
			recent->intercepted += count;
	}
}

/* A day that moves to before the change turns what agreed into errors, and
 * errors into what agrees. */
static void note_turn(struct line_turn *turn, int64_t turned, size_t after)
{
	turn->sum += turned;
	if (turn->sum > turn->best) {
		turn->best = turn->sum;
		turn->after = after;
	}
}

/* An entry is recent now. */
static void remember(struct line *line, const struct line_world *world,
    const struct line_entry *entry)
{
	sum_recent(&line->recent, world->evidence, entry->source, 1);
	note_turn(
	    &line->turns[0], (int64_t)entry->bad - entry->good, line->nlog);
	note_turn(
	    &line->turns[1], (int64_t)entry->good - entry->bad, line->nlog);
	line->recent_good += entry->good;
	line->recent_bad += entry->bad;
}

/* It is not any more, and stays in the log. */
static void forget(struct line *line, const struct line_world *world,
    const struct line_entry *entry)
{
	sum_recent(&line->recent, world->evidence, entry->source, -1);
	line->recent_good -= entry->good;
	line->recent_bad -= entry->bad;
}

static bool is_recent(int32_t then, int32_t day)
{
	return then != NO_DAY && then > day - MODEL_RECENT;
}

void line_step(struct line *line, const struct line_world *world, int32_t day,
    const struct evidence_day *seen)
{
	if (line->has_evidence)
		line->p = line->p * (1 - 2 * MODEL_HAZARD) + MODEL_HAZARD;
	while (line->first_recent < line->nlog &&
	       !is_recent(line->log[line->first_recent].day, day))
		forget(line, world, &line->log[line->first_recent++]);
	if (seen == NULL || line->nlog == MODEL_WINDOW)
		return;
	learn(line, world, seen);
	add_entry(line, world, seen);
	remember(line, world, &line->log[line->nlog - 1]);
}

/* --- what it says --- */

/* The most frequent place, and of equal ones the lesser word; `none` if no
 * failure has one. */
static enum where most_frequent_place(const int64_t counts[WHERE_COUNT])
{
	int i, most = WHERE_NONE;

	for (i = 0; i < WHERE_COUNT; i++)
		if (i != WHERE_NONE && counts[i] > 0 &&
		    (most == WHERE_NONE || counts[i] > counts[most] ||
			(counts[i] == counts[most] &&
			    strcmp(where_word((enum where)i),
				where_word((enum where)most)) < 0)))
			most = i;
	return (enum where)most;
}

enum mechanism line_mechanism(const struct line *line)
{
	const int64_t *counts = line->recent.mechanisms[line->p >= .5];
	int i, most = MECHANISM_COUNT;

	for (i = 0; i < MECHANISM_COUNT; i++)
		if (counts[i] > 0 &&
		    (most == MECHANISM_COUNT || counts[i] > counts[most] ||
			(counts[i] == counts[most] &&
			    strcmp(mechanism_word((enum mechanism)i),
				mechanism_word((enum mechanism)most)) < 0)))
			most = i;
	return (enum mechanism)most;
}

/* The change may have come late on the day before. */
static int64_t since_of(const struct line_entry *before,
    const struct line_entry *first, bool blocked)
{
	if (blocked)
		return before->bad > 0 &&
			       before->first_bad_ms > before->last_good_ms
			   ? before->first_bad_ms
			   : first->first_bad_ms;
	return before->good > 0 && before->first_good_ms > before->last_bad_ms
		   ? before->first_good_ms
		   : first->first_good_ms;
}

/* When the line became what it is. False: it was not seen otherwise. */
static bool find_since(const struct line *line, int64_t *since_ms)
{
	bool blocked = line->p >= MODEL_SURE;
	const struct line_turn *turn = &line->turns[blocked];
	const struct line_entry *end = line->log + line->nlog, *first;

	if (!blocked && line->p > 1 - MODEL_SURE)
		return false;
	if (turn->best < MODEL_CHANGE_MIN)
		return false;
	first = line->log + turn->after;
	while (first < end && first->good == 0 && first->bad == 0)
		first++;
	if (first == end)
		return false;
	*since_ms = since_of(line->log + turn->after - 1, first, blocked);
	return true;
}

/* Younger than a week, or than half of all that is known. */
static bool is_new(const struct line *line, int32_t day)
{
	double age = least(MODEL_AGE, (day - line->history) / 2.0);

	return line->first_seen > day - age;
}

static bool is_young(const struct line *line, int32_t day)
{
	return line->first_seen > day - MODEL_BURST_AGE &&
	       line->first_seen > line->history + MODEL_AGE;
}

/* In a collector's first days nobody is older than the others. */
static bool is_newcomer(const struct line *line, int32_t day)
{
	return line->first_seen > day - MODEL_BURST_AGE &&
	       line->first_seen > line->history + MODEL_BURST;
}

bool line_vote(const struct line *line, int32_t day, struct vote *vote)
{
	const struct line_recent *recent = &line->recent;

	if (!line->has_evidence || !is_recent(line->endpoint_days[1], day) ||
	    !is_recent(line->endpoint_days[0], day))
		return false;
	if (recent->home > recent->failures && line->p > 1 - MODEL_SURE)
		return false;
	*vote = (struct vote){
	    .line = line->number,
	    .run_by = line->run_by,
	    .prefix = line->prefix,
	    .p = line->p,
	    .place = recent->failures > 0 ? most_frequent_place(recent->where)
					  : WHERE_NONE,
	    .is_intercepted = 2 * recent->intercepted > recent->failures,
	    .is_new = is_new(line, day),
	    .is_young = is_young(line, day),
	    .is_newcomer = is_newcomer(line, day),
	    .first_seen = line->first_seen,
	    .first_ms = line->first_ms,
	    .last_ms = line->last_ms,
	};
	/* No change at all has as many errors as there are of one kind. */
	vote->is_unsteady = line->recent_good >= MODEL_HOURLY_MIN &&
			    line->recent_bad >= MODEL_HOURLY_MIN &&
			    unsteady_is_seen(line->log + line->first_recent,
				line->nlog - line->first_recent, &vote->hours);
	vote->has_since = find_since(line, &vote->since_ms);
	return true;
}
