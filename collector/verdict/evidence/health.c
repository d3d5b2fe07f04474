/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/evidence/health.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/array.h"

#define UNIT     ((double)(INT64_C(1) << 44))
#define KEY_SIZE (ROW_ENDPOINT_SIZE + 16)

/* Whose votes are cast. */
struct span {
	int32_t from, until; /* days; the second is not in it */
	int sign;            /* -1: they are taken away */
};

/* The lines of one network that looked at one endpoint on one day. */
struct ballot {
	double failed; /* sum of their shares of failures */
	int32_t lines;
};

void health_init(struct health *health, int32_t today)
{
	memset(health, 0, sizeof(*health));
	health->begin = evidence_window_begin(today);
}

void health_advance(struct health *health, int32_t today)
{
	int32_t begin = evidence_window_begin(today);
	int32_t gone = begin - health->begin;
	size_t left = gone < MODEL_WINDOW ? (size_t)(MODEL_WINDOW - gone) : 0;
	uint32_t i;

	health->begin = begin;
	for (i = 0; gone > 0 && i < health->names.count; i++) {
		struct health_series now = {0}, *series = &health->series[i];

		if (left > 0) {
			memcpy(now.failed, series->failed + gone,
			    left * sizeof(*now.failed));
			memcpy(now.votes, series->votes + gone,
			    left * sizeof(*now.votes));
		}
		*series = now;
	}
}

static void write_key(
    const struct evidence *evidence, uint32_t endpoint, char key[KEY_SIZE])
{
	snprintf(key, KEY_SIZE, "%u %u %s", evidence->family, evidence->port,
	    names_text(&evidence->endpoints, endpoint));
}

static void look(const struct evidence *evidence,
    const struct evidence_day *day, struct ballot *ballots)
{
	const struct evidence_cell *cells = evidence->cells + day->cell;
	int index = day->day - evidence_window_begin(evidence->today);
	size_t i, reached = 0;

	for (i = 0; i < day->ncells; i++)
		reached += cells[i].good > 0;
	for (i = 0; i < day->ncells; i++) {
		const struct evidence_cell *cell = &cells[i];
		struct ballot
		    *ballot = &ballots[cell->endpoint * (size_t)MODEL_WINDOW +
				       (size_t)index];

		if (reached - (cell->good > 0) == 0)
			continue;
		ballot->failed += (double)cell->bad /
				  (double)(cell->good + cell->bad);
		ballot->lines++;
	}
}

static int find_or_add(struct health *health, const char *key, uint32_t *number)
{
	uint32_t count = health->names.count;
	struct health_series *series = array_grow(
	    health->series, count, sizeof(*series));

	if (series == NULL)
		return -ENOMEM;
	health->series = series;
	if (names_put(&health->names, key, number) < 0)
		return -ENOMEM;
	if (*number == count)
		memset(&series[count], 0, sizeof(*series));
	return 0;
}

/* Add the network's votes, or take them away (sign -1). */
static int cast(struct health *health, const struct evidence *evidence,
    uint32_t endpoint, const struct ballot *ballots, int sign)
{
	struct health_series *series;
	char key[KEY_SIZE];
	uint32_t number;
	int i;

	write_key(evidence, endpoint, key);
	if (find_or_add(health, key, &number) < 0)
		return -ENOMEM;
	series = &health->series[number];
	for (i = 0; i < MODEL_WINDOW; i++) {
		if (ballots[i].lines == 0)
			continue;
		series->failed[i] += sign * (int64_t)(ballots[i].failed /
						      ballots[i].lines * UNIT);
		series->votes[i] += sign;
	}
	return 0;
}

