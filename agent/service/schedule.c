/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/schedule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DOUBLINGS_MAX 20

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* From 0 to `most_ms` (xorshift64). */
static int64_t roll(struct schedule *schedule, int64_t most_ms)
{
	uint64_t x = schedule->dice != 0 ? schedule->dice : 25;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	schedule->dice = x;
	return (int64_t)(x % (uint64_t)(most_ms + 1));
}

static int64_t doubled(int64_t ms, int times, int64_t bound_ms)
{
	for (; times > 0 && ms < bound_ms; times--)
		ms *= 2;
	return least(ms, bound_ms);
}

/* The earliest time for the next visit: the interval and the back-off after
 * being turned away. */
static int64_t earliest(const struct schedule_entry *entry)
{
	int64_t interval_ms = entry->terms.interval_ms;

	if (entry->visited_ms == SCHEDULE_NEVER)
		return SCHEDULE_NEVER;
	return entry->visited_ms + doubled(interval_ms, entry->away,
				       most(interval_ms, SCHEDULE_AWAY_MS));
}

/* The first slot at or after `at_ms`. */
static int64_t slot_from(const struct schedule_entry *entry, int64_t at_ms)
{
	int64_t slot_ms = entry->terms.slot_ms;
	int64_t interval_ms = entry->terms.interval_ms;

	if (at_ms <= slot_ms)
		return slot_ms;
	return slot_ms +
	       (at_ms - slot_ms + interval_ms - 1) / interval_ms * interval_ms;
}

/* The first slot after the last visit. That visit may have been a little late
 * in its own slot; and if it was just before a slot, it counts for that one. */
static int64_t next_slot(const struct schedule_entry *entry, int64_t now_ms)
{
	int64_t slack_ms = least(
	    SCHEDULE_LATE_MS, entry->terms.interval_ms / 2);

	if (entry->visited_ms == SCHEDULE_NEVER)
		return slot_from(entry, now_ms);
	if (entry->away > 0)
		return slot_from(
		    entry, most(now_ms, earliest(entry) - slack_ms));
	return slot_from(entry,
	    most(now_ms, entry->visited_ms +
			     most(slack_ms, entry->terms.least_ms - slack_ms)));
}

static void settle_due(
    struct schedule *schedule, struct schedule_entry *entry, int64_t now_ms)
{
	if (entry->terms.planned)
		entry->due_ms = next_slot(entry, now_ms);
	else if (entry->visited_ms == SCHEDULE_NEVER)
		entry->due_ms = now_ms;
	else
		entry->due_ms = earliest(entry) +
				roll(schedule, entry->terms.interval_ms / 5);
}

struct schedule_entry *schedule_find(
    const struct schedule *schedule, const char *name)
{
	size_t i;

	for (i = 0; i < schedule->count; i++)
		if (strcmp(schedule->entries[i].terms.name, name) == 0)
			return &schedule->entries[i];
	return NULL;
}

static bool same_terms(
    const struct schedule_terms *a, const struct schedule_terms *b)
{
	return a->interval_ms == b->interval_ms && a->planned == b->planned &&
	       a->slot_ms == b->slot_ms && a->least_ms == b->least_ms &&
	       a->extra == b->extra;
}

/* The same plan received again ends at a slightly different time on our clock,
 * by as long as the answer took. */
static bool is_same_span(const struct schedule *schedule, int64_t until_ms)
{
	return until_ms != 0 &&
	       until_ms > schedule->until_ms - SCHEDULE_GATHER_MS &&
	       until_ms < schedule->until_ms + SCHEDULE_GATHER_MS;
}

int schedule_set(struct schedule *schedule, const struct schedule_terms *terms,
    size_t count, int64_t until_ms, int64_t now_ms)
{
	struct schedule_entry *entries, *entry;
	const struct schedule_entry *known;
	size_t i;

	entries = calloc(count + 1, sizeof(*entries));
	if (entries == NULL)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		entry = &entries[i];
		known = schedule_find(schedule, terms[i].name);
		if (known != NULL)
			*entry = *known;
		else
			entry->visited_ms = SCHEDULE_NEVER;
		entry->terms = terms[i];
		if (known != NULL && is_same_span(schedule, until_ms))
			continue;
		entry->extra_left = terms[i].extra;
		if (known == NULL || !same_terms(&known->terms, &terms[i]))
			settle_due(schedule, entry, now_ms);
	}
	free(schedule->entries);
	schedule->entries = entries;
	schedule->count = count;
	schedule->until_ms = until_ms;
	return 0;
}

void schedule_recall(
    struct schedule *schedule, const char *name, int64_t visited_ms, int away)
{
	struct schedule_entry *entry = schedule_find(schedule, name);

	if (entry == NULL)
		return;
	entry->visited_ms = visited_ms;
	entry->away = away < DOUBLINGS_MAX ? away : DOUBLINGS_MAX;
	settle_due(schedule, entry, visited_ms);
}

