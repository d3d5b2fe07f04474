/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/allowance.h"

#include <stdlib.h>
#include <string.h>

#define SECOND_US  INT64_C(1000000)
#define ROOM_A_SYN 4 /* itself and its repeats */

void allowance_set_day(struct allowance *allowance, int64_t wall_ms)
{
	int64_t day = wall_ms / DAY_MS;

	if (day == allowance->day || day == allowance->day - 1)
		return;
	allowance->day = day;
	allowance->spent = allowance->asked = 0;
}

/* --- visits --- */

/* FNV-1a. */
static uint32_t hash(const char *name)
{
	uint32_t sum = 2166136261u;

	for (; *name != '\0'; name++)
		sum = (sum ^ (uint8_t)*name) * 16777619u;
	return sum;
}

static struct allowance_visit *find_visit(
    const struct allowance *allowance, const struct addr *to)
{
	size_t i;

	for (i = 0; i < allowance->nvisits; i++)
		if (addr_equal(&allowance->visits[i].to, to))
			return &allowance->visits[i];
	return NULL;
}

/* Room for one address more: a new one, or that of the oldest visit. */
static struct allowance_visit *add_visit(struct allowance *allowance)
{
	struct allowance_visit *grown, *oldest = allowance->visits;
	size_t i, count = allowance->nvisits;

	if (count < ALLOWANCE_ADDRESSES) {
		grown = realloc(
		    allowance->visits, (count + 1) * sizeof(*grown));
		if (grown != NULL) {
			allowance->visits = grown;
			return &grown[allowance->nvisits++];
		}
	}
	for (i = 1; i < count; i++)
		if (allowance->visits[i].at_ms < oldest->at_ms)
			oldest = &allowance->visits[i];
	return oldest;
}

enum allowance_answer allowance_visit(struct allowance *allowance,
    const struct addr *to, const char *endpoint, int64_t interval_ms,
    int64_t now_ms)
{
	struct allowance_visit *visit = find_visit(allowance, to);
	uint32_t name = hash(endpoint);
	int64_t gap_ms = ALLOWANCE_GAP_MS;

	if (allowance->spent >= allowance->daily)
		return ALLOWANCE_DAY_SPENT;
	if (visit != NULL) {
		if (visit->name != name && interval_ms > gap_ms)
			gap_ms = interval_ms;
		if (now_ms - visit->at_ms < gap_ms)
			return ALLOWANCE_TOO_SOON;
	} else {
		visit = add_visit(allowance);
		if (visit == NULL)
			return ALLOWANCE_TOO_SOON;
	}
	*visit = (struct allowance_visit){*to, name, now_ms};
	return ALLOWANCE_YES;
}

/* --- SYNs --- */

static void forget_old(struct allowance *allowance, int64_t now_us)
{
	size_t i, kept = 0;

	for (i = 0; i < allowance->nsyns; i++)
		if (allowance->syns[i].at_us > now_us - SECOND_US)
			allowance->syns[kept++] = allowance->syns[i];
	allowance->nsyns = kept;
}

/* Those in the seconds before and after now, and the first of them. */
struct tally {
	size_t count;
	int64_t first_us;
};

static struct tally tally(
    const struct allowance *allowance, const struct addr *to, int64_t now_us)
{
	struct tally found = {0, INT64_MAX};
	size_t i;

	for (i = 0; i < allowance->nsyns; i++) {
		const struct allowance_syn *syn = &allowance->syns[i];

		if (syn->at_us >= now_us + SECOND_US ||
		    (to != NULL && !addr_equal(&syn->to, to)))
			continue;
		found.count++;
		if (syn->at_us < found.first_us)
			found.first_us = syn->at_us;
	}
	return found;
}

static int64_t wait_for(
    const struct tally *found, size_t count, size_t most, int64_t now_us)
{
	if (found->count + count <= most)
		return 0;
	return found->count == 0 ? ALLOWANCE_NEVER
				 : found->first_us + SECOND_US - now_us;
}

static bool make_room(struct allowance *allowance)
{
	size_t room = (size_t)allowance->rate * ALLOWANCE_ALL * ROOM_A_SYN;
	struct allowance_syn *grown;

	if (allowance->syns_room >= room)
		return true;
	grown = realloc(allowance->syns, room * sizeof(*grown));
	if (grown == NULL)
		return false;
	allowance->syns = grown;
	allowance->syns_room = room;
	return true;
}

int64_t allowance_wait_us(struct allowance *allowance, const struct addr *to,
    size_t count, int64_t now_us)
{
	size_t most = (size_t)allowance->rate;
	int64_t to_one, to_all;
	struct tally found;

	if (allowance->spent + (int64_t)count > allowance->daily ||
	    count > most || !make_room(allowance))
		return ALLOWANCE_NEVER;
	forget_old(allowance, now_us);
	if (allowance->nsyns + count * ROOM_A_SYN > allowance->syns_room)
		return SECOND_US;
	found = tally(allowance, to, now_us);
	to_one = wait_for(&found, count, most, now_us);
	found = tally(allowance, NULL, now_us);
	to_all = wait_for(&found, count, most * ALLOWANCE_ALL, now_us);
	return to_one > to_all ? to_one : to_all;
}

void allowance_sent(struct allowance *allowance, const struct addr *to,
    uint16_t port, int repeats, int64_t now_us)
{
	int i;

	for (i = 0; i <= repeats; i++) {
		allowance->spent++;
		if (allowance->nsyns < allowance->syns_room)
			allowance
			    ->syns[allowance->nsyns++] = (struct allowance_syn){
			    *to, port, now_us + i * SECOND_US};
	}
}

void allowance_ended(struct allowance *allowance, const struct addr *to,
    uint16_t port, int64_t now_us)
{
	size_t i, kept = 0;

	for (i = 0; i < allowance->nsyns; i++) {
		const struct allowance_syn *syn = &allowance->syns[i];

		if (syn->at_us > now_us && syn->port == port &&
		    addr_equal(&syn->to, to))
			allowance->spent -= allowance->spent > 0;
		else
			allowance->syns[kept++] = *syn;
	}
	allowance->nsyns = kept;
}

/* --- questions --- */

int64_t allowance_ask_wait_us(
    const struct allowance *allowance, size_t count, int64_t now_us)
{
	if (allowance->asked + (int64_t)count > allowance->daily_questions)
		return ALLOWANCE_NEVER;
	return allowance->next_ask_us > now_us ? allowance->next_ask_us - now_us
					       : 0;
}

void allowance_asked(struct allowance *allowance, size_t count, int64_t now_us)
{
	int64_t each_us = SECOND_US / (allowance->rate * ALLOWANCE_ALL);

	allowance->asked += (int64_t)count;
	allowance->next_ask_us = now_us + (int64_t)count * each_us;
}

/* --- memory --- */

void allowance_rest(struct allowance *allowance)
{
	free(allowance->syns);
	allowance->syns = NULL;
	allowance->nsyns = allowance->syns_room = 0;
}

void allowance_free(struct allowance *allowance)
{
	allowance_rest(allowance);
	free(allowance->visits);
	allowance->visits = NULL;
	allowance->nvisits = 0;
}
