/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/diagnose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/report/words.h"
#include "tests/support/drawn_round.h"
#include "tests/support/rows.h"

/*
 * What must hold for every report, tried on drawn ones: who did nothing is not
 * accused; the order of what was seen does not matter; less evidence never
 * makes a stronger claim.
 */

#define ROUNDS        100000
#define REMOVALS_MOST 8

struct found {
	struct diagnosis of[DRAWN_TARGETS_MOST][DIAGNOSE_PORTS_MAX];
	size_t count[DRAWN_TARGETS_MOST];
};

static void diagnose(const struct drawn_round *round, struct found *found)
{
	struct round_known known;
	size_t i;

	assert_int_equal(round_know(&known, round->targets, round->ntargets,
			     round->pointers),
	    0);
	for (i = 0; i < round->ntargets; i++)
		found->count[i] = diagnose_target(&known, i, found->of[i]);
	round_free(&known);
}

static const struct diagnosis *find(
    const struct found *found, size_t target, uint16_t port)
{
	size_t i;

	for (i = 0; i < found->count[target]; i++)
		if (found->of[target][i].port == port)
			return &found->of[target][i];
	return NULL;
}

static bool accuses(const struct diagnosis *d)
{
	return d->outcome == OUTCOME_FILTERED ||
	       d->outcome == OUTCOME_INTERCEPTED || d->outcome == OUTCOME_LOCAL;
}

static void describe(const struct diagnosis *d, char *text, size_t size)
{
	snprintf(text, size, "%s/%s %s %d>%d by %s (%s)",
	    outcome_word(d->outcome), mechanism_word(d->mechanism),
	    where_word(d->where), d->after_hop, d->before_hop, d->rule,
	    d->because);
}

static _Noreturn void fail_two(uint64_t seed, const char *what,
    const struct diagnosis *a, const struct diagnosis *b)
{
	char left[400], right[400] = "";

	describe(a, left, sizeof(left));
	if (b != NULL)
		describe(b, right, sizeof(right));
	fail_msg("seed %lu, port %u: %s: %s; %s", (unsigned long)seed, a->port,
	    what, left, right);
	abort();
}

/* --- less evidence --- */

/* Takes out element `index` of `count`, which shrinks. */
static void take_out(void *items, size_t *count, size_t size, size_t index)
{
	char *at = (char *)items + index * size;

	memmove(at, at + size, (*count - index - 1) * size);
	(*count)--;
}

static bool take_one(struct drawn_round *round, uint64_t *dice)
{
	struct target_seen
	    *target = &round->targets[drawn_dice(dice, (int)round->ntargets)];
	struct path_seen *path;

	switch (drawn_dice(dice, 4)) {
	case 0:
		if (target->nprobes == 0)
			return false;
		take_out(target->probes, &target->nprobes,
		    sizeof(*target->probes),
		    (size_t)drawn_dice(dice, (int)target->nprobes));
		return true;
	case 1:
		if (target->npaths == 0)
			return false;
		take_out(target->paths, &target->npaths, sizeof(*target->paths),
		    (size_t)drawn_dice(dice, (int)target->npaths));
		return true;
	default:
		if (target->npaths == 0)
			return false;
		path = &target->paths[drawn_dice(dice, (int)target->npaths)];
		if (path->nhops == 0)
			return false;
		take_out(path->hops, &path->nhops, sizeof(*path->hops),
		    (size_t)drawn_dice(dice, (int)path->nhops));
		return true;
	}
}

static bool is_vague(enum where where)
{
	return where == WHERE_NONE || where == WHERE_NETWORK ||
	       where == WHERE_HOST_OR_PATH;
}

/* The same party is accused, or fewer are left out. */
static bool is_weaker_place(
    const struct diagnosis *before, const struct diagnosis *after)
{
	if (after->where == WHERE_HOST_OR_PATH)
		return true;
	if (before->where == WHERE_HOST || before->where == WHERE_HOST_OR_PATH)
		return after->where == before->where;
	if (is_vague(after->where))
		return true;
	return after->where == before->where &&
	       after->after_hop <= before->after_hop &&
	       (after->before_hop == OBSERVE_ABSENT ||
		   after->before_hop >= before->before_hop);
}

static bool is_weaker(
    const struct diagnosis *before, const struct diagnosis *after)
{
	bool host_to_either = before->outcome == OUTCOME_LOCAL &&
			      after->where == WHERE_HOST_OR_PATH;

	if (!accuses(after))
		return true;
	if (!accuses(before))
		return false;
	return (after->outcome == before->outcome || host_to_either) &&
	       is_weaker_place(before, after);
}

static void take_some(struct drawn_round *round, uint64_t *dice)
{
	int left = 1 + drawn_dice(dice, REMOVALS_MOST);

	for (; left > 0; left--)
		take_one(round, dice);
}

static void require_weaker(uint64_t seed, const struct drawn_round *round,
    const struct found *before, const struct found *after)
{
	const struct diagnosis *was;
	size_t i, k;

	for (i = 0; i < round->ntargets; i++)
		for (k = 0; k < after->count[i]; k++) {
			was = find(before, i, after->of[i][k].port);
			if (was != NULL && !is_weaker(was, &after->of[i][k]))
				fail_two(seed,
				    "less evidence, a stronger claim", was,
				    &after->of[i][k]);
		}
}

