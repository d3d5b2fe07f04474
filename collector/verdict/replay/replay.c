/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/replay/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/decision/held.h"

/* --- begin --- */

/* Number the lines' operators in the order of their names. */
static int number_operators(struct replay *replay, const struct roster *roster)
{
	struct names operators = {0};
	uint32_t *ranks = NULL, i;
	int error = 0;

	for (i = 0; error == 0 && i < replay->nlines; i++)
		error = names_put(&operators,
		    roster_operator(roster, replay->agents[i],
			names_text(&replay->evidence->agents, i)),
		    &replay->lines[i].run_by);
	if (error == 0)
		error = names_sort(&operators, &ranks);
	for (i = 0; error == 0 && i < replay->nlines; i++)
		replay->lines[i].run_by = ranks[replay->lines[i].run_by];
	free(ranks);
	names_free(&operators);
	return error;
}

/* When a line's agent was first heard of: a roster that is not of this moment
 * may not know it yet. */
static int32_t first_seen_of(const struct replay *replay, uint32_t line)
{
	const struct evidence *evidence = replay->evidence;
	int32_t here = evidence->days[evidence->lines[line]].day;
	const struct roster_agent *agent = replay->agents[line];

	return agent != NULL && agent->first_seen < here ? agent->first_seen
							 : here;
}

/* Before the first day. */
static void begin(struct replay *replay)
{
	const struct evidence *evidence = replay->evidence;

	replay->day = evidence_window_begin(evidence->today) - 1;
	replay->state = replay->before = STATE_INSUFFICIENT;
	memcpy(replay->next, evidence->lines,
	    replay->nlines * sizeof(*replay->next));
}

static int init_lines(struct replay *replay, const struct roster *roster)
{
	const struct evidence *evidence = replay->evidence;
	int32_t history = roster->agents.count > 0 ? roster->history
						   : evidence->today;
	int32_t first;
	uint32_t i;

	for (i = 0; i < replay->nlines; i++) {
		replay->agents[i] = roster_find(
		    roster, names_text(&evidence->agents, i));
		first = first_seen_of(replay, i);
		line_init(&replay->lines[i], i, first);
		if (first < history)
			history = first;
	}
	for (i = 0; i < replay->nlines; i++)
		replay->lines[i].history = history;
	for (i = 0; i < evidence->endpoints.count; i++)
		replay->series[i] = health_find(replay->health, evidence, i);
	return number_operators(replay, roster);
}

int replay_init(struct replay *replay, const struct evidence *evidence,
    const struct health *health, const struct roster *roster)
{
	uint32_t endpoints = evidence->endpoints.count;
	int error;

	memset(replay, 0, sizeof(*replay));
	replay->evidence = evidence;
	replay->health = health;
	replay->nlines = evidence->agents.count;
	replay->lines = malloc(
	    (replay->nlines + (size_t)1) * sizeof(*replay->lines));
	replay->next = malloc(
	    (replay->nlines + (size_t)1) * sizeof(*replay->next));
	replay->agents = malloc(
	    (replay->nlines + (size_t)1) * sizeof(*replay->agents));
	replay->series = malloc(
	    (endpoints + (size_t)1) * sizeof(*replay->series));
	error = decision_room_init(
	    &replay->room, replay->nlines, evidence->prefixes.count);
	if (error == 0)
		error = odds_init(&replay->odds, endpoints);
	if (replay->lines == NULL || replay->next == NULL ||
	    replay->agents == NULL || replay->series == NULL || error < 0)
		return -ENOMEM;
	begin(replay);
	return init_lines(replay, roster);
}

/* --- days --- */

/* What the line saw on the day; NULL: nothing. */
static const struct evidence_day *seen_by(
    const struct replay *replay, uint32_t line)
{
	const struct evidence *evidence = replay->evidence;
	size_t next = replay->next[line];

	if (next == evidence->lines[line + 1] ||
	    evidence->days[next].day != replay->day)
		return NULL;
	return &evidence->days[next];
}

static void learn_odds(struct replay *replay)
{
	const struct evidence_day *seen;
	uint32_t i;

	for (i = 0; i < replay->nlines; i++) {
		seen = seen_by(replay, i);
		if (seen != NULL)
			odds_learn(&replay->odds, replay->evidence, seen);
	}
	odds_decide(&replay->odds);
}

static void step_lines(struct replay *replay)
{
	const struct line_world world = {
	    replay->evidence, &replay->odds, replay->health, replay->series};
	const struct evidence_day *seen;
	uint32_t i;

	replay->day++;
	learn_odds(replay);
	for (i = 0; i < replay->nlines; i++) {
		seen = seen_by(replay, i);
		line_step(&replay->lines[i], &world, replay->day, seen);
		replay->next[i] += seen != NULL;
	}
}

static size_t collect_votes(struct replay *replay)
{
	size_t votes = 0;
	uint32_t i;

	for (i = 0; i < replay->nlines; i++)
		votes += line_vote(
		    &replay->lines[i], replay->day, &replay->room.votes[votes]);
	return votes;
}

void replay_resume(struct replay *replay, enum network_state before)
{
	while (replay->day < replay->evidence->today - 1)
		step_lines(replay);
	replay->state = before;
}

bool replay_day(struct replay *replay)
{
	if (replay->day == replay->evidence->today)
		return false;
	step_lines(replay);
	decision_make(&replay->room, collect_votes(replay), &replay->decision);
	replay->before = replay->state;
	replay->state = held_state(replay->state, &replay->decision);
	return true;
}

static void begin_again(struct replay *replay)
{
	uint32_t i;

	for (i = 0; i < replay->nlines; i++) {
		struct line *line = &replay->lines[i], old = *line;

		line_init(line, i, old.first_seen);
		line->run_by = old.run_by;
		line->history = old.history;
	}
	memset(replay->odds.endpoints, 0,
	    replay->odds.count * sizeof(*replay->odds.endpoints));
	begin(replay);
}

void replay_last(struct replay *replay)
{
	while (replay->day < replay->evidence->today - 2)
		step_lines(replay);
	replay_day(replay);
	if (!held_is_certain(&replay->decision))
		begin_again(replay);
	while (replay_day(replay))
		;
}

void replay_free(struct replay *replay)
{
	decision_room_free(&replay->room);
	odds_free(&replay->odds);
	free(replay->lines);
	free(replay->next);
	free(replay->agents);
	free(replay->series);
	memset(replay, 0, sizeof(*replay));
}
