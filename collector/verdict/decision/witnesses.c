/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/decision/witnesses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One operator's votes, a run of the list. */
struct witnesses_operator {
	uint32_t run_by;
	size_t from, count;
	uint32_t prefixes; /* different ones */
};

struct witnesses_prefix {
	uint32_t operators; /* different ones that vote here */
	bool is_taken;
};

int witnesses_room_init(
    struct witnesses_room *room, size_t votes, uint32_t nprefixes)
{
	room->nprefixes = nprefixes;
	room->votes = calloc(votes + 1, sizeof(*room->votes));
	room->operators = calloc(votes + 1, sizeof(*room->operators));
	room->prefixes = calloc(nprefixes + (size_t)1, sizeof(*room->prefixes));
	if (room->votes == NULL || room->operators == NULL ||
	    room->prefixes == NULL)
		return -ENOMEM;
	return 0;
}

void witnesses_room_free(struct witnesses_room *room)
{
	free(room->votes);
	free(room->operators);
	free(room->prefixes);
	memset(room, 0, sizeof(*room));
}

/* --- bursts --- */

/* Votes are given by their place in one array, which breaks ties. */
static int compare_age(const void *a, const void *b)
{
	const struct vote *left = *(const struct vote *const *)a;
	const struct vote *right = *(const struct vote *const *)b;

	if (left->is_young != right->is_young)
		return left->is_young - right->is_young;
	if (left->is_young && left->first_seen != right->first_seen)
		return left->first_seen < right->first_seen ? -1 : 1;
	return (left > right) - (left < right);
}

static int compare_places(const void *a, const void *b)
{
	const struct vote *left = *(const struct vote *const *)a;
	const struct vote *right = *(const struct vote *const *)b;

	return (left > right) - (left < right);
}

/* Leave out who came within days of the one before, of another operator. */
static size_t drop_bursts(const struct vote **votes, size_t count)
{
	const struct vote *last = NULL, *counted = NULL;
	size_t i, kept = 0;

	for (i = 0; i < count && !votes[i]->is_young; i++)
		;
	if (i == count)
		return count;
	qsort(votes, count, sizeof(*votes), compare_age);
	for (i = 0; i < count; i++) {
		const struct vote *vote = votes[i];
		bool together = vote->is_young && last != NULL &&
				vote->first_seen <
				    last->first_seen + MODEL_BURST;

		if (vote->is_young)
			last = vote;
		if (together && vote->run_by != counted->run_by)
			continue;
		if (vote->is_young)
			counted = vote;
		votes[kept++] = vote;
	}
	qsort(votes, kept, sizeof(*votes), compare_places);
	return kept;
}

/* --- newcomers and older lines --- */

/* Operators of the lines that are no newcomers and that `counts` says yes to.
 */
static int older_operators(const struct vote *votes, size_t count,
    bool (*counts)(const struct vote *vote))
{
	const struct vote *last = NULL;
	int operators = 0;
	size_t i;

	for (i = 0; i < count; i++)
		if (!votes[i].is_newcomer && counts(&votes[i])) {
			operators += last == NULL ||
				     last->run_by != votes[i].run_by;
			last = &votes[i];
		}
	return operators;
}

static bool older_say_blocked(const struct vote *votes, size_t count)
{
	return older_operators(votes, count, vote_is_blocked) >
	       older_operators(votes, count, vote_is_open);
}

static size_t drop_newcomers(const struct vote **votes, size_t count)
{
	size_t i, kept = 0;

	for (i = 0; i < count; i++)
		if (!votes[i]->is_newcomer)
			votes[kept++] = votes[i];
	return kept;
}

/* --- operators and prefixes --- */

static size_t list_operators(struct witnesses_room *room, size_t count)
{
	struct witnesses_operator *at = NULL;
	size_t i, listed = 0;

	for (i = 0; i < count; i++) {
		const struct vote *vote = room->votes[i];

		if (at == NULL || at->run_by != vote->run_by) {
			at = &room->operators[listed++];
			*at = (struct witnesses_operator){
			    .run_by = vote->run_by, .from = i};
		}
		if (at->count == 0 ||
		    room->votes[i - 1]->prefix != vote->prefix)
			at->prefixes++;
		at->count++;
	}
	return listed;
}