static int vote(struct health *health, const struct evidence *evidence,
    const struct span *span)
{
	uint32_t endpoints = evidence->endpoints.count, endpoint;
	struct ballot *ballots = calloc(
	    endpoints + (size_t)1, MODEL_WINDOW * sizeof(*ballots));
	int error = 0;
	size_t i;

	if (ballots == NULL)
		return -ENOMEM;
	for (i = 0; i < evidence->ndays; i++)
		if (evidence->days[i].day >= span->from &&
		    evidence->days[i].day < span->until)
			look(evidence, &evidence->days[i], ballots);
	for (endpoint = 0; error == 0 && endpoint < endpoints; endpoint++)
		error = cast(health, evidence, endpoint,
		    ballots + endpoint * (size_t)MODEL_WINDOW, span->sign);
	free(ballots);
	return error;
}

int health_learn(struct health *health, const struct evidence *evidence)
{
	return health_learn_days(health, evidence, INT32_MIN, INT32_MAX);
}

int health_learn_days(struct health *health, const struct evidence *evidence,
    int32_t from, int32_t until)
{
	const struct span span = {from, until, 1};

	return vote(health, evidence, &span);
}

int health_unlearn_days(struct health *health, const struct evidence *evidence,
    int32_t from, int32_t until)
{
	const struct span span = {from, until, -1};

	return vote(health, evidence, &span);
}

int health_copy(struct health *to, const struct health *from)
{
	uint32_t i, number;

	names_clear(&to->names);
	free(to->series);
	to->begin = from->begin;
	to->series = array_new(from->names.count, sizeof(*to->series));
	if (to->series == NULL)
		return -ENOMEM;
	for (i = 0; i < from->names.count; i++)
		if (names_put(
			&to->names, names_text(&from->names, i), &number) < 0)
			return -ENOMEM;
	if (from->names.count > 0)
		memcpy(to->series, from->series,
		    from->names.count * sizeof(*to->series));
	return 0;
}

int health_copy_some(
    struct health *to, const struct health *from, const uint32_t *days)
{
	uint32_t i, number;

	for (i = 0; i < from->names.count; i++) {
		if (find_or_add(to, names_text(&from->names, i), &number) < 0)
			return -ENOMEM;
		if (days[i] != 0)
			to->series[number] = from->series[i];
	}
	return 0;
}

static double eps_of(const struct health *health, uint32_t number, int32_t day)
{
	return health_eps(health,
	    number < health->names.count ? &health->series[number] : NULL, day);
}

uint32_t health_changed_days(const struct health *held, const struct health *is,
    uint32_t number, bool *off)
{
	const struct health_series *series = &is->series[number];
	double was, now, step;
	uint32_t days = 0;
	int i;

	*off = false;
	for (i = 0; i < MODEL_WINDOW; i++) {
		was = eps_of(held, number, is->begin + i);
		now = eps_of(is, number, is->begin + i);
		step = HEALTH_OFF_VOTES / (series->votes[i] + MODEL_EPS_PRIOR);
		if (was != now)
			days |= UINT32_C(1) << i;
		*off = *off || fabs(was - now) > HEALTH_OFF + step;
	}
	return days;
}

const struct health_series *health_find(const struct health *health,
    const struct evidence *evidence, uint32_t endpoint)
{
	char key[KEY_SIZE];
	uint32_t number;

	write_key(evidence, endpoint, key);
	number = names_find(&health->names, key);
	return number == NAMES_NONE ? NULL : &health->series[number];
}

double health_eps(const struct health *health,
    const struct health_series *series, int32_t day)
{
	int index = day - health->begin;
	double eps;

	if (series == NULL || index < 0 || index >= MODEL_WINDOW ||
	    series->votes[index] == 0)
		return MODEL_EPS;
	eps = ((double)series->failed[index] / UNIT +
		  MODEL_EPS_PRIOR * MODEL_EPS) /
	      (series->votes[index] + MODEL_EPS_PRIOR);
	if (eps < MODEL_EPS)
		return MODEL_EPS;
	return eps < MODEL_EPS_MAX ? eps : MODEL_EPS_MAX;
}

void health_free(struct health *health)
{
	names_free(&health->names);
	free(health->series);
	memset(health, 0, sizeof(*health));
}
