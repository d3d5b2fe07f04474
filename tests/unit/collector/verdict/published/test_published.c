/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/published.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/published/because.h"
#include "collector/verdict/published/gate.h"
#include "collector/verdict/published/share.h"
#include "collector/verdict/published/since.h"
#include "tests/support/rows.h"

/* --- words --- */

static const struct because_row {
	const char *name;
	enum network_state state;
	struct decision decision;
	int prefixes, blocked_prefixes;
	struct settle settle;
	const char *text;
} because_rows[] = {
    {"one of each is said in the singular", STATE_INSUFFICIENT, {.open = 1}, 1,
	0, {1, 3},
	"1 vantage point in 1 prefix: 0 blocked, 1 open. Missing: 1 more"},
    {"a filtered network says where lines are stopped, and never that it "
     "blocks",
	STATE_FILTERED, {.blocked = 12, .open = 3, .where = WHERE_PATH}, 9, 7,
	{0, 0},
	"15 vantage points in 9 prefixes: 12 blocked, 3 open; stopped inside "
	"the network or beyond (drop)"},
    {"a stop at access says whose router it may be", STATE_FILTERED,
	{.blocked = 5, .where = WHERE_ACCESS}, 5, 5, {0, 0},
	"5 vantage points in 5 prefixes: 5 blocked, 0 open; stopped at the "
	"customers' own router or the provider's first one (drop)"},
    {"lines that see both are counted apart", STATE_INCONSISTENT,
	{.open = 1, .unsteady = 4}, 1, 0, {0, 0},
	"1 vantage point in 1 prefix: 0 blocked, 1 open; 4 saw both, again and "
	"again"},
    {"what only lacks a place says so", STATE_INSUFFICIENT,
	{.blocked = 3, .needs_trace = true}, 3, 3, {0, 1},
	"3 vantage points in 3 prefixes: 3 blocked, 0 open; stopped at a place "
	"unknown (drop). Missing: a path trace that shows where it stops"},
    {"one prefix lacks another one", STATE_INSUFFICIENT,
	{.blocked = 8, .where = WHERE_PATH}, 1, 1, {0, 2},
	"8 vantage points in 1 prefix: 8 blocked, 0 open; stopped inside the "
	"network or beyond (drop). All of these are in one prefix: missing is "
	"one more prefix"},
    {"a disagreement says what would settle it", STATE_INSUFFICIENT,
	{.blocked = 2, .open = 1, .where = WHERE_PATH}, 3, 2, {4, 0},
	"3 vantage points in 3 prefixes: 2 blocked, 1 open; stopped inside the "
	"network or beyond (drop). They disagree: missing are over 5 more that "
	"are blocked, or 4 more that are open"},
    {"two blocked lines lack one more", STATE_INSUFFICIENT,
	{.blocked = 2, .where = WHERE_PATH}, 2, 2, {5, 1},
	"2 vantage points in 2 prefixes: 2 blocked, 0 open; stopped inside the "
	"network or beyond (drop). Missing: 1 more in other prefixes"},
};

static void run_because(void **state)
{
	const struct because_row *row = *state;
	struct because_facts facts = {
	    .state = row->state,
	    .decision = &row->decision,
	    .prefixes = row->prefixes,
	    .blocked_prefixes = row->blocked_prefixes,
	    .mechanism = MECHANISM_DROP,
	    .settle = row->settle,
	};
	struct network_verdict verdict;

	because_say(&facts, &verdict);
	assert_string_equal(verdict.because, row->text);
}

/* --- since --- */

/* Votes: "SINCE/FIRST", days, "-" for a line without a change. */
static const struct since_row {
	const char *name, *votes;
	int since; /* -1: longer than we know */
} since_rows[] = {
    {"two changes date the network, by the earlier", "5/0 7/0", 5},
    {"three by the middle one", "5/0 7/0 9/0", 7},
    {"one change dates nothing", "5/0", -1},
    {"most who were watched before must have changed", "5/0 7/0 -/0 -/0 -/0",
	-1},
    {"half of them are enough", "5/0 7/0 -/0 -/0", 5},
    {"who came later says nothing of it", "5/0 7/0 -/6 -/6 -/6 -/6", 5},
};