/* --- a round begins --- */

static bool is_missed(const struct schedule_entry *entry, int64_t now_ms)
{
	return entry->terms.planned &&
	       entry->due_ms < now_ms - SCHEDULE_LATE_MS;
}

int64_t schedule_next(struct schedule *schedule, int64_t now_ms)
{
	int64_t first_ms = SCHEDULE_FOREVER, begin_ms;
	struct schedule_entry *entry;
	size_t i;

	for (i = 0; i < schedule->count; i++) {
		entry = &schedule->entries[i];
		if (is_missed(entry, now_ms))
			entry->due_ms = next_slot(entry, now_ms);
		first_ms = least(first_ms, entry->due_ms);
	}
	begin_ms = first_ms;
	for (i = 0; i < schedule->count; i++) {
		entry = &schedule->entries[i];
		if (entry->terms.planned &&
		    entry->due_ms - SCHEDULE_GATHER_MS <= first_ms)
			begin_ms = most(begin_ms, entry->due_ms);
	}
	return begin_ms;
}

static bool joins_round(const struct schedule_entry *entry, int64_t now_ms)
{
	if (entry->due_ms <= now_ms)
		return true;
	return !entry->terms.planned && earliest(entry) <= now_ms;
}

size_t schedule_begin(struct schedule *schedule, int64_t now_ms)
{
	struct schedule_entry *entry;
	size_t i, chosen = 0;

	for (i = 0; i < schedule->count; i++) {
		entry = &schedule->entries[i];
		entry->open = joins_round(entry, now_ms);
		if (!entry->open)
			continue;
		chosen++;
		if (entry->visited_ms != SCHEDULE_NEVER &&
		    now_ms - entry->visited_ms >= entry->terms.interval_ms)
			entry->moves = 0;
		entry->before_ms = entry->visited_ms;
		entry->visited_ms = now_ms;
		settle_due(schedule, entry, now_ms);
	}
	return chosen;
}

/* --- a visit ends --- */

static void confirm(
    struct schedule *schedule, struct schedule_entry *entry, int64_t now_ms)
{
	int64_t at_ms = now_ms + SCHEDULE_CONFIRM_MS +
			roll(schedule, SCHEDULE_CONFIRM_MS);

	if (!entry->terms.planned) {
		entry->due_ms = earliest(entry);
	} else if (entry->extra_left > 0 && at_ms < schedule->until_ms &&
		   at_ms < entry->due_ms) {
		entry->extra_left--;
		entry->due_ms = at_ms;
	}
}

void schedule_ended(struct schedule *schedule, size_t index,
    const struct schedule_result *result, int64_t now_ms)
{
	struct schedule_entry *entry = &schedule->entries[index];

	entry->open = false;
	if (result->turned_away) {
		entry->away += entry->away < DOUBLINGS_MAX;
		settle_due(schedule, entry, now_ms);
		return;
	}
	if (entry->away > 0) {
		entry->away = 0;
		settle_due(schedule, entry, now_ms);
	}
	if (result->changed)
		confirm(schedule, entry, now_ms);
}

void schedule_had_no_turn(
    struct schedule *schedule, const char *name, int64_t now_ms)
{
	struct schedule_entry *entry = schedule_find(schedule, name);

	if (entry == NULL || !entry->open)
		return;
	entry->open = false;
	entry->visited_ms = entry->before_ms;
	entry->due_ms = now_ms + SCHEDULE_NEXT_MS;
}

/* --- the network changes --- */

/* Use up one `extra` visit outside the slots, if one is left. */
static bool take_extra(const struct schedule *schedule,
    struct schedule_entry *entry, int64_t at_ms)
{
	if (!entry->terms.planned || entry->open)
		return true;
	if (entry->extra_left == 0 || at_ms >= schedule->until_ms)
		return false;
	entry->extra_left--;
	return true;
}

void schedule_moved(struct schedule *schedule, int64_t at_ms)
{
	struct schedule_entry *entry;
	int64_t visit_ms;
	size_t i;

	for (i = 0; i < schedule->count; i++) {
		entry = &schedule->entries[i];
		visit_ms = at_ms;
		if (entry->visited_ms != SCHEDULE_NEVER)
			visit_ms = most(at_ms,
			    entry->visited_ms + doubled(SCHEDULE_MOVED_MS,
						    entry->moves,
						    entry->terms.interval_ms));
		if (entry->away == 0 && visit_ms < entry->due_ms &&
		    take_extra(schedule, entry, visit_ms)) {
			entry->due_ms = visit_ms;
			entry->moves += entry->moves < DOUBLINGS_MAX;
		}
		entry->due_ms = most(entry->due_ms, at_ms);
		entry->open = false;
	}
}

void schedule_free(struct schedule *schedule)
{
	free(schedule->entries);
	memset(schedule, 0, sizeof(*schedule));
}
