/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/decision/decision.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/decision/overtaken.h"

/* The places that a network may be charged with; of equally frequent ones the
 * first. */
static const enum where places[] = {
    WHERE_PATH, WHERE_LINK, WHERE_ACCESS, WHERE_NETWORK, WHERE_FAR_END};

#define FEW_LINES 16
#define PLACES    (sizeof(places) / sizeof(*places))

int decision_room_init(
    struct decision_room *room, size_t votes, uint32_t nprefixes)
{
	memset(room, 0, sizeof(*room));
	room->votes = calloc(votes + 1, sizeof(*room->votes));
	room->lines = calloc(votes + 1, sizeof(*room->lines));
	if (room->votes == NULL || room->lines == NULL)
		return -ENOMEM;
	return witnesses_room_init(&room->witnesses, votes, nprefixes);
}

void decision_room_free(struct decision_room *room)
{
	free(room->votes);
	free(room->lines);
	witnesses_room_free(&room->witnesses);
	memset(room, 0, sizeof(*room));
}

bool decision_accuses(enum network_state state)
{
	return state == STATE_FILTERED || state == STATE_INTERCEPTED ||
	       state == STATE_PARTIAL;
}

/* --- whose vote counts --- */

static int compare_votes(const void *a, const void *b)
{
	const struct vote *left = a, *right = b;

	if (left->run_by != right->run_by)
		return left->run_by < right->run_by ? -1 : 1;
	if (left->prefix != right->prefix)
		return left->prefix < right->prefix ? -1 : 1;
	if (left->p != right->p)
		return left->p < right->p ? -1 : 1;
	if (left->last_ms != right->last_ms)
		return left->last_ms < right->last_ms ? -1 : 1;
	return left->line < right->line ? -1 : 1;
}

/* Votes come by line, and thus mostly by operator. */
static void sort_votes(struct vote *votes, size_t count)
{
	size_t i;

	for (i = 1; i < count; i++)
		if (compare_votes(&votes[i - 1], &votes[i]) > 0)
			break;
	if (i < count)
		qsort(votes, count, sizeof(*votes), compare_votes);
}

/* The hours of which at least half of `spans` spans are, `at` by hour, if they
 * are in one piece. */
static struct vote_hours common_hours(const int at[VOTE_HOURS], int spans)
{
	struct vote_hours hours = {0, 0};
	int hour, begins = 0;

	if (spans < MODEL_OPERATORS)
		return hours;
	for (hour = 0; hour < VOTE_HOURS; hour++) {
		int before = at[(hour + VOTE_HOURS - 1) % VOTE_HOURS];

		if (2 * at[hour] < spans)
			continue;
		hours.length++;
		if (2 * before >= spans)
			continue;
		hours.first = (uint8_t)hour;
		begins++;
	}
	return begins == 1 ? hours : (struct vote_hours){0, 0};
}

static struct vote_hours blocked_hours(const struct vote *votes, size_t count)
{
	int at[VOTE_HOURS] = {0}, spans = 0, hour;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct vote_hours *hours = &votes[i].hours;

		if (hours->length == 0 || (votes[i].is_new && votes[i].p > .5))
			continue;
		spans++;
		for (hour = 0; hour < hours->length; hour++)
			at[(hours->first + hour) % VOTE_HOURS]++;
	}
	return common_hours(at, spans);
}

/* Steady ones first, and how many; unsteady ones are told by operators, of
 * which newcomers' do not count. */
static void part_votes(struct vote *votes, size_t count,
    struct decision *decision, int *unsteady_operators)
{
	uint32_t last = 0; /* the operator that was counted last */
	size_t i, kept = 0;

	*unsteady_operators = 0;
	for (i = 0; i < count; i++) {
		if (votes[i].is_new && votes[i].p > .5)
			continue;
		if (!votes[i].is_unsteady) {
			if (kept != i)
				votes[kept] = votes[i];
			kept++;
			continue;
		}
		decision->unsteady++;
		if (votes[i].is_newcomer)
			continue;
		*unsteady_operators += *unsteady_operators == 0 ||
				       last != votes[i].run_by;
		last = votes[i].run_by;
	}
	decision->steady = (int)kept;
}

/* --- the evidence of the lines --- */

/* Where home routers stop others, a failure without a place is probably one
 * more of these. */
static double wrong_without_place(const int placed[WHERE_COUNT])
{
	double wrong = placed[WHERE_ACCESS] /
		       (placed[WHERE_ACCESS] + placed[WHERE_PATH] + 1.0);

	if (wrong > .5)
		wrong = .5;
	return wrong > model_wrong[WHERE_NONE] ? wrong
					       : model_wrong[WHERE_NONE];
}

static void count_places(const struct vote *votes, struct decision *decision,
    int placed[WHERE_COUNT])
{
	size_t i;
	int j;

	memset(placed, 0, WHERE_COUNT * sizeof(*placed));
	for (j = 0; j < decision->steady; j++)
		placed[votes[j].place] += vote_is_blocked(&votes[j]);
	decision->where = WHERE_NONE;
	for (i = 0; i < PLACES; i++)
		if (placed[places[i]] > 0 &&
		    (decision->where == WHERE_NONE ||
			placed[places[i]] > placed[decision->where]))
			decision->where = places[i];
}

static int votes_of_operator(const struct vote *votes, int count, int from)
{
	int to = from;

	while (to < count && votes[to].run_by == votes[from].run_by)
		to++;
	return to - from;
}

static void fill_lines(
    struct decision_room *room, int count, const int placed[WHERE_COUNT])
{
	double unplaced = wrong_without_place(placed), wrong;
	int i, j, own;

