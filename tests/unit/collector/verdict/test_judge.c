/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/network_walk.h"
#include "lib/base/day.h"
#include "tests/support/rows.h"

#define TODAY    20416
#define NOW      (TODAY * DAY_MS + DAY_MS / 2)
#define ROWS_MAX 128

/*
 * Evidence as text, a vantage point after the other: "NAME@PREFIX ENDPOINT...",
 * an endpoint one of: + reached, - dropped in the path, n dropped somewhere, h
 * dropped at access, l by the host, o by the host or in the path, i
 * intercepted, d down, ? unknown; or dropped in the path and s inside the own
 * network, b at its border, u behind AS64501, v behind AS64502, w after a hop
 * of its own and before one that is silent. ",N" after a vantage point is how
 * many days ago. Each letter is another endpoint.
 */
static const struct row {
	const char *name;
	const char *evidence;
	enum network_state state;
	enum mechanism mechanism;
	const char *because; /* NULL: not looked at */
} rows[] = {
    {"three vantage points in three prefixes see it dropped",
	"a@1 --- b@2 --- c@3 ---", STATE_FILTERED, MECHANISM_DROP,
	"3 vantage points in 3 prefixes: 3 blocked, 0 open; stopped inside the "
	"network or beyond (drop)"},
    {"two convict nobody", "a@1 --- b@2 ---", STATE_INSUFFICIENT,
	MECHANISM_COUNT,
	"2 vantage points in 2 prefixes: 2 blocked, 0 open; stopped inside the "
	"network or beyond (drop). Missing: 1 more in other prefixes"},
    {"three vantage points in one prefix convict nobody",
	"a@1 --- b@1 --- c@1 ---", STATE_INSUFFICIENT, MECHANISM_COUNT,
	"3 vantage points in 1 prefix: 3 blocked, 0 open; stopped inside the "
	"network or beyond (drop). All of these are in one prefix: missing is "
	"one more prefix"},
    {"one vantage point whose address changed is one",
	"a@1 --- a@2 ---,3 a@3 ---,5", STATE_INSUFFICIENT, MECHANISM_COUNT,
	NULL},
    {"one endpoint convicts nobody", "a@1 - b@2 - c@3 -", STATE_INSUFFICIENT,
	MECHANISM_COUNT,
	"0 vantage points in 0 prefixes: 0 blocked, 0 open. Missing: 2 more"},
    {"two vantage points that get out to two endpoints are open",
	"a@1 ++ b@2 ++", STATE_OPEN, MECHANISM_OPEN,
	"2 vantage points in 2 prefixes: 0 blocked, 2 open"},
    {"one that gets out is too little", "a@1 +++", STATE_INSUFFICIENT,
	MECHANISM_COUNT,
	"1 vantage point in 1 prefix: 0 blocked, 1 open. Missing: 1 more"},
    {"one endpoint reached is too little", "a@1 + b@2 +", STATE_INSUFFICIENT,
	MECHANISM_COUNT, NULL},
    {"endpoints that are down do not matter", "a@1 ++dd b@2 ++dd", STATE_OPEN,
	MECHANISM_OPEN, NULL},
    {"what is unknown does not matter", "a@1 ++ b@2 ++ c@3 ???", STATE_OPEN,
	MECHANISM_OPEN, NULL},
    {"five stops at access are a filter of the lines",
	"a@1 hhh b@2 hhh c@3 hhh d@4 hhh e@5 hhh", STATE_FILTERED,
	MECHANISM_DROP,
	"5 vantage points in 5 prefixes: 5 blocked, 0 open; stopped at the "
	"customers' own router or the provider's first one (drop)"},
    {"what the host does is not the network's", "a@1 lll b@2 lll c@3 lll",
	STATE_INSUFFICIENT, MECHANISM_COUNT, NULL},
    {"nor is what may be the host's", "a@1 ooo b@2 ooo c@3 ooo",
	STATE_INSUFFICIENT, MECHANISM_COUNT, NULL},
    {"a vantage point blocked by its host contradicts nobody",
	"a@1 lll b@2 +++ c@3 +++", STATE_OPEN, MECHANISM_OPEN, NULL},
    {"eight that are filtered and eight that are open",
	"a@1 --- b@2 --- c@3 --- d@4 --- "
	"e@5 --- f@6 --- g@7 --- h@8 --- "
	"i@9 +++ j@10 +++ k@11 +++ l@12 +++ "
	"m@13 +++ n@14 +++ o@15 +++ p@16 +++",
	STATE_PARTIAL, MECHANISM_DROP, NULL},
    {"one filtered line among nine open ones has its own reasons",
	"a@1 --- b@2 +++ c@3 +++ d@4 +++ e@5 +++ "
	"f@6 +++ g@7 +++ h@8 +++ i@9 +++ j@10 +++",
	STATE_OPEN, MECHANISM_OPEN, NULL},
    {"two that see both again and again",
	"a@1 -- a@1 ++,1 a@1 --,2 a@1 ++,3 a@1 --,4 a@1 ++,5 "
	"b@2 -- b@2 ++,1 b@2 --,2 b@2 ++,3 b@2 --,4 b@2 ++,5",
	STATE_INCONSISTENT, MECHANISM_COUNT,
	"0 vantage points in 0 prefixes: 0 blocked, 0 open; 2 saw both, again "
	"and again"},
    {"three that are intercepted", "a@1 iii b@2 iii c@3 iii", STATE_INTERCEPTED,
	MECHANISM_REDIRECT, NULL},
    {"most of three are", "a@1 iii b@2 iii c@3 ---", STATE_INTERCEPTED,
	MECHANISM_REDIRECT, NULL},
    {"a filter that was lifted", "a@1 +++ a@1 ---,3 b@2 +++ b@2 ---,3",
	STATE_OPEN, MECHANISM_OPEN, NULL},
    {"a day that says nothing does not hide the one before",
	"a@1 ?? a@1 ---,1 b@2 --- b@2 ?,1 c@3 --- c@3 ?,1", STATE_FILTERED,
	MECHANISM_DROP, NULL},
    {"three that nobody can place", "a@1 nnn b@2 nnn c@3 nnn",
	STATE_INSUFFICIENT, MECHANISM_COUNT, NULL},
};

