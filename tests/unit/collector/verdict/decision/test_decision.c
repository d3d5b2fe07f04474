/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/decision/decision.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/report/words.h"
#include "tests/support/rows.h"

#define VOTES_MAX 64
#define TODAY     20029
#define NEAR      1e-5

/*
 * Votes as text, "COUNT CLASS MARK...": F blocked, O open, I intercepted, X
 * unsteady, with p .99 or .01; each has an operator and a prefix of its own,
 * and F and I are stopped in the path. A mark: "@p" all in one prefix of that
 * letter, "=o" all of one operator, ":place" ("none": no place), "+new",
 * "+newcomer", "+young" enrolled nine days ago, "+each2" one of them
 * every two days, the newest nine days ago, "+turned" last month, "+older" last
 * seen before that.
 */
static const struct row {
	const char *name, *votes;
	enum network_state state;
	double open, filtered, part;
	int blocked, open_witnesses;
	const char *where;
} rows[] = {
    {"nothing is known of a network without votes", "", STATE_INSUFFICIENT, .62,
	.28, .10, 0, 0, ""},
    {"one blocked line says little", "1F", STATE_INSUFFICIENT, .10431, .75173,
	.14396, 1, 0, "path"},
    {"two blocked lines do not accuse", "2F", STATE_INSUFFICIENT, .00771,
	.88674, .10555, 2, 0, "path"},
    {"three blocked lines do", "3F", STATE_FILTERED, .00050, .92430, .07520, 3,
	0, "path"},
    {"three that nobody can place do not", "3F:none", STATE_INSUFFICIENT,
	.00233, .91813, .07954, 3, 0, ""},
    {"one place is enough for all three", "1F 2F:none", STATE_FILTERED, .00140,
	.92054, .07806, 3, 0, "path"},
    {"twenty in one prefix are one", "20F@p", STATE_INSUFFICIENT, .03955,
	.87524, .08521, 1, 0, "path"},
    {"twenty in one prefix and one elsewhere are two", "20F@p 1F",
	STATE_INSUFFICIENT, .00266, .93983, .05751, 2, 0, "path"},
    {"two in each of two prefixes accuse", "2F@p 2F@q", STATE_FILTERED, .00100,
	.92042, .07857, 2, 0, "path"},
    {"not if nobody can place one of them", "3F@p 1F@q 1F@q:none",
	STATE_INSUFFICIENT, .00101, .92621, .07278, 2, 0, "path"},
    {"nor if one stops at a customer's router", "4F@p 1F@q 1F@q:access",
	STATE_INSUFFICIENT, .00106, .93013, .06880, 2, 0, "path"},
    {"nor beside a line that is open", "5F@p 2F@q 1O@q", STATE_INSUFFICIENT,
	.00181, .90271, .09548, 2, 1, "path"},
    {"three in each of two prefixes accuse", "3F@p 2F@q 1F@q:none",
	STATE_FILTERED, .00087, .93077, .06837, 2, 0, "path"},
    {"not if all stop where one company's router may be",
	"3F@p:access 3F@q:access", STATE_INSUFFICIENT, .00099, .92860, .07041,
	2, 0, "access"},
    {"three of each beside others that stop there do", "3F@p 3F@q 2F@q:access",
	STATE_FILTERED, .00087, .93572, .06341, 2, 0, "path"},
    {"three in one prefix and one in another do not", "3F@p 1F@q",
	STATE_INSUFFICIENT, .00261, .91746, .07993, 2, 0, "path"},
    {"one operator in ten prefixes is one", "10F=x", STATE_INSUFFICIENT, .08459,
	.79400, .12141, 1, 0, "path"},
    {"two blocked and one open can be anything", "2F 1O", STATE_INSUFFICIENT,
	.05704, .62272, .32024, 2, 1, "path"},
    {"one exception does not open a filtering network", "9F 1O", STATE_FILTERED,
	.00000, .95052, .04948, 9, 1, "path"},
    {"five of each are partial", "5F 5O", STATE_PARTIAL, .00444, .01599, .97957,
	5, 5, "path"},
    {"an office's firewall does not accuse its provider", "6F@p 5O", STATE_OPEN,
	.87594, .00015, .12391, 1, 5, "path"},
    {"one blocked line among nine open ones is its own fault", "1F 9O",
	STATE_OPEN, .96698, .00000, .03302, 1, 9, "path"},
    {"two open lines are open", "2O", STATE_OPEN, .94328, .00384, .05288, 0, 2,
	""},
    {"two open lines in one prefix are, too", "2O@p", STATE_OPEN, .92460,
	.01085, .06455, 0, 1, ""},
    {"four intercepted lines", "4I", STATE_INTERCEPTED, .00003, .94395, .05602,
	4, 0, "path"},
    {"interception needs no place", "4I:none", STATE_INTERCEPTED, .00025,
	.94007, .05968, 4, 0, ""},
    {"five stopped at the subscribers' ports", "5F:access", STATE_FILTERED,
	.00010, .95103, .04887, 5, 0, "access"},
    {"the most frequent place is named", "3F 2F:access", STATE_FILTERED, .00001,
	.95454, .04546, 5, 0, "path"},
    {"where routers filter, a stop without a place is one more",
	"2F:access 3F:none", STATE_INSUFFICIENT, .00632, .91969, .07399, 5, 0,
	"access"},
    {"three that see both are inconsistent", "3X 1O", STATE_INCONSISTENT,
	.88344, .03788, .07868, 0, 1, ""},
    {"so are two, of whom one has a steady line before it", "1X 1O=o 1X=o",
	STATE_INCONSISTENT, .88344, .03788, .07868, 0, 1, ""},
    {"new agents do not convict", "3F+new", STATE_INSUFFICIENT, .62000, .28000,
	.10000, 0, 0, ""},
    {"new agents may acquit", "2O+new", STATE_OPEN, .94328, .00384, .05288, 0,
	2, ""},
    {"eight that enrolled together are one", "1F 8F+young", STATE_INSUFFICIENT,
	.00000, .97968, .02032, 2, 0, "path"},
    {"two old ones and a burst are three", "2F 3F+young", STATE_FILTERED,
	.00000, .95658, .04341, 3, 0, "path"},
    {"six that enrolled one a day are one", "1F 6F+each1", STATE_INSUFFICIENT,
	.00000, .97152, .02848, 2, 0, "path"},
    {"six that enrolled one every two days are one", "1F 6F+each2",
	STATE_INSUFFICIENT, .00000, .97152, .02848, 2, 0, "path"},
    {"three that enrolled three days apart are three", "1F 3F+each3",
	STATE_FILTERED, .00003, .94395, .05602, 4, 0, "path"},
    {"where nobody was before them they do not count", "3F+each3",
	STATE_INSUFFICIENT, .00050, .92430, .07520, 0, 0, "path"},
    {"nor a week apart", "5F+each7", STATE_INSUFFICIENT, .00000, .95658, .04341,
	0, 0, "path"},
    {"newcomers do not outvote two older lines", "6F+each3 2O",
	STATE_INSUFFICIENT, .00001, .72632, .27367, 0, 2, "path"},
    {"nor with one older line beside them", "6F+each3 1F 2O",
	STATE_INSUFFICIENT, .00000, .78818, .21182, 1, 2, "path"},
    {"nor where older lines are divided", "6F+each3 2F 2O", STATE_INSUFFICIENT,
	.00000, .83422, .16578, 2, 2, "path"},
    {"where most older lines are blocked they count", "6F+each3 2F 1O",
	STATE_FILTERED, .00000, .93935, .06065, 8, 1, "path"},
    {"nor in a collector's first weeks", "6F+newcomer 2O", STATE_INSUFFICIENT,
	.00001, .72632, .27367, 0, 2, "path"},
    {"nor beside newcomers that see it open", "6F+newcomer 3O+newcomer",
	STATE_INSUFFICIENT, .00006, .39745, .60249, 0, 3, "path"},
    {"newcomers that see it open silence none of them", "1F 6F+each3 3O+young",
	STATE_PARTIAL, .00000, .49757, .50242, 7, 3, "path"},
    {"who has not looked since two others turned is overtaken",
	"2F+turned 1O+older", STATE_INSUFFICIENT, .00771, .88674, .10555, 2, 0,
	"path"},
    {"one that turned overtakes nobody", "1F+turned 1F 1O+older",
	STATE_INSUFFICIENT, .05704, .62272, .32024, 2, 1, "path"},
    {"nor do two lines of one operator", "2F=x+turned 1O+older",
	STATE_INSUFFICIENT, .39376, .33300, .27324, 1, 1, "path"},
};