static bool every(const struct vote *vote)
{
	return true;
}

static void run_since(void **state)
{
	const struct since_row *row = *state;
	const char *text = row->votes;
	struct vote votes[8];
	int64_t times[8], since_ms = -1;
	size_t count = 0;
	char since[8];
	int first, used;

	while (sscanf(text, " %7[^/]/%d%n", since, &first, &used) == 2) {
		struct vote *vote = &votes[count++];

		memset(vote, 0, sizeof(*vote));
		vote->has_since = since[0] != '-';
		vote->since_ms = atoi(since);
		vote->first_ms = first;
		text += used;
	}
	if (!since_find(votes, count, every, times, &since_ms))
		since_ms = -1;
	assert_int_equal(since_ms, row->since);
}

/* --- the bound on all accusations --- */

static void gate(void **state)
{
	struct gate_accusation accusations[] = {
	    {.wrong = .0080, .asn = 4},
	    {.wrong = .0002, .asn = 2},
	    {.wrong = .0009, .asn = 3},
	    {.wrong = .0001, .asn = 1},
	};
	double kept = gate_close(accusations, 4);
	size_t i;

	for (i = 0; i < 4; i++) {
		assert_int_equal(accusations[i].asn, i + 1);
		assert_int_equal(accusations[i].is_held_back, i == 3);
	}
	assert_true(fabs(kept - .0012) < 1e-12);
}

static void held_back(void **state)
{
	struct network_verdict verdict = {
	    .state = STATE_FILTERED,
	    .mechanism = MECHANISM_DROP,
	    .where = WHERE_PATH,
	    .reach = REACH_OBSERVED,
	    .level = LEVEL_THIN,
	    .confidence = .9,
	    .wrong = .002,
	    .since_ms = 1,
	    .sentences = {{0, 30}},
	    .because = "3 vantage points in 3 prefixes",
	};

	published_hold_back(&verdict);
	assert_int_equal(verdict.state, STATE_INSUFFICIENT);
	assert_int_equal(verdict.mechanism, MECHANISM_COUNT);
	assert_int_equal(verdict.where, WHERE_NONE);
	assert_int_equal(verdict.reach, REACH_NONE);
	assert_int_equal(verdict.level, LEVEL_NONE);
	assert_int_equal(verdict.since_ms, 0);
	assert_true(verdict.confidence == 0 && verdict.wrong < 0);
	assert_string_equal(verdict.because,
	    "3 vantage points in 3 prefixes. Held back: too uncertain beside "
	    "the other verdicts");
}

/* --- the share --- */

static void share(void **state)
{
	const struct story_line blocked = {0, 1, .03, .94};
	const struct story_line open = {0, 1, .97, .06};
	struct story_line lines[6];
	struct share none = share_of(NULL, 0), all, half;
	int i;

	for (i = 0; i < 6; i++)
		lines[i] = blocked;
	all = share_of(lines, 6);
	for (i = 0; i < 6; i += 2)
		lines[i] = open;
	half = share_of(lines, 6);
	assert_true(none.low == 0 && none.mid == .5 && none.high == 1);
	assert_true(all.low > .5 && all.mid > .85 && all.high == 1);
	assert_true(half.low > .1 && half.low < .3);
	assert_true(fabs(half.mid - .5) < .03);
	assert_true(half.high > .7 && half.high < .9);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, because_rows, run_because);
	TEST_ROWS(&list, since_rows, run_since);
	test_add(
	    &list, "the least certain of many accusations is held back", gate);
	test_add(&list, "what is held back accuses no more", held_back);
	test_add(&list, "the blocked share narrows with lines", share);
	return test_run("published", &list);
}