static void set_asns(struct rollup_row *row, char letter)
{
	static const struct {
		char letter;
		uint32_t after, before;
	} letters[] = {
	    {'h', 0, 64500},
	    {'s', 64500, 64500},
	    {'b', 64500, 64501},
	    {'u', 64501, 64501},
	    {'v', 64502, 0},
	    {'w', 64500, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(letters) / sizeof(*letters); i++)
		if (letters[i].letter == letter) {
			row->after_asn = letters[i].after;
			row->before_asn = letters[i].before;
		}
}

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
	    {'n', OUTCOME_FILTERED, MECHANISM_DROP, WHERE_NONE},
	    {'h', OUTCOME_FILTERED, MECHANISM_DROP, WHERE_ACCESS},
	    {'l', OUTCOME_LOCAL, MECHANISM_DROP, WHERE_HOST},
	    {'o', OUTCOME_FILTERED, MECHANISM_DROP, WHERE_HOST_OR_PATH},
	    {'i', OUTCOME_INTERCEPTED, MECHANISM_REDIRECT, WHERE_PATH},
	    {'d', OUTCOME_ENDPOINT, MECHANISM_DOWN, WHERE_NONE},
	    {'?', OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL, WHERE_NONE},
	};
	size_t i;

	set_asns(row, letter);
	if (strchr("sbuvw", letter) != NULL)
		letter = '-';
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

/* --- what is made of it --- */

struct told {
	struct judge judge;
	struct network_verdict verdict; /* of the network walked last */
	enum network_state before;
	char log[100]; /* of networks */
};