struct drawn {
	struct vote votes[VOTES_MAX];
	size_t count;
};

static void apply_mark(struct vote *vote, const char *mark)
{
	int place, days;

	if (mark[0] == '@') {
		vote->prefix = VOTES_MAX + (uint32_t)(mark[1] - 'a');
	} else if (mark[0] == '=') {
		vote->run_by = VOTES_MAX;
	} else if (strcmp(mark, ":none") == 0) {
		vote->place = WHERE_NONE;
	} else if (mark[0] == ':') {
		place = where_from_word(mark + 1);
		assert_true(place >= 0);
		vote->place = (enum where)place;
	} else if (strcmp(mark, "+new") == 0) {
		vote->is_new = true;
	} else if (strcmp(mark, "+newcomer") == 0) {
		vote->is_newcomer = true;
	} else if (strcmp(mark, "+young") == 0) {
		vote->is_young = vote->is_newcomer = true;
		vote->first_seen = TODAY - 9;
	} else if (sscanf(mark, "+each%d", &days) == 1) {
		vote->is_young = vote->is_newcomer = true;
		vote->first_seen = TODAY - 9 - days * (int)vote->line;
	} else if (strcmp(mark, "+turned") == 0) {
		vote->has_since = true;
		vote->since_ms = 500;
		vote->last_ms = 900;
	} else if (strcmp(mark, "+older") == 0) {
		vote->last_ms = 400;
	} else {
		fail_msg("no such mark: %s", mark);
	}
}

