/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/decision/held.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

/* Days in order: "STATE P_OPEN P_FILTERED WITNESSES UNSTEADY/VOTERS", what the
 * day says by itself; and the states that are published. */
static const struct row {
	const char *name, *days[4], *published[4];
} rows[] = {
    {"open is kept while it is the more likely",
	{"open .99 0 0 0/5", "insufficient .60 .2 0 0/5",
	    "insufficient .40 .4 0 0/5"},
	{"open", "open", "insufficient"}},
    {"open does not stand against lines that see both",
	{"open .99 0 0 0/5", "inconsistent .62 .28 0 3/5"},
	{"open", "inconsistent"}},
    {"filtered is kept a little beyond the cap",
	{"filtered .001 .9 3 0/5", "insufficient .004 .80 2 0/5",
	    "insufficient .006 .80 2 0/5"},
	{"filtered", "filtered", "insufficient"}},
    {"filtered is not kept by one witness",
	{"filtered .001 .9 3 0/5", "insufficient .004 .80 1 0/5"},
	{"filtered", "insufficient"}},
    {"filtered becomes partial at once",
	{"filtered .001 .9 3 0/5", "partial .001 .3 3 0/5"},
	{"filtered", "partial"}},
    {"filtered becomes intercepted at once",
	{"filtered .001 .9 3 0/5", "intercepted .001 .9 3 0/5"},
	{"filtered", "intercepted"}},
    {"filtered becomes open at once",
	{"filtered .001 .9 3 0/5", "open .9 .01 0 0/5"}, {"filtered", "open"}},
    {"filtered holds out against a day that reads partial by a hair",
	{"filtered .001 .9 3 0/5", "partial .001 .6 3 0/5"},
	{"filtered", "filtered"}},
    {"partial is kept while some story of parts is likely",
	{"partial .008 .1 4 0/9", "insufficient .004 .3 2 0/9",
	    "insufficient .004 .6 2 0/9"},
	{"partial", "partial", "insufficient"}},
    {"inconsistent is kept while a third sees both",
	{"inconsistent .6 .2 0 3/6", "insufficient .6 .2 0 2/6",
	    "insufficient .6 .2 0 2/7"},
	{"inconsistent", "inconsistent", "insufficient"}},
    {"one line alone keeps nothing inconsistent",
	{"inconsistent .6 .2 0 2/3", "insufficient .6 .2 0 1/3"},
	{"inconsistent", "insufficient"}},
    {"inconsistent ends where something is decided",
	{"inconsistent .6 .2 0 3/6", "open .8 .1 0 3/6"},
	{"inconsistent", "open"}},
};

static void read_day(const char *text, struct decision *decision)
{
	char state[16];
	int voters, found;

	memset(decision, 0, sizeof(*decision));
	assert_int_equal(
	    sscanf(text, "%15s %lf %lf %d %d/%d", state,
		&decision->posterior.open, &decision->posterior.filtered,
		&decision->witnesses_blocked, &decision->unsteady, &voters),
	    6);
	found = network_state_from_word(state);
	assert_true(found >= 0);
	decision->state = (enum network_state)found;
	decision->steady = voters - decision->unsteady;
	decision->posterior.by_line = 1 - decision->posterior.open -
				      decision->posterior.filtered;
}

static void run_row(void **state)
{
	const struct row *row = *state;
	enum network_state published = STATE_INSUFFICIENT;
	struct decision decision;
	int i;

	for (i = 0; i < 4 && row->days[i] != NULL; i++) {
		read_day(row->days[i], &decision);
		published = held_state(published, &decision);
		assert_string_equal(
		    network_state_word(published), row->published[i]);
	}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	return test_run("held", &list);
}
