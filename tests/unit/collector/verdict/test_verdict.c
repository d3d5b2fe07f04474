/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/network_walk.h"
#include "collector/verdict/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/report/words.h"
#include "tests/support/rows.h"

#define TODAY  20416
#define DAY_MS INT64_C(86400000)
#define NOW    (TODAY * DAY_MS + DAY_MS / 2)

/*
 * Evidence as text, a vantage point after the other: "NAME@PREFIX ENDPOINT...",
 * an endpoint one of: + reached, - dropped in the path, h dropped at home, l
 * by the host, o by the host or in the path, i intercepted, d down, ? unknown.
 * ",N" after a vantage point is how many days ago. Each letter is another
 * endpoint.
 */
static const struct row {
	const char *name;
	const char *evidence;
	enum network_state state;
	enum mechanism mechanism;
	const char *because; /* NULL: not looked at */
} rows[] = {
    {"two vantage points in two prefixes see it dropped", "a@1 --- b@2 ---",
	STATE_FILTERED, MECHANISM_DROP,
	"2 stopped (drop) of 2 vantage points in 2 prefixes, with 3 "
	"endpoints"},
    {"one vantage point convicts nobody", "a@1 ---", STATE_INSUFFICIENT,
	MECHANISM_DROP,
	"1 stopped (drop) of 1 vantage point in 1 prefix, with 3 endpoints; "
	"too little to judge the network"},
    {"two vantage points in one prefix convict nobody", "a@1 --- b@1 ---",
	STATE_INSUFFICIENT, MECHANISM_DROP, NULL},
    {"one vantage point whose address changed is one", "a@1 --- a@2 ---,3",
	STATE_INSUFFICIENT, MECHANISM_DROP, NULL},
    {"one endpoint convicts nobody", "a@1 - b@2 -", STATE_INSUFFICIENT,
	MECHANISM_DROP, NULL},
    {"one vantage point that gets out to two endpoints is open", "a@1 ++",
	STATE_OPEN, MECHANISM_OPEN,
	"1 got out of 1 vantage point in 1 prefix, with 2 endpoints"},
    {"one endpoint reached is too little", "a@1 +", STATE_INSUFFICIENT,
	MECHANISM_OPEN, NULL},
    {"endpoints that are down do not matter", "a@1 ++dd", STATE_OPEN,
	MECHANISM_OPEN, NULL},
    {"what is unknown does not matter", "a@1 ++ b@2 ???", STATE_OPEN,
	MECHANISM_OPEN, NULL},
    {"the home router's filter is not the network's", "a@1 hhh b@2 hhh",
	STATE_INSUFFICIENT, MECHANISM_COUNT, NULL},
    {"nor is the host's", "a@1 lll b@2 lll", STATE_INSUFFICIENT,
	MECHANISM_COUNT, NULL},
    {"nor is what may be the host's", "a@1 ooo b@2 ooo", STATE_INSUFFICIENT,
	MECHANISM_COUNT, NULL},
    {"a vantage point blocked at home does not contradict one that gets out",
	"a@1 hhh b@2 +++", STATE_OPEN, MECHANISM_OPEN, NULL},
    {"two prefixes filtered and a third open is partial",
	"a@1 --- b@2 --- c@3 ++", STATE_PARTIAL, MECHANISM_DROP, NULL},
    {"one filtered line among open ones is too little",
	"a@1 --- b@2 +++ c@3 +++", STATE_INSUFFICIENT, MECHANISM_DROP, NULL},
    {"one vantage point that sees both is inconsistent", "a@1 --- b@2 --+",
	STATE_INCONSISTENT, MECHANISM_DROP, NULL},
    {"two that are intercepted", "a@1 iii b@2 iii", STATE_INTERCEPTED,
	MECHANISM_REDIRECT, NULL},
    {"one intercepted and one filtered contradict each other",
	"a@1 iii b@2 ---", STATE_INCONSISTENT, MECHANISM_DROP, NULL},
    {"the latest day counts", "a@1 ++ a@1 ---,3 b@2 ++ b@2 ---,3", STATE_OPEN,
	MECHANISM_OPEN, NULL},
    {"a day that says nothing does not hide the one before",
	"a@1 ?? a@1 ---,1 b@2 ---", STATE_FILTERED, MECHANISM_DROP, NULL},
    {"what is two weeks old says nothing about today", "a@1 ---,15 b@2 ---",
	STATE_INSUFFICIENT, MECHANISM_DROP, NULL},
};