static void add_vote(struct drawn *drawn, char class, const char *marks)
{
	struct vote *vote = &drawn->votes[drawn->count];
	bool blocked = class == 'F' || class == 'I';
	char mark[16];
	int used;

	*vote = (struct vote){
	    .line = (uint32_t)drawn->count,
	    .run_by = (uint32_t)drawn->count,
	    .prefix = (uint32_t)drawn->count,
	    .p = blocked ? .99 : .01,
	    .place = blocked ? WHERE_PATH : WHERE_NONE,
	    .is_intercepted = class == 'I',
	    .is_unsteady = class == 'X',
	    .last_ms = 1000,
	};
	while (sscanf(marks, "%15[@=:+]%n", mark, &used) == 1) {
		size_t length = strcspn(marks + 1, "@=:+") + 1;

		snprintf(mark, sizeof(mark), "%.*s", (int)length, marks);
		apply_mark(vote, mark);
		marks += length;
	}
	drawn->count++;
}

static void read_votes(const char *text, struct drawn *drawn)
{
	char class, marks[48];
	int i, number, used;

	drawn->count = 0;
	while (sscanf(text, " %d%c%n", &number, &class, &used) == 2) {
		text += used;
		marks[0] = '\0';
		if (sscanf(text, "%47[^ ]%n", marks, &used) == 1)
			text += used;
		for (i = 0; i < number; i++)
			add_vote(drawn, class, marks);
	}
	assert_string_equal(text, "");
}

static void decide(const struct drawn *drawn, struct decision *decision)
{
	struct decision_room room;

	assert_int_equal(
	    decision_room_init(&room, drawn->count, 2 * VOTES_MAX), 0);
	memcpy(room.votes, drawn->votes, drawn->count * sizeof(*drawn->votes));
	decision_make(&room, drawn->count, decision);
	decision_room_free(&room);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct decision decision;
	struct drawn drawn;

	read_votes(row->votes, &drawn);
	decide(&drawn, &decision);
	assert_string_equal(
	    network_state_word(decision.state), network_state_word(row->state));
	assert_true(fabs(decision.posterior.open - row->open) < NEAR);
	assert_true(fabs(decision.posterior.filtered - row->filtered) < NEAR);
	assert_true(
	    fabs(posterior_part(&decision.posterior) - row->part) < NEAR);
	assert_int_equal(decision.witnesses_blocked, row->blocked);
	assert_int_equal(decision.witnesses_open, row->open_witnesses);
	assert_string_equal(where_word(decision.where), row->where);
}

/* --- drawn votes --- */

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

/* Blocked lines that all share a prefix or an operator, among others that are
 * open. */
static void draw_votes(uint32_t *seed, bool one_prefix, struct drawn *drawn)
{
	static const char *const places[] = {"", ":access", ":none", ":link"};
	uint32_t i, count = 3 + draw(seed, VOTES_MAX - 4);
	char marks[48];

	drawn->count = 0;
	for (i = 0; i < count; i++) {
		if (draw(seed, 10) == 0) {
			add_vote(drawn, 'O', "");
			continue;
		}
		snprintf(marks, sizeof(marks), "%s%s", one_prefix ? "@p" : "=o",
		    places[draw(seed, 4)]);
		add_vote(drawn, draw(seed, 5) == 0 ? 'I' : 'F', marks);
	}
}

static void accuse_nobody(bool one_prefix)
{
	struct decision decision;
	struct drawn drawn;
	uint32_t seed = 1;
	int i;

	for (i = 0; i < 3000; i++) {
		draw_votes(&seed, one_prefix, &drawn);
		decide(&drawn, &decision);
		assert_false(decision_accuses(decision.state));
	}
}

static void one_prefix(void **state)
{
	accuse_nobody(true);
}

static void one_operator(void **state)
{
	accuse_nobody(false);
}

/* The same votes in another order. */
static void order(void **state)
{
	struct decision decision, again;
	struct drawn drawn, turned;
	uint32_t seed = 7, i, j;

	for (i = 0; i < 200; i++) {
		draw_votes(&seed, i % 2 == 0, &drawn);
		turned = drawn;
		for (j = 1; j < drawn.count; j++) {
			uint32_t to = draw(&seed, j + 1);
			struct vote vote = turned.votes[j];

			turned.votes[j] = turned.votes[to];
			turned.votes[to] = vote;
		}
		decide(&drawn, &decision);
		decide(&turned, &again);
		assert_memory_equal(&decision, &again, sizeof(decision));
	}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "blocked lines in one prefix never accuse", one_prefix);
	test_add(
	    &list, "blocked lines of one operator never accuse", one_operator);
	test_add(&list, "the order of the votes changes no bit", order);
	return test_run("decision", &list);
}