/* --- order --- */

static void shuffle(void *items, size_t count, size_t size, uint64_t *dice)
{
	char *array = items,
	     swap[sizeof(struct path_seen) + sizeof(struct probe_seen)];
	size_t i, k;

	assert_true(size <= sizeof(swap));
	for (i = count; i > 1; i--) {
		k = (size_t)drawn_dice(dice, (int)i);
		memcpy(swap, array + k * size, size);
		memmove(array + k * size, array + (i - 1) * size, size);
		memcpy(array + (i - 1) * size, swap, size);
	}
}

/* Puts targets, their probes and their paths into another order; `places`
 * says where each target was. */
static void turn_round(
    struct drawn_round *round, size_t places[], uint64_t *dice)
{
	struct target_seen targets[DRAWN_TARGETS_MOST];
	const struct endpoint_known *pointers[DRAWN_TARGETS_MOST];
	size_t i;

	memcpy(targets, round->targets, sizeof(targets));
	memcpy(pointers, round->pointers, sizeof(pointers));
	for (i = 0; i < round->ntargets; i++)
		places[i] = i;
	shuffle(places, round->ntargets, sizeof(*places), dice);
	for (i = 0; i < round->ntargets; i++) {
		round->targets[i] = targets[places[i]];
		round->pointers[i] = pointers[places[i]];
		shuffle(round->targets[i].probes, round->targets[i].nprobes,
		    sizeof(struct probe_seen), dice);
		shuffle(round->targets[i].paths, round->targets[i].npaths,
		    sizeof(struct path_seen), dice);
	}
}

static bool is_same(const struct diagnosis *a, const struct diagnosis *b)
{
	return a->outcome == b->outcome && a->mechanism == b->mechanism &&
	       a->where == b->where && a->after_hop == b->after_hop &&
	       addr_equal(&a->after_address, &b->after_address) &&
	       a->before_hop == b->before_hop &&
	       a->endpoint_hops == b->endpoint_hops && a->signs == b->signs &&
	       a->plaintext == b->plaintext &&
	       strcmp(a->because, b->because) == 0;
}

static void require_same(uint64_t seed, const struct drawn_round *round,
    const size_t places[], const struct found *before,
    const struct found *after)
{
	const struct diagnosis *then;
	size_t i, k;

	for (i = 0; i < round->ntargets; i++)
		for (k = 0; k < after->count[i]; k++) {
			then = find(before, places[i], after->of[i][k].port);
			if (!is_same(then, &after->of[i][k]))
				fail_two(seed,
				    "another order, another diagnosis", then,
				    &after->of[i][k]);
		}
}

/* --- what was built --- */

/* The box that did it lies between the two hops, if any are named, and the
 * host is accused only of its own deeds. */
static bool is_true(const struct drawn_round *round, const struct diagnosis *d)
{
	if (!accuses(d))
		return true;
	if (round->deed >= DRAWN_OPEN)
		return false;
	if (d->outcome == OUTCOME_LOCAL || d->where == WHERE_HOST)
		return round->by_host;
	if (round->by_host && d->where != WHERE_HOST_OR_PATH)
		return d->where == WHERE_NONE;
	if (d->outcome == OUTCOME_INTERCEPTED)
		return round->deed == DRAWN_REDIRECT ||
		       round->deed == DRAWN_STRIP;
	if (d->after_hop != OBSERVE_ABSENT && d->after_hop > round->box)
		return false;
	return d->before_hop == OBSERVE_ABSENT || d->before_hop >= round->box;
}

static int require_true(
    uint64_t seed, const struct drawn_round *round, const struct found *found)
{
	char what[80];
	int accused = 0;
	size_t i, k;

	snprintf(what, sizeof(what), "deed %d at hop %d%s, but", round->deed,
	    round->box, round->by_host ? " (host)" : "");
	for (i = 0; i < round->ntargets; i++)
		for (k = 0; k < found->count[i]; k++) {
			accused += accuses(&found->of[i][k]);
			if (!is_true(round, &found->of[i][k]))
				fail_two(seed, what, &found->of[i][k], NULL);
		}
	return accused;
}

/* --- all of them --- */

static void drawn_rounds(void **state)
{
	struct found built, turned, less;
	size_t places[DRAWN_TARGETS_MOST];
	struct drawn_round round;
	uint64_t seed, dice;
	int accused = 0;

	(void)state;
	for (seed = 1; seed <= ROUNDS; seed++) {
		dice = seed;
		drawn_round_make(&round, seed);
		diagnose(&round, &built);
		accused += require_true(seed, &round, &built);
		turn_round(&round, places, &dice);
		diagnose(&round, &turned);
		require_same(seed, &round, places, &built, &turned);
		take_some(&round, &dice);
		diagnose(&round, &less);
		require_weaker(seed, &round, &turned, &less);
		drawn_round_free(&round);
	}
	/* The worlds are not so poor that nothing is ever found. */
	assert_true(accused > ROUNDS / 10);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list,
	    "no innocent is accused, in any order, with less evidence too",
	    drawn_rounds);
	return test_run("diagnose_drawn", &list);
}
