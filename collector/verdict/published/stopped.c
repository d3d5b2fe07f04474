/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/stopped.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/array.h"

/* What may be said, in the order that breaks ties. */
static const enum network_stop known[] = {STOP_UPSTREAM, STOP_BORDER, STOP_OWN};

#define KNOWN (sizeof(known) / sizeof(*known))

enum network_stop stopped_between(uint32_t own, uint32_t after, uint32_t before)
{
	if (after != 0 && after != own)
		return STOP_UPSTREAM;
	if (before == own)
		return STOP_OWN;
	if (after == own && before != 0)
		return STOP_BORDER;
	return STOP_UNKNOWN;
}

/* --- votes for an AS --- */

struct behind {
	uint32_t asn;
	int64_t count;
};

struct behind_list {
	struct behind *items; /* owned */
	size_t count;
};

static int add_behind(struct behind_list *list, uint32_t asn, int64_t count)
{
	struct behind *grown = array_grow(
	    list->items, list->count, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	list->items = grown;
	grown[list->count++] = (struct behind){asn, count};
	return 0;
}

static int compare_behind(const void *a, const void *b)
{
	const struct behind *left = a, *right = b;

	return (left->asn > right->asn) - (left->asn < right->asn);
}

/* The AS with the most, and of equal ones the lesser; 0: the list is empty. */
static uint32_t most_behind(struct behind_list *list)
{
	int64_t sum = 0, most = 0;
	uint32_t found = 0;
	size_t i;

	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items),
		    compare_behind);
	for (i = 0; i < list->count; i++) {
		if (i == 0 || list->items[i].asn != list->items[i - 1].asn)
			sum = 0;
		sum += list->items[i].count;
		if (sum > most) {
			most = sum;
			found = list->items[i].asn;
		}
	}
	return found;
}

/* --- lines --- */

static bool is_recent_failure(
    const struct replay *replay, const struct evidence_row *row)
{
	return (row->kind == EVIDENCE_BAD ||
		   row->kind == EVIDENCE_INTERCEPTED) &&
	       row->day <= replay->day && row->day > replay->day - MODEL_RECENT;
}

static enum network_stop most_of(const int64_t counts[STOP_COUNT])
{
	enum network_stop most = STOP_UNKNOWN;
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (counts[known[i]] > 0 &&
		    (most == STOP_UNKNOWN || counts[known[i]] > counts[most]))
			most = known[i];
	return most;
}

/* Where the line stops. `behind` is a list to use; then it has the ASes behind
 * which its failures are. 0 or -ENOMEM. */
static int look_at_line(const struct replay *replay, uint32_t line,
    struct behind_list *behind, enum network_stop *stop)
{
	const struct evidence *evidence = replay->evidence;
	const struct evidence_day *first = &evidence
						->days[evidence->lines[line]];
	const struct evidence_day
	    *last = &evidence->days[evidence->lines[line + 1] - 1];
	int64_t counts[STOP_COUNT] = {0};
	enum network_stop where;
	size_t i;

	behind->count = 0;
	for (i = first->row; i < last->row + last->nrows; i++) {
		const struct evidence_row *row = &evidence->rows[i];

		if (!is_recent_failure(replay, row))
			continue;
		where = stopped_between(
		    evidence->asn, row->after_asn, row->before_asn);
		counts[where] += row->count;
		if (where == STOP_UPSTREAM &&
		    add_behind(behind, row->after_asn, row->count) < 0)
			return -ENOMEM;
	}
	*stop = most_of(counts);
	return 0;
}

/* --- the network --- */

/* Lines, by where they stop. */
struct tally {
	int64_t lines[STOP_COUNT];
	int operators[STOP_COUNT];
	uint32_t last_run_by[STOP_COUNT]; /* votes come by operator */
	struct behind_list line;          /* of one line */
	struct behind_list upstreams;     /* one a line */
};

static int count_vote(
    const struct replay *replay, const struct vote *vote, struct tally *tally)
{
	enum network_stop stop;

	if (look_at_line(replay, vote->line, &tally->line, &stop) < 0)
		return -ENOMEM;
	if (tally->lines[stop]++ == 0 ||
	    tally->last_run_by[stop] != vote->run_by)
		tally->operators[stop]++;
	tally->last_run_by[stop] = vote->run_by;
	if (stop != STOP_UPSTREAM)
		return 0;
	return add_behind(&tally->upstreams, most_behind(&tally->line), 1);
}

int stopped_find(const struct replay *replay, struct stopped *stopped)
{
	struct tally tally = {{0}};
	int i, error = 0;

	for (i = 0; error == 0 && i < replay->decision.steady; i++)
		if (vote_is_blocked(&replay->room.votes[i]))
			error = count_vote(
			    replay, &replay->room.votes[i], &tally);
	for (i = 0; i < STOP_COUNT; i++)
		if (tally.operators[i] < MODEL_OPERATORS)
			tally.lines[i] = 0;
	stopped->in = most_of(tally.lines);
	stopped->upstream = stopped->in == STOP_UPSTREAM
				? most_behind(&tally.upstreams)
				: 0;
	free(tally.line.items);
	free(tally.upstreams.items);
	return error;
}
