/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/detail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/judge.h"
#include "collector/verdict/network_walk.h"
#include "collector/verdict/published/published.h"
#include "lib/base/day.h"
#include "lib/report/words.h"
#include "tests/support/rows.h"

#define TODAY    20416
#define NOW      (TODAY * DAY_MS + DAY_MS / 2)
#define ROWS_MAX 160

/*
 * Evidence as text, a vantage point after the other: "NAME@PREFIX/OPERATOR
 * ENDPOINT...", an endpoint one of: + reached, - dropped in the path, h dropped
 * at access, ? unknown; each is another endpoint, mx0, mx1 and so on. What must
 * be made of it is text too: "stops PLACE:LINES...", "parts PREFIX:STATE:
 * LINES...", "to ENDPOINT:OUTCOME...".
 */
static const struct row {
	const char *name, *evidence;
	enum network_state state;
	const char *detail;
} rows[] = {
    {"blocked lines are counted by the place where they stop",
	"a@1/a --- b@2/b --- c@3/c --- d@4/d hhh", STATE_FILTERED,
	"stops path:3 access:1"},
    {"of an open network there is nothing to say", "a@1/a ++ b@2/b ++",
	STATE_OPEN, ""},
    {"nor of one that too little is known of", "a@1/a --- b@2/b ---",
	STATE_INSUFFICIENT, ""},
    {"a part has two operators; a prefix with one line is not named",
	"a@1/a --- b@1/b --- c@2/c --- d@2/d --- e@3/e --- f@4/f --- "
	"g@5/g --- h@6/h --- i@7/i +++ j@7/j +++ k@8/k +++ l@9/l +++ "
	"m@10/m +++ n@11/n +++ o@12/o +++ p@13/p +++",
	STATE_PARTIAL, "stops path:8 parts 1:filtered:2 2:filtered:2 7:open:2"},
    {"two lines of one operator do not make a part",
	"a@1/a --- b@1/a --- c@2/c --- d@2/d --- e@3/e --- f@4/f --- "
	"g@5/g --- h@6/h --- i@7/i +++ j@7/i +++ k@8/k +++ l@9/l +++ "
	"m@10/m +++ n@11/n +++ o@12/o +++ p@13/p +++",
	STATE_PARTIAL, "stops path:8 parts 2:filtered:2"},
    {"a prefix with both is partial itself",
	"a@1/a --- b@1/b +++ c@2/c --- d@2/d --- e@3/e --- f@4/f --- "
	"g@5/g --- h@6/h --- i@7/i +++ j@7/j +++ k@8/k +++ l@9/l +++ "
	"m@10/m +++ n@11/n +++ o@12/o +++ p@13/p ---",
	STATE_PARTIAL, "stops path:8 parts 1:partial:2 2:filtered:2 7:open:2"},
    {"destinations that all lines see alike",
	"a@1/a ---+ b@2/b ---+ c@3/c ---+ d@4/d ---+ e@5/e ----",
	STATE_FILTERED, "stops path:5"},
    {"some get through, and others do not",
	"a@1/a -----+ b@2/b -----+ c@3/c -----+ d@4/d -----+ e@5/e -----?",
	STATE_FILTERED,
	"stops path:5 to mx0:filtered mx1:filtered mx2:filtered mx3:filtered "
	"mx4:filtered mx5:reachable"},
    {"a destination that one operator alone reaches is not named",
	"a@1/a -----+ b@2/b -----? c@3/c -----? d@4/d -----? e@5/e -----?",
	STATE_FILTERED, "stops path:5"},
};