/* Who has the fewest prefixes chooses first. */
static int compare_operators(const void *a, const void *b)
{
	const struct witnesses_operator *left = a, *right = b;

	if (left->prefixes != right->prefixes)
		return left->prefixes < right->prefixes ? -1 : 1;
	return left->run_by < right->run_by ? -1 : 1;
}

static void sort_operators(struct witnesses_operator *operators, size_t count)
{
	size_t i;

	for (i = 1; i < count; i++)
		if (compare_operators(&operators[i - 1], &operators[i]) > 0)
			break;
	if (i < count)
		qsort(operators, count, sizeof(*operators), compare_operators);
}

/* Give the operator his least prefix that is free. */
static bool take_prefix(
    struct witnesses_room *room, const struct witnesses_operator *taker)
{
	size_t i;

	for (i = taker->from; i < taker->from + taker->count; i++) {
		uint32_t prefix = room->votes[i]->prefix;

		if (!room->prefixes[prefix].is_taken) {
			room->prefixes[prefix].is_taken = true;
			return true;
		}
	}
	return false;
}

/* --- two prefixes --- */

/* One company may have two prefixes, and its router stands at the access. */
static bool is_beyond_access(const struct vote *vote)
{
	return vote->place != WHERE_ACCESS;
}

static bool is_placed_on_the_way(const struct vote *vote)
{
	return vote->place == WHERE_PATH || vote->place == WHERE_LINK;
}

/* The operators of each prefix, and how many there are in all, of the votes
 * that `counts` says yes to. */
static uint32_t count_operators(struct witnesses_room *room, size_t count,
    bool (*counts)(const struct vote *vote))
{
	const struct vote *last = NULL;
	uint32_t operators = 0, i;
	size_t j;

	for (i = 0; i < room->nprefixes; i++)
		room->prefixes[i].operators = 0;
	for (j = 0; j < count; j++) {
		const struct vote *vote = room->votes[j];
		bool is_other = last == NULL || last->run_by != vote->run_by;

		if (!counts(vote))
			continue;
		operators += is_other;
		room->prefixes[vote->prefix].operators += is_other ||
							  last->prefix !=
							      vote->prefix;
		last = vote;
	}
	return operators;
}

static bool holds_pair(struct witnesses_room *room, size_t count, uint32_t each,
    bool (*counts)(const struct vote *vote))
{
	uint32_t operators = count_operators(room, count, counts);
	uint32_t shared = 0, i;

	for (i = 0; i < room->nprefixes; i++)
		shared += room->prefixes[i].operators >= each;
	return shared >= MODEL_PAIR && operators >= MODEL_PAIR * each;
}

static void tell_enough(
    struct witnesses_room *room, size_t count, struct witnesses *witnesses)
{
	witnesses->is_enough = witnesses->count >= MODEL_WITNESSES ||
			       holds_pair(
				   room, count, MODEL_EACH, is_beyond_access);
	witnesses->is_enough_unopposed = witnesses->is_enough ||
					 holds_pair(room, count,
					     MODEL_EACH_PLACED,
					     is_placed_on_the_way);
}

void witnesses_count(struct witnesses_room *room, const struct vote *votes,
    size_t count, bool apart, bool (*counts)(const struct vote *vote),
    struct witnesses *witnesses)
{
	size_t i, chosen = 0, operators;

	memset(witnesses, 0, sizeof(*witnesses));
	for (i = 0; i < count; i++)
		if (counts(&votes[i]))
			room->votes[chosen++] = &votes[i];
	if (chosen == 0)
		return;
	memset(room->prefixes, 0, room->nprefixes * sizeof(*room->prefixes));
	if (apart && !older_say_blocked(votes, count))
		chosen = drop_newcomers(room->votes, chosen);
	if (apart)
		chosen = drop_bursts(room->votes, chosen);
	operators = list_operators(room, chosen);
	sort_operators(room->operators, operators);
	witnesses->operators = (int)operators;
	for (i = 0; i < operators; i++)
		witnesses->count += take_prefix(room, &room->operators[i]);
	tell_enough(room, chosen, witnesses);
}