static int learn(void *arg, const struct evidence *evidence)
{
	struct told *told = arg;

	return judge_learn(&told->judge, evidence);
}

static int note(void *arg, const struct evidence *evidence)
{
	struct told *told = arg;
	struct network_verdict verdict;

	assert_int_equal(
	    judge_decide(&told->judge, evidence, &verdict, &told->before), 0);
	assert_int_equal(judge_note(&told->judge, &verdict), 0);
	network_verdict_end(&verdict);
	return 0;
}

static int tell(void *arg, const struct evidence *evidence)
{
	struct told *told = arg;
	struct network_verdict *verdict = &told->verdict;
	size_t blocked;

	assert_int_equal(
	    judge_decide(&told->judge, evidence, verdict, &told->before), 0);
	blocked = verdict->nblocked_prefixes;
	network_verdict_end(verdict);
	verdict->nblocked_prefixes = blocked;
	snprintf(told->log + strlen(told->log), 100 - strlen(told->log),
	    "%u/%u/%u ", verdict->asn, verdict->family, verdict->port);
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

/* All that a judge does; `told` is without its memory then. */
static void judge(
    struct told *told, const struct rollup_row *evidence, size_t count)
{
	size_t i;

	memset(told, 0, sizeof(*told));
	judge_init(&told->judge, NOW);
	for (i = 0; i < count; i++) {
		struct vantage vantage = {.first_day = evidence[i].day};

		memcpy(vantage.agent, evidence[i].agent, sizeof(vantage.agent));
		assert_int_equal(judge_enrol(&told->judge, &vantage), 0);
	}
	walk(told, evidence, count, learn);
	walk(told, evidence, count, note);
	assert_int_equal(judge_close(&told->judge), 0);
	walk(told, evidence, count, tell);
	judge_free(&told->judge);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct rollup_row evidence[ROWS_MAX];
	size_t i, count = read_evidence(row->evidence, evidence);
	struct told told, again;

	judge(&told, evidence, count);
	if (told.verdict.state != row->state)
		fail_msg("%s (%s)", network_state_word(told.verdict.state),
		    told.verdict.because);
	assert_int_equal(told.verdict.mechanism, row->mechanism);
	if (row->because != NULL)
		assert_string_equal(told.verdict.because, row->because);
	/* The order in which the rows come does not matter. */
	for (i = 0; i < count / 2; i++) {
		struct rollup_row swap = evidence[i];

		evidence[i] = evidence[count - 1 - i];
		evidence[count - 1 - i] = swap;
	}
	judge(&again, evidence, count);
	assert_memory_equal(&told, &again, sizeof(told));
}

/* Whose filter it is. Each has the state, and the chances, that it has without
 * a word about the hops' networks. */
static const struct stop_row {
	const char *name, *evidence;
	enum network_stop in;
	uint32_t upstream;
	const char *words; /* in `because` */
} stop_rows[] = {
    {"no hop's network is known", "a@1 --- b@2 --- c@3 ---", STOP_UNKNOWN, 0,
	"stopped inside the network or beyond (drop)"},
    {"inside the own network", "a@1 sss b@2 sss c@3 sss", STOP_OWN, 0,
	"stopped inside the network (drop)"},
    {"at its border", "a@1 bbb b@2 bbb c@3 bbb", STOP_BORDER, 0,
	"stopped at the border of the network (drop)"},
    {"behind another, which may be silent", "a@1 vvv b@2 vvv c@3 vvv",
	STOP_UPSTREAM, 64502,
	"stopped beyond the network, behind AS64502 (drop). Not charged to "
	"this network: seen by 1 network behind AS64502"},
    {"behind the one that most lines see", "a@1 uuv b@2 uuu c@3 vvv",
	STOP_UPSTREAM, 64501, "behind AS64501 (drop)"},
    {"after an own hop and before a silent one", "a@1 www b@2 www c@3 www",
	STOP_UNKNOWN, 0, "stopped inside the network or beyond (drop)"},
    {"most failures of each line decide", "a@1 ssu b@2 ssu c@3 suu", STOP_OWN,
	0, "stopped inside the network (drop)"},
    {"of as many the one that charges it least",
	"a@1 sss b@2 sss c@3 uuu d@4 uuu", STOP_UPSTREAM, 64501,
	"behind AS64501 (drop)"},
    {"one line alone does not excuse it", "a@1 uuu b@2 --- c@3 ---",
	STOP_UNKNOWN, 0, "stopped inside the network or beyond (drop)"},
    {"nor does one against two", "a@1 uuu b@2 sss c@3 sss", STOP_OWN, 0,
	"stopped inside the network (drop)"},
    {"customers' routers are not beyond it",
	"a@1 hhh b@2 hhh c@3 hhh d@4 hhh e@5 hhh", STOP_OWN, 0,
	"stopped at the customers' own router or the provider's first one"},
    {"what is old does not count",
	"a@1 --- a@1 uuu,20 b@2 --- b@2 uuu,20 "
	"c@3 --- c@3 uuu,20",
	STOP_UNKNOWN, 0, "inside the network or beyond"},
};

static void stop(void **state)
{
	const struct stop_row *row = *state;
	struct rollup_row evidence[ROWS_MAX];
	size_t count = read_evidence(row->evidence, evidence), i;
	struct told told, without;

	judge(&told, evidence, count);
	assert_int_equal(told.verdict.state, STATE_FILTERED);
	assert_int_equal(told.verdict.stopped_in, row->in);
	assert_int_equal(told.verdict.upstream, row->upstream);
	if (strstr(told.verdict.because, row->words) == NULL)
		fail_msg("%s", told.verdict.because);
	for (i = 0; i < count; i++)
		evidence[i].after_asn = evidence[i].before_asn = 0;
	judge(&without, evidence, count);
	assert_int_equal(without.verdict.state, STATE_FILTERED);
	assert_int_equal(without.verdict.stopped_in, STOP_UNKNOWN);
	assert_true(told.verdict.wrong == without.verdict.wrong);
	assert_true(told.verdict.confidence == without.verdict.confidence);
}

/* --- reviews --- */

/* Three agents that see it filtered, and when they came; the collector began
 * 300 days ago, or when it says. */
static const struct review_row {
	const char *name;
	int32_t ages[3];
	bool is_local, ignores;
	const char *decided; /* "", "released" or "rejected" */
	enum network_state state;
	const char *words; /* in `because` */
	int32_t began;
} review_rows[] = {
    {"three that came lately are held", {10, 50, 89}, true, false, "",
	STATE_INSUFFICIENT,
	". Held for review: all who see it enrolled in the last 90 days"},
    {"not if one is older", {10, 50, 90}, true, false, "", STATE_FILTERED,
	"(drop)"},
    {"nor if they are imported", {10, 50, 89}, false, false, "", STATE_FILTERED,
	"(drop)"},
    {"nor for who asks what rows say", {10, 50, 89}, true, true, "",
	STATE_FILTERED, "(drop)"},
    {"what was released is published with its reason", {10, 50, 89}, true,
	false, "released", STATE_FILTERED, ". Released on review: a reason"},
    {"what was rejected is not, with its reason", {10, 50, 89}, true, false,
	"rejected", STATE_INSUFFICIENT, ". Rejected on review: a reason"},
    {"agents of the first week need none when they are older", {294, 298, 300},
	true, false, "", STATE_FILTERED, "(drop)"},
    {"they are held while the collector is young", {39, 40, 40}, true, false,
	"", STATE_INSUFFICIENT, ". Held for review: all who see it enrolled",
	40},
    {"not when one of them has become older", {88, 89, 90}, true, false, "",
	STATE_FILTERED, "(drop)", 90},
    {"nor where they are imported", {39, 40, 40}, false, false, "",
	STATE_FILTERED, "(drop)", 40},
};

static void enrol_three(struct told *told, const struct review_row *row)
{
	struct vantage founder = {.agent = "z",
	    .first_day = TODAY - (row->began > 0 ? row->began : 300)};
	int i;

	assert_int_equal(judge_enrol(&told->judge, &founder), 0);
	for (i = 0; i < 3; i++) {
		struct vantage vantage = {
		    .agent = {(char)('a' + i)},
		    .first_day = TODAY - row->ages[i],
		    .is_local = row->is_local,
		};

		assert_int_equal(judge_enrol(&told->judge, &vantage), 0);
	}
}

static void decide(struct told *told, const char *decided)
{
	struct review review = {
	    .asn = 64500,
	    .family = 4,
	    .port = 25,
	    .is_released = strcmp(decided, "released") == 0,
	    .reason = "a reason",
	};

	if (decided[0] != '\0')
		assert_int_equal(judge_review(&told->judge, &review), 0);
}

static void reviewed(void **state)
{
	const struct review_row *row = *state;
	struct rollup_row evidence[ROWS_MAX];
	size_t count = read_evidence("a@1 --- b@2 --- c@3 ---", evidence);
	struct told told;

	memset(&told, 0, sizeof(told));
	judge_init(&told.judge, NOW);
	told.judge.ignores_reviews = row->ignores;
	enrol_three(&told, row);
	decide(&told, row->decided);
	walk(&told, evidence, count, learn);
	walk(&told, evidence, count, note);
	assert_int_equal(judge_close(&told.judge), 0);
	walk(&told, evidence, count, tell);
	judge_free(&told.judge);
	assert_int_equal(told.verdict.state, row->state);
	assert_int_equal(
	    told.verdict.wrong < 0, row->state == STATE_INSUFFICIENT);
	if (strstr(told.verdict.because, row->words) == NULL)
		fail_msg("%s", told.verdict.because);
}

/* Three networks behind one upstream, and one that is open. */
static void shared(void **state)
{
	struct rollup_row evidence[ROWS_MAX];
	size_t count = 0, from;
	uint32_t asn;
	struct told told;

	(void)state;
	for (asn = 64510; asn < 64514; asn++) {
		from = count;
		count += read_evidence(
		    asn == 64510 ? "a@1 ++ b@2 ++" : "a@1 vv b@2 vv c@3 vv",
		    evidence + from);
		for (; from < count; from++) {
			evidence[from].asn = asn;
			snprintf(evidence[from].agent,
			    sizeof(evidence[from].agent), "%u%s", asn,
			    evidence[from].prefix);
		}
	}
	judge(&told, evidence, count);
	assert_int_equal(told.verdict.asn, 64513);
	assert_int_equal(told.verdict.stopped_in, STOP_UPSTREAM);
	if (strstr(told.verdict.because,
		". Not charged to this network: seen by 3 networks behind "
		"AS64502") == NULL)
		fail_msg("%s", told.verdict.because);
}

/* All of a network's lines see it, but beyond. */
static void reach(void **state)
{
	static const char *const letters[] = {"sss", "uuu"};
	struct rollup_row evidence[ROWS_MAX];
	char text[200] = "";
	struct told told;
	int i, line;

	(void)state;
	for (i = 0; i < 2; i++) {
		text[0] = '\0';
		for (line = 0; line < 6; line++)
			sprintf(text + strlen(text), "%c@%d %s ", 'a' + line,
			    line, letters[i]);
		judge(&told, evidence, read_evidence(text, evidence));
		assert_int_equal(told.verdict.reach,
		    i == 0 ? REACH_NETWORK : REACH_OBSERVED);
	}
}

static void network_by_network(void **state)
{
	struct rollup_row evidence[ROWS_MAX];
	struct told told;

	read_evidence("a@1 ++++++ b@1 -,30", evidence);
	evidence[2].port = evidence[3].port = 587;
	evidence[4].family = 6;
	evidence[5].asn = 64501;
	evidence[6].asn = 64502;
	judge(&told, evidence, 7);
	assert_string_equal(
	    told.log, "64500/4/25 64500/4/587 64500/6/25 64501/4/25 ");
}

static void figures(void **state)
{
	struct rollup_row evidence[ROWS_MAX];
	size_t count = read_evidence(
	    "a@1 --- a@1 ?,2 b@2 ---?d b@2 ?,2 c@3 ---,2", evidence);
	const struct network_verdict *verdict;
	struct told told;

	evidence[0].count = 10;
	judge(&told, evidence, count);
	verdict = &told.verdict;
	assert_int_equal(verdict->vantage_points, 3);
	assert_int_equal(verdict->witnesses_blocked, 3);
	assert_int_equal(verdict->witnesses_open, 0);
	assert_int_equal(verdict->prefixes, 3);
	assert_int_equal(verdict->nblocked_prefixes, 3);
	assert_int_equal(verdict->endpoints, 3);
	assert_int_equal(verdict->probes, 18);
	assert_int_equal(verdict->reach, REACH_OBSERVED);
	assert_int_equal(verdict->level, LEVEL_FAIR);
	assert_int_equal(verdict->since_ms, 0);
	assert_true(verdict->since_is_first);
	assert_int_equal(verdict->last_ms, NOW - 1);
	assert_int_equal(verdict->noutcomes, 3);
	assert_int_equal(verdict->outcomes[0].mechanism, MECHANISM_DROP);
	assert_int_equal(verdict->outcomes[0].count, 18);
	assert_int_equal(told.before, STATE_INSUFFICIENT);
}

static void since(void **state)
{
	struct rollup_row evidence[ROWS_MAX];
	size_t count = read_evidence(
	    "a@1 ---,1 b@2 ---,1 c@3 ---,1 a@1 +++,9 b@2 +++,9 c@3 +++,9",
	    evidence);
	struct told told;

	judge(&told, evidence, count);
	assert_int_equal(told.verdict.state, STATE_FILTERED);
	assert_int_equal(told.before, STATE_FILTERED);
	assert_int_equal(told.verdict.since_ms, NOW - DAY_MS - 1);
	assert_false(told.verdict.since_is_first);
}

/* One is less sure than the bound on all accusations allows. */
static void held_back(void **state)
{
	struct rollup_row evidence[ROWS_MAX];
	size_t count = read_evidence("a@1 --- b@2 --- c@3 --- d@4 --- e@5 --- "
				     "f@6 +++ g@7 +++ h@8 +++ i@9 +++ j@10 +++",
	    evidence);
	struct told told;

	judge(&told, evidence, count);
	assert_int_equal(told.verdict.state, STATE_INSUFFICIENT);
	assert_int_equal(told.verdict.mechanism, MECHANISM_COUNT);
	assert_true(told.verdict.wrong < 0);
	assert_non_null(strstr(told.verdict.because, ". Held back: "));
}

/* A judge that learned before the agents came. */
static void strangers(void **state)
{
	struct rollup_row evidence[ROWS_MAX];
	size_t count = read_evidence("a@1 --- b@2 --- c@3 ---", evidence);
	struct told told = {0};

	judge_init(&told.judge, NOW - DAY_MS);
	assert_int_equal(judge_close(&told.judge), 0);
	walk(&told, evidence, count, tell);
	judge_free(&told.judge);
	assert_int_equal(told.verdict.state, STATE_FILTERED);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, stop_rows, stop);
	TEST_ROWS(&list, review_rows, reviewed);
	test_add(&list, "a filter that networks share is said of the upstream",
	    shared);
	test_add(&list, "what stops beyond is not of all the network", reach);
	test_add(&list, "each network, family and port is decided apart",
	    network_by_network);
	test_add(&list, "the figures count what there is", figures);
	test_add(&list, "a change has its date", since);
	test_add(
	    &list, "an accusation that is less sure is held back", held_back);
	test_add(&list, "agents that nobody told the judge of", strangers);
	return test_run("judge", &list);
}