static size_t read_evidence(
    const char *text, struct rollup_row *out, struct judge *judge)
{
	char name[8], prefix[8], run_by[8], letters[16];
	size_t count = 0, i;
	int used;

	while (sscanf(text, " %7[^@]@%7[^/]/%7s %15s%n", name, prefix, run_by,
		   letters, &used) == 4) {
		struct vantage vantage = {.first_day = TODAY - 100};

		text += used;
		strcpy(vantage.agent, name);
		strcpy(vantage.run_by, run_by);
		assert_int_equal(judge_enrol(judge, &vantage), 0);
		for (i = 0; letters[i] != '\0'; i++) {
			struct rollup_row *row = &out[count++];
			bool open = letters[i] == '+';
			bool unknown = letters[i] == '?';

			*row = (struct rollup_row){
			    .asn = 64500,
			    .family = 4,
			    .port = 25,
			    .day = TODAY,
			    .count = 1,
			    .first_ms = NOW - 1,
			    .last_ms = NOW - 1,
			    .outcome = open      ? OUTCOME_REACHABLE
				       : unknown ? OUTCOME_UNKNOWN
						 : OUTCOME_FILTERED,
			    .mechanism = open      ? MECHANISM_OPEN
					 : unknown ? MECHANISM_NO_CONTROL
						   : MECHANISM_DROP,
			    .where = letters[i] == '-'   ? WHERE_PATH
				     : letters[i] == 'h' ? WHERE_ACCESS
							 : WHERE_NONE,
			};
			strcpy(row->agent, name);
			strcpy(row->prefix, prefix);
			snprintf(
			    row->endpoint, sizeof(row->endpoint), "mx%zu", i);
		}
	}
	assert_string_equal(text, "");
	return count;
}

struct told {
	struct judge judge;
	enum network_state state;
	char because[NETWORK_BECAUSE_SIZE];
	char detail[500];
};

static int learn(void *arg, const struct evidence *evidence)
{
	struct told *told = arg;

	return judge_learn(&told->judge, evidence);
}

static void write_detail(
    const struct network_detail *detail, char *out, size_t size)
{
	size_t i, used = 0;

	for (i = 0; i < detail->nstops; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s:%d",
		    i == 0 ? " stops " : " ",
		    where_word(detail->stops[i].where),
		    (int)detail->stops[i].vantage_points);
	for (i = 0; i < detail->nparts; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s:%s:%d",
		    i == 0 ? " parts " : " ", detail->parts[i].prefix,
		    network_state_word(detail->parts[i].state),
		    (int)detail->parts[i].vantage_points);
	for (i = 0; i < detail->ndestinations; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s:%s",
		    i == 0 ? " to " : " ", detail->destinations[i].endpoint,
		    outcome_word(detail->destinations[i].outcome));
}

static int tell(void *arg, const struct evidence *evidence)
{
	struct told *told = arg;
	struct network_verdict verdict;
	enum network_state before;

	assert_int_equal(
	    judge_decide(&told->judge, evidence, &verdict, &before), 0);
	told->state = verdict.state;
	strcpy(told->because, verdict.because);
	if (verdict.detail != NULL)
		write_detail(
		    verdict.detail, told->detail, sizeof(told->detail));
	network_verdict_end(&verdict);
	return 0;
}

static void walk(struct told *told, const struct rollup_row *evidence,
    size_t count, network_walk_visit *visit)
{
	struct network_walk networks;
	size_t i;

	network_walk_init(&networks, NOW, visit, told);
	for (i = 0; i < count; i++)
		assert_int_equal(network_walk_add(&networks, &evidence[i]), 0);
	assert_int_equal(network_walk_end(&networks), 0);
	network_walk_free(&networks);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct rollup_row evidence[ROWS_MAX];
	struct told told = {0};
	size_t count;

	judge_init(&told.judge, NOW);
	count = read_evidence(row->evidence, evidence, &told.judge);
	walk(&told, evidence, count, learn);
	assert_int_equal(judge_close(&told.judge), 0);
	walk(&told, evidence, count, tell);
	judge_free(&told.judge);
	if (told.state != row->state)
		fail_msg(
		    "%s (%s)", network_state_word(told.state), told.because);
	assert_string_equal(told.detail + (told.detail[0] == ' '), row->detail);
}

/* What is taken back says nothing of places or prefixes either. */
static void taken_back(void **state)
{
	struct network_verdict verdict = {.state = STATE_FILTERED};

	(void)state;
	verdict.detail = calloc(1, sizeof(*verdict.detail));
	assert_non_null(verdict.detail);
	published_hold_back(&verdict);
	assert_null(verdict.detail);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "an accusation that is held back has no details",
	    taken_back);
	return test_run("detail", &list);
}
