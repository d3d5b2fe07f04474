/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/detail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* --- where lines stop --- */

static int compare_stops(const void *a, const void *b)
{
	const struct network_stop_at *left = a, *right = b;

	if (left->vantage_points != right->vantage_points)
		return left->vantage_points < right->vantage_points ? 1 : -1;
	return (int)left->where - (int)right->where;
}

static void find_stops(
    const struct replay *replay, struct network_detail *detail)
{
	int64_t lines[WHERE_COUNT] = {0};
	int i;

	for (i = 0; i < replay->decision.steady; i++)
		if (vote_is_blocked(&replay->room.votes[i]))
			lines[replay->room.votes[i].place]++;
	for (i = 0; i < WHERE_COUNT; i++)
		if (i != WHERE_NONE && lines[i] > 0)
			detail->stops[detail->nstops++] =
			    (struct network_stop_at){(enum where)i, lines[i]};
	qsort(detail->stops, detail->nstops, sizeof(*detail->stops),
	    compare_stops);
}

/* --- lines on both sides, of a prefix or an endpoint --- */

struct sides {
	int64_t blocked, open, both;
	uint32_t run_by; /* of the first line */
	bool has_operators;
};

enum side { SIDE_BLOCKED, SIDE_OPEN, SIDE_BOTH };

static void add_line(struct sides *sides, enum side side, uint32_t run_by)
{
	if (sides->blocked + sides->open + sides->both == 0)
		sides->run_by = run_by;
	sides->has_operators |= sides->run_by != run_by;
	sides->blocked += side == SIDE_BLOCKED;
	sides->open += side == SIDE_OPEN;
	sides->both += side == SIDE_BOTH;
}

/* --- prefixes --- */

static enum network_state state_of(const struct sides *sides)
{
	if (sides->blocked == 0)
		return STATE_OPEN;
	return sides->open == 0 ? STATE_FILTERED : STATE_PARTIAL;
}

static void list_parts(const struct names *names, const struct sides *sides,
    struct network_detail *detail)
{
	uint32_t i;

	for (i = 0; i < names->count && detail->nparts < NETWORK_PARTS_MAX;
	     i++) {
		struct network_part *part = &detail->parts[detail->nparts];

		if (!sides[i].has_operators)
			continue;
		snprintf(part->prefix, sizeof(part->prefix), "%s",
		    names_text(names, i));
		part->state = state_of(&sides[i]);
		part->vantage_points = sides[i].blocked + sides[i].open;
		detail->nparts++;
	}
}

static int find_parts(
    const struct replay *replay, struct network_detail *detail)
{
	const struct names *names = &replay->evidence->prefixes;
	struct sides *sides = calloc(names->count + (size_t)1, sizeof(*sides));
	int i;

	if (sides == NULL)
		return -ENOMEM;
	for (i = 0; i < replay->decision.steady; i++) {
		const struct vote *vote = &replay->room.votes[i];

		if (vote_is_blocked(vote))
			add_line(
			    &sides[vote->prefix], SIDE_BLOCKED, vote->run_by);
		else if (vote_is_open(vote))
			add_line(&sides[vote->prefix], SIDE_OPEN, vote->run_by);
	}
	list_parts(names, sides, detail);
	free(sides);
	return 0;
}

/* --- destinations --- */

/* What one line saw of an endpoint of late. */
struct sight {
	int64_t good, bad;
};

/* A failure of an endpoint that fails others too says nothing of the network.
 */
static bool counts(
    const struct replay *replay, const struct evidence_cell *cell, int32_t day)
{
	return cell->good > 0 ||
	       health_eps(replay->health, replay->series[cell->endpoint], day) <
		   MODEL_SICK;
}

/* `seen` is zeroed, one an endpoint. */
static void look_at_line(
    const struct replay *replay, uint32_t line, struct sight *seen)
{
	const struct evidence *evidence = replay->evidence;
	size_t day, i;

	for (day = evidence->lines[line]; day < evidence->lines[line + 1];
	     day++) {
		const struct evidence_day *of = &evidence->days[day];

		if (of->day > replay->day ||
		    of->day <= replay->day - MODEL_RECENT)
			continue;
		for (i = of->cell; i < of->cell + of->ncells; i++) {
			const struct evidence_cell *cell = &evidence->cells[i];

			if (!counts(replay, cell, of->day))
				continue;
			seen[cell->endpoint].good += cell->good;
			seen[cell->endpoint].bad += cell->bad;
		}
	}
}

/* Take what a line saw to the sides, and zero it again. */
static void take_sights(
    struct sight *seen, uint32_t count, uint32_t run_by, struct sides *sides)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (seen[i].good > 0 && seen[i].bad > 0)
			add_line(&sides[i], SIDE_BOTH, run_by);
		else if (seen[i].good > 0)
			add_line(&sides[i], SIDE_OPEN, run_by);
		else if (seen[i].bad > 0)
			add_line(&sides[i], SIDE_BLOCKED, run_by);
		seen[i] = (struct sight){0, 0};
	}
}

/* All its lines see it alike, and they are of two operators. */
static bool is_named(const struct sides *sides)
{
	return sides->has_operators && sides->both == 0 &&
	       (sides->open == 0 || sides->blocked == 0);
}

/* Where all named destinations are alike there is nothing to say. */
static void list_destinations(const struct names *names,
    const struct sides *sides, struct network_detail *detail)
{
	size_t through = 0;
	uint32_t i;

	for (i = 0;
	     i < names->count && detail->ndestinations < NETWORK_PARTS_MAX;
	     i++) {
		struct network_destination
		    *destination = &detail->destinations[detail->ndestinations];

		if (!is_named(&sides[i]))
			continue;
		snprintf(destination->endpoint, sizeof(destination->endpoint),
		    "%s", names_text(names, i));
		destination->outcome = sides[i].open > 0 ? OUTCOME_REACHABLE
							 : OUTCOME_FILTERED;
		through += sides[i].open > 0;
		detail->ndestinations++;
	}
	if (through == 0 || through == detail->ndestinations)
		detail->ndestinations = 0;
}

static int find_destinations(
    const struct replay *replay, struct network_detail *detail)
{
	const struct names *names = &replay->evidence->endpoints;
	struct sides *sides = calloc(names->count + (size_t)1, sizeof(*sides));
	struct sight *seen = calloc(names->count + (size_t)1, sizeof(*seen));
	uint32_t line;

	if (sides != NULL && seen != NULL) {
		for (line = 0; line < replay->nlines; line++) {
			look_at_line(replay, line, seen);
			take_sights(seen, names->count,
			    replay->lines[line].run_by, sides);
		}
		list_destinations(names, sides, detail);
	}
	free(seen);
	free(sides);
	return sides != NULL && seen != NULL ? 0 : -ENOMEM;
}

int detail_find(const struct replay *replay, struct network_verdict *verdict)
{
	bool accused = decision_accuses(replay->state);
	struct network_part parts[NETWORK_PARTS_MAX];
	struct network_destination destinations[NETWORK_PARTS_MAX];
	struct network_detail detail = {
	    .parts = parts, .destinations = destinations};
	int error = 0;

	if (!accused && replay->state != STATE_INCONSISTENT)
		return 0;
	if (accused)
		find_stops(replay, &detail);
	if (replay->state == STATE_PARTIAL)
		error = find_parts(replay, &detail);
	if (error == 0)
		error = find_destinations(replay, &detail);
	if (error < 0)
		return error;
	verdict->detail = network_detail_copy(&detail);
	return verdict->detail != NULL ? 0 : -ENOMEM;
}