	for (i = 0; i < count; i += own) {
		own = votes_of_operator(room->votes, count, i);
		for (j = i; j < i + own; j++) {
			const struct vote *vote = &room->votes[j];

			wrong = vote->place == WHERE_NONE
				    ? unplaced
				    : model_wrong[vote->place];
			room->lines[j] = (struct story_line){
			    .prefix = vote->prefix,
			    .weight = 1.0 / own,
			    .if_open = (1 - wrong) * (1 - vote->p) +
				       wrong * vote->p,
			    .if_blocked = MODEL_EXEMPT * (1 - vote->p) +
					  (1 - MODEL_EXEMPT) * vote->p,
			};
		}
	}
}

/* In full, so that sums and products are made in one order. */
static int compare_lines(const void *a, const void *b)
{
	const struct story_line *left = a, *right = b;

	if (left->prefix != right->prefix)
		return left->prefix < right->prefix ? -1 : 1;
	if (left->if_open != right->if_open)
		return left->if_open < right->if_open ? -1 : 1;
	if (left->if_blocked != right->if_blocked)
		return left->if_blocked < right->if_blocked ? -1 : 1;
	return (left->weight > right->weight) - (left->weight < right->weight);
}

/* Most networks have few lines, for which this is the fastest. */
static void sort_lines(struct story_line *lines, size_t count)
{
	struct story_line moved;
	size_t i, to;

	if (count > FEW_LINES) {
		qsort(lines, count, sizeof(*lines), compare_lines);
		return;
	}
	for (i = 1; i < count; i++) {
		moved = lines[i];
		for (to = i; to > 0; to--) {
			if (compare_lines(&lines[to - 1], &moved) <= 0)
				break;
			lines[to] = lines[to - 1];
		}
		lines[to] = moved;
	}
}

static void tell_stories(struct decision_room *room, size_t count)
{
	size_t i, length;

	sort_lines(room->lines, count);
	stories_init(&room->stories);
	for (i = 0; i < count; i += length) {
		for (length = 1; i + length < count; length++)
			if (room->lines[i + length].prefix !=
			    room->lines[i].prefix)
				break;
		stories_add(&room->stories, room->lines + i, length);
	}
}

/* --- the decision --- */

static bool is_half_intercepted(
    const struct vote *votes, const struct decision *decision)
{
	int i, intercepted = 0;

	for (i = 0; i < decision->steady; i++)
		intercepted += vote_is_blocked(&votes[i]) &&
			       votes[i].is_intercepted;
	return 2 * intercepted >= decision->blocked;
}

/* It is surely not open. What was said to STARTTLS proves itself, a silence
 * does not: somebody has to know where it begins. */
static enum network_state accuse(
    const struct vote *votes, int open_operators, struct decision *decision)
{
	bool intercepted = is_half_intercepted(votes, decision);

	if (decision->where == WHERE_NONE && !intercepted) {
		decision->needs_trace = true;
		return STATE_INSUFFICIENT;
	}
	if (decision->posterior.filtered >=
	    posterior_part(&decision->posterior))
		return intercepted ? STATE_INTERCEPTED : STATE_FILTERED;
	return open_operators >= MODEL_OPERATORS ? STATE_PARTIAL
						 : STATE_INSUFFICIENT;
}

static double cap_of(const struct posterior *posterior)
{
	return posterior->filtered >= posterior_part(posterior)
		   ? MODEL_CAP
		   : MODEL_CAP_PART;
}

static bool is_enough(
    const struct witnesses *blocked, const struct decision *decision)
{
	return decision->open == 0 ? blocked->is_enough_unopposed
				   : blocked->is_enough;
}

static enum network_state state_of(const struct vote *votes,
    const struct witnesses *blocked, const struct witnesses *open,
    int unsteady_operators, struct decision *decision)
{
	if (unsteady_operators >= MODEL_OPERATORS &&
	    decision->unsteady >= decision->steady)
		return STATE_INCONSISTENT;
	if (decision->posterior.open <= cap_of(&decision->posterior) &&
	    is_enough(blocked, decision))
		return accuse(votes, open->operators, decision);
	if (decision->posterior.open >= MODEL_OPEN_AT &&
	    open->operators >= MODEL_OPERATORS)
		return STATE_OPEN;
	return STATE_INSUFFICIENT;
}

/* What the steady votes say together. */
static void weigh_votes(struct decision_room *room, struct decision *decision)
{
	int placed[WHERE_COUNT], i;

	for (i = 0; i < decision->steady; i++) {
		decision->blocked += vote_is_blocked(&room->votes[i]);
		decision->open += vote_is_open(&room->votes[i]);
	}
	count_places(room->votes, decision, placed);
	fill_lines(room, decision->steady, placed);
	tell_stories(room, (size_t)decision->steady);
	stories_weigh(&room->stories, &decision->posterior);
}

void decision_make(
    struct decision_room *room, size_t count, struct decision *decision)
{
	struct witnesses blocked, open;
	int unsteady_operators;

	memset(decision, 0, sizeof(*decision));
	sort_votes(room->votes, count);
	count = overtaken_drop(room->votes, count);
	decision->hours = blocked_hours(room->votes, count);
	part_votes(room->votes, count, decision, &unsteady_operators);
	weigh_votes(room, decision);
	count = (size_t)decision->steady;
	witnesses_count(&room->witnesses, room->votes, count, true,
	    vote_is_blocked, &blocked);
	witnesses_count(
	    &room->witnesses, room->votes, count, false, vote_is_open, &open);
	decision->witnesses_blocked = blocked.count;
	decision->witnesses_open = open.count;
	decision->state = state_of(
	    room->votes, &blocked, &open, unsteady_operators, decision);
}
