/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/decision/overtaken.h"

#include <string.h>

/* The latest changes to one class, each of another operator. Three are enough:
 * one may be of the line's own operator. */
#define LATEST 3

struct turned {
	uint32_t operators[LATEST];
	int64_t since_ms[LATEST]; /* the latest first */
	int count;
};

/* Take one operator's change into the list, or a later one of his. */
static void note_turn(struct turned *turned, uint32_t run_by, int64_t since_ms)
{
	int i, to;

	for (i = 0; i < turned->count; i++)
		if (turned->operators[i] == run_by)
			break;
	if (i < turned->count && turned->since_ms[i] >= since_ms)
		return;
	if (i == turned->count) {
		if (i < LATEST)
			turned->count++;
		else if (turned->since_ms[--i] >= since_ms)
			return;
	}
	for (to = i; to > 0 && turned->since_ms[to - 1] < since_ms; to--) {
		turned->operators[to] = turned->operators[to - 1];
		turned->since_ms[to] = turned->since_ms[to - 1];
	}
	turned->operators[to] = run_by;
	turned->since_ms[to] = since_ms;
}

static bool is_overtaken(const struct turned *turned, const struct vote *vote)
{
	int i, others = 0;

	for (i = 0; i < turned->count; i++)
		others += turned->operators[i] != vote->run_by &&
			  turned->since_ms[i] > vote->last_ms;
	return others >= 2;
}

size_t overtaken_drop(struct vote *votes, size_t count)
{
	struct turned turned[2]; /* to open, to blocked */
	size_t i, kept = 0;

	memset(turned, 0, sizeof(turned));
	for (i = 0; i < count; i++)
		if (votes[i].has_since && !votes[i].is_unsteady)
			note_turn(&turned[vote_is_blocked(&votes[i])],
			    votes[i].run_by, votes[i].since_ms);
	for (i = 0; i < count; i++) {
		if (is_overtaken(&turned[votes[i].p < .5], &votes[i]))
			continue;
		if (kept != i)
			votes[kept] = votes[i];
		kept++;
	}
	return kept;
}