static void set_outcome(struct rollup_row *row, char letter)
{
	static const struct {
		char letter;
		enum outcome outcome;
		enum mechanism mechanism;
		enum where where;
	} letters[] = {
	    {'+', OUTCOME_REACHABLE, MECHANISM_OPEN, WHERE_NONE},
	    {'-', OUTCOME_FILTERED, MECHANISM_DROP, WHERE_PATH},
	    {'h', OUTCOME_FILTERED, MECHANISM_DROP, WHERE_ACCESS},
	    {'l', OUTCOME_LOCAL, MECHANISM_DROP, WHERE_HOST},
	    {'o', OUTCOME_FILTERED, MECHANISM_DROP, WHERE_HOST_OR_PATH},
	    {'i', OUTCOME_INTERCEPTED, MECHANISM_REDIRECT, WHERE_PATH},
	    {'d', OUTCOME_ENDPOINT, MECHANISM_DOWN, WHERE_NONE},
	    {'?', OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL, WHERE_NONE},
	};
	size_t i;

	for (i = 0; i < sizeof(letters) / sizeof(*letters); i++)
		if (letters[i].letter == letter) {
			row->outcome = letters[i].outcome;
			row->mechanism = letters[i].mechanism;
			row->where = letters[i].where;
			return;
		}
	fail_msg("no such letter: %c", letter);
}

static size_t read_evidence(const char *text, struct rollup_row *out)
{
	char name[8], prefix[8], letters[16];
	size_t count = 0, i;
	int used, ago;

	while (sscanf(text, " %7[^@]@%7s %15s%n", name, prefix, letters,
		   &used) == 3) {
		char *comma = strchr(letters, ',');

		ago = comma != NULL ? atoi(comma + 1) : 0;
		if (comma != NULL)
			*comma = '\0';
		text += used;
		for (i = 0; letters[i] != '\0'; i++) {
			struct rollup_row *row = &out[count++];

			memset(row, 0, sizeof(*row));
			row->asn = 64500;
			row->family = 4;
			row->port = 25;
			row->day = TODAY - ago;
			strcpy(row->agent, name);
			strcpy(row->prefix, prefix);
			snprintf(
			    row->endpoint, sizeof(row->endpoint), "mx%zu", i);
			row->count = 1;
			row->first_ms = row->last_ms = NOW - ago * DAY_MS - 1;
			set_outcome(row, letters[i]);
		}
	}
	return count;
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct rollup_row evidence[64];
	size_t count = read_evidence(row->evidence, evidence);
	struct network_verdict verdict, again;

	assert_int_equal(verdict_decide(evidence, count, NOW, &verdict), 0);
	if (verdict.state != row->state)
		fail_msg("%s (%s)", network_state_word(verdict.state),
		    verdict.because);
	assert_int_equal(verdict.mechanism, row->mechanism);
	if (row->because != NULL)
		assert_string_equal(verdict.because, row->because);
	assert_true(verdict.blocked_low <= verdict.blocked_mid);
	assert_true(verdict.blocked_mid <= verdict.blocked_high);
	assert_true(verdict.confidence >= 0 && verdict.confidence <= 1);
	/* The order in which the rows come does not matter. */
	count = read_evidence(row->evidence, evidence);
	for (size_t i = 0; i < count / 2; i++) {
		struct rollup_row swap = evidence[i];

		evidence[i] = evidence[count - 1 - i];
		evidence[count - 1 - i] = swap;
	}
	assert_int_equal(verdict_decide(evidence, count, NOW, &again), 0);
	assert_memory_equal(&verdict, &again, sizeof(verdict));
}

static int count_network(void *arg, const struct network_verdict *verdict)
{
	char *log = arg;

	snprintf(log + strlen(log), 100 - strlen(log), "%u/%u/%u ",
	    verdict->asn, verdict->family, verdict->port);
	return 0;
}

static void network_by_network(void **state)
{
	struct rollup_row evidence[64];
	char log[100] = "";
	struct network_decider decider = {NOW, count_network, log};
	struct network_walk walk;
	size_t i;

	(void)state;
	read_evidence("a@1 ++++++ b@1 -,20", evidence);
	evidence[2].port = evidence[3].port = 587;
	evidence[4].family = 6;
	evidence[5].asn = 64501;
	evidence[6].asn = 64502;
	network_walk_init(&walk, network_walk_decide, &decider);
	for (i = 0; i < 7; i++)
		assert_int_equal(network_walk_add(&walk, &evidence[i]), 0);
	assert_int_equal(network_walk_end(&walk), 0);
	network_walk_free(&walk);
	assert_string_equal(
	    log, "64500/4/25 64500/4/587 64500/6/25 64501/4/25 ");
}

static void figures(void **state)
{
	struct rollup_row evidence[64];
	struct network_verdict verdict;
	size_t count = read_evidence("a@1 --- b@2 --- c@3 ++,2", evidence);

	(void)state;
	evidence[0].count = 10;
	assert_int_equal(verdict_decide(evidence, count, NOW, &verdict), 0);
	assert_int_equal(verdict.vantage_points, 3);
	assert_int_equal(verdict.prefixes, 3);
	assert_int_equal(verdict.endpoints, 3);
	assert_int_equal(verdict.probes, 17);
	assert_int_equal(verdict.since_ms, NOW - 2 * DAY_MS - 1);
	assert_int_equal(verdict.last_ms, NOW - 1);
	assert_int_equal(verdict.noutcomes, 2);
	assert_int_equal(verdict.outcomes[0].mechanism, MECHANISM_DROP);
	assert_int_equal(verdict.outcomes[0].count, 15);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "each network, family and port is decided apart",
	    network_by_network);
	test_add(&list, "the figures count what there is", figures);
	return test_run("verdict", &list);
}
