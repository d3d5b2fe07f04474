/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/view/view_counts.h"
#include "collector/view/view_order.h"
#include "collector/view/view_past.h"
#include "collector/view/view_select.h"
#include "collector/view/view_upstreams.h"
#include "tests/support/rows.h"

/* --- a view --- */

static const struct given {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	enum network_state state;
	enum network_level level;
	int64_t vantage_points;
	double blocked;
	int64_t since_ms;
	uint32_t upstream;
} given[] = {
    {64500, 4, 25, STATE_FILTERED, LEVEL_STRONG, 14, 0.97, 5000, 64777},
    {64500, 4, 587, STATE_OPEN, LEVEL_STRONG, 14, 0.01, 0},
    {64500, 6, 25, STATE_INSUFFICIENT, LEVEL_NONE, 1, 0.5, 0},
    {64501, 4, 25, STATE_OPEN, LEVEL_FAIR, 5, 0.02, 9000},
    {64502, 4, 25, STATE_PARTIAL, LEVEL_THIN, 3, 0.4, 7000, 64501},
    {64503, 4, 25, STATE_INCONSISTENT, LEVEL_THIN, 4, 0.6, 0},
    {4200000000, 4, 25, STATE_FILTERED, LEVEL_FAIR, 5, 0.9, 0, 64501},
};
#define GIVEN (sizeof(given) / sizeof(*given))

static const struct network_info infos[] = {
    {64500, "Hansefibre", "DE"},
    {64501, "alpha net", "NL"},
    {64502, "", "DE"},
    {64503, "Zeta", ""},
    {4200000000, "Beta", "NL", {{.text = "says no"}}},
};

static struct network_verdict verdict_of(const struct given *from)
{
	struct network_verdict verdict = {
	    .asn = from->asn,
	    .family = from->family,
	    .port = from->port,
	    .state = from->state,
	    .level = from->level,
	    .vantage_points = from->vantage_points,
	    .blocked_mid = from->blocked,
	    .since_ms = from->since_ms,
	    .last_ms = from->asn,
	    .mechanism = MECHANISM_COUNT,
	    .upstream = from->upstream,
	    .witnesses_blocked = from->vantage_points - 1,
	};

	return verdict;
}

static struct view *make_view(void)
{
	struct view *view = view_new(1000);
	size_t i;

	assert_non_null(view);
	for (i = 0; i < GIVEN; i++) {
		struct network_verdict verdict = verdict_of(&given[i]);

		assert_int_equal(view_add(view, &verdict), 0);
	}
	for (i = 0; i < sizeof(infos) / sizeof(*infos); i++)
		assert_int_equal(view_name(view, &infos[i]), 0);
	assert_int_equal(view_order(view), 0);
	return view;
}

/* --- nothing is lost --- */

/* Every byte of it has a value of its own, so a field that is added to verdicts
 * and forgotten here shows. */
static void fill(struct network_verdict *verdict)
{
	static const char *prefixes[] = {"192.0.2.0/24", "198.51.100.0/24"};
	size_t i;

	memset(verdict, 0, sizeof(*verdict));
	verdict->asn = 64500;
	verdict->family = 6;
	verdict->port = 587;
	verdict->state = STATE_PARTIAL;
	verdict->mechanism = MECHANISM_RESET;
	verdict->where = WHERE_ACCESS;
	verdict->reach = REACH_BY_PREFIX;
	verdict->level = LEVEL_FAIR;
	verdict->stopped_in = STOP_UPSTREAM;
	verdict->upstream = 64777;
	verdict->confidence = 0.71;
	verdict->wrong = 0.0012;
	verdict->blocked_low = 0.2;
	verdict->blocked_mid = 0.4;
	verdict->blocked_high = 0.6;
	verdict->vantage_points = 11;
	verdict->witnesses_blocked = 3;
	verdict->witnesses_open = 4;
	verdict->prefixes = 9;
	verdict->endpoints = 5;
	verdict->probes = 1234567890123;
	verdict->blocked_prefixes = prefixes;
	verdict->nblocked_prefixes = 2;
	verdict->since_ms = 1795478400000;
	verdict->since_is_first = true;
	verdict->last_ms = 1795564800000;
	verdict->noutcomes = NETWORK_OUTCOMES_MAX;
	for (i = 0; i < NETWORK_OUTCOMES_MAX; i++)
		verdict->outcomes[i] = (struct network_outcome){
		    (enum outcome)(i % OUTCOME_COUNT),
		    (enum mechanism)(i % MECHANISM_COUNT), (int64_t)i + 1};
	for (i = 0; i < NETWORK_SENTENCES; i++)
		verdict->sentences[i] = (struct network_sentence){
		    (uint16_t)i, (uint16_t)(i % 3)};
	snprintf(verdict->because, sizeof(verdict->because),
	    "All in one, \"quoted\".");
}

static void assert_same_detail(
    const struct network_detail *found, const struct network_detail *expected)
{
	struct network_detail plain = *found;

	plain.parts = expected->parts;
	plain.destinations = expected->destinations;
	assert_memory_equal(&plain, expected, sizeof(plain));
	assert_memory_equal(found->parts, expected->parts,
	    expected->nparts * sizeof(*expected->parts));
	assert_memory_equal(found->destinations, expected->destinations,
	    expected->ndestinations * sizeof(*expected->destinations));
}

static void assert_same(
    const struct network_verdict *found, const struct network_verdict *expected)
{
	struct network_verdict plain = *found;
	size_t i;

	assert_int_equal(found->nblocked_prefixes, expected->nblocked_prefixes);
	for (i = 0; i < found->nblocked_prefixes; i++)
		assert_string_equal(
		    found->blocked_prefixes[i], expected->blocked_prefixes[i]);
	plain.blocked_prefixes = expected->blocked_prefixes;
	plain.detail = expected->detail;
	assert_int_equal(found->detail != NULL, expected->detail != NULL);
	if (found->detail != NULL)
		assert_same_detail(found->detail, expected->detail);
	assert_memory_equal(&plain, expected, sizeof(plain));
}

static void nothing_is_lost(void **state)
{
	struct view *view = view_new(1000);
	struct network_verdict verdict;
	struct network_record record;
	const struct network_info info = {
	    64500, "Name", "DE", {{.text = "remark"}}};
	struct network_part parts[3];
	struct network_destination destinations[2];
	struct network_detail detail;

	(void)state;
	fill(&verdict);
	verdict.detail = &detail;
	memset(&detail, 5, sizeof(detail));
	memset(parts, 6, sizeof(parts));
	memset(destinations, 7, sizeof(destinations));
	detail.nparts = 3;
	detail.ndestinations = 2;
	detail.parts = parts;
	detail.destinations = destinations;
	assert_int_equal(view_add(view, &verdict), 0);
	assert_int_equal(view_name(view, &info), 0);
	assert_int_equal(view_record(view, &view->networks[0], &record), 0);
	assert_same(&record.verdict, &verdict);
	assert_memory_equal(&record.info, &info, sizeof(info));
	network_verdict_end(&record.verdict);
	view_free(view);
}

/* Many times, so that the view's text moves while it is read. */
static void replaced(void **state)
{
	static const char *prefixes[] = {"192.0.2.0/24", "198.51.100.0/24"};
	struct view *view = view_new(1000);
	struct network_verdict verdict = verdict_of(&given[0]);
	struct network_record record;
	int i;

	(void)state;
	verdict.blocked_prefixes = prefixes;
	verdict.nblocked_prefixes = 2;
	assert_int_equal(view_add(view, &verdict), 0);
	verdict = verdict_of(&given[1]);
	assert_int_equal(view_add(view, &verdict), 0);
	for (i = 0; i < 1000; i++) {
		assert_int_equal(
		    view_record(view, &view->networks[0], &record), 0);
		record.verdict.state = STATE_INSUFFICIENT;
		snprintf(record.verdict.because, sizeof(record.verdict.because),
		    "Held back, %d.", i);
		assert_int_equal(view_replace(view, &record.verdict), 0);
		network_verdict_end(&record.verdict);
	}
	assert_int_equal(view_record(view, &view->networks[0], &record), 0);
	verdict = verdict_of(&given[0]);
	verdict.state = STATE_INSUFFICIENT;
	snprintf(verdict.because, sizeof(verdict.because), "Held back, 999.");
	verdict.blocked_prefixes = prefixes;
	verdict.nblocked_prefixes = 2;
	assert_same(&record.verdict, &verdict);
	network_verdict_end(&record.verdict);
	assert_int_equal(view->networks[1].state, STATE_OPEN);
	assert_int_equal(view->count, 2);
	view_free(view);
}

/* --- orders --- */

static const struct order_row {
	const char *name;
	enum query_sort sort;
	size_t places[GIVEN]; /* in `given` */
} order_rows[] = {
    {"by AS, family and port", QUERY_SORT_ASN, {0, 1, 2, 3, 4, 5, 6}},
    {"filtered first, what is not known last", QUERY_SORT_STATE,
	{0, 6, 4, 1, 3, 5, 2}},
    {"most evidence first", QUERY_SORT_EVIDENCE, {0, 1, 3, 6, 5, 4, 2}},
    {"most blocked first; where no share is shown, last", QUERY_SORT_SHARE,
	{0, 6, 4, 3, 1, 2, 5}},
    {"the newest change first; what never changed last", QUERY_SORT_SINCE,
	{3, 4, 0, 1, 2, 5, 6}},
    {"by name, whatever its capitals; no name last", QUERY_SORT_NAME,
	{3, 6, 0, 1, 2, 5, 4}},
};

static void ordered(void **state)
{
	const struct order_row *row = *state;
	struct view *view = make_view();
	size_t i;

	for (i = 0; i < GIVEN; i++) {
		const struct view_network *network = view_at(
		    view, row->sort, i);
		const struct query_key key = {
		    network->asn, network->family, network->port};

		assert_ptr_equal(network, &view->networks[row->places[i]]);
		assert_int_equal(
		    view_place_after(view, row->sort, &key), i + 1);
	}
	view_free(view);
}

static void goes_on_where_one_is_gone(void **state)
{
	struct view *view = make_view();
	const struct query_key gone = {64500, 5, 1},
			       beyond = {4200000000, 4, 26};

	(void)state;
	assert_int_equal(view_place_after(view, QUERY_SORT_ASN, &gone), 2);
	assert_int_equal(
	    view_place_after(view, QUERY_SORT_ASN, &beyond), GIVEN);
	view_free(view);
}

/* --- what is wanted --- */

static const struct wanted_row {
	const char *name;
	struct query query;
	unsigned wanted; /* a bit for each of `given` */
} wanted_rows[] = {
    {"all of them", {0}, 0x7f},
    {"a state", {.states = 1 << STATE_FILTERED}, 0x41},
    {"two states", {.states = 1 << STATE_OPEN | 1 << STATE_PARTIAL}, 0x1a},
    {"a level", {.levels = 1 << LEVEL_THIN}, 0x30},
    {"a country", {.ncountries = 1, .countries = {"DE"}}, 0x17},
    {"a family", {.families = 1 << 6}, 0x04},
    {"a port", {.nports = 1, .ports = {587}}, 0x02},
    {"two ASes", {.nasns = 2, .asns = {64501, 64503}}, 0x28},
    {"what is stopped behind an AS", {.nupstreams = 1, .upstreams = {64501}},
	0x50},
    {"behind two", {.nupstreams = 2, .upstreams = {64501, 64777}}, 0x51},
    {"behind an AS, over one family",
	{.nupstreams = 2, .upstreams = {64777, 64778}, .families = 1 << 6}, 0},
    {"behind an AS that nobody is behind",
	{.nupstreams = 1, .upstreams = {64503}}, 0},
    {"a part of a name", {.search = "ETA"}, 0x60},
    {"the beginning of a number", {.search = "6450"}, 0x3f},
    {"the beginning of a number with its letters", {.search = "as4200"}, 0x40},
    {"not the middle of a number", {.search = "2000"}, 0},
    {"a number that is longer", {.search = "645000"}, 0},
    {"the letters alone are no number", {.search = "AS"}, 0},
};

static void wanted(void **state)
{
	const struct wanted_row *row = *state;
	struct view *view = make_view();
	unsigned found = 0;
	size_t i;

	for (i = 0; i < GIVEN; i++)
		if (view_wants(view, &view->networks[i], &row->query))
			found |= 1u << i;
	assert_int_equal(found, row->wanted);
	assert_int_equal(
	    view_count(view, &row->query), __builtin_popcount(row->wanted));
	view_free(view);
}

/* --- counts --- */

static void counted(void **state)
{
	struct view *view = make_view();
	struct view_counts all, *list;
	size_t count;

	(void)state;
	view_count_all(view, 4, 25, &all, &count);
	assert_int_equal(count, 2);
	assert_int_equal(all.networks[STATE_FILTERED], 2);
	assert_int_equal(all.networks[STATE_PARTIAL], 1);
	assert_int_equal(all.networks[STATE_INCONSISTENT], 1);
	assert_int_equal(all.known, 4);
	assert_int_equal(all.vantage_points, 31);
	assert_int_equal(all.last_ms, 4200000000);
	view_count_all(view, 6, 25, &all, &count);
	assert_int_equal(all.single, 1);
	assert_int_equal(all.known, 0);
	assert_int_equal(view_count_countries(view, 4, 25, &list, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(list[0].country, "DE");
	assert_int_equal(list[0].networks[STATE_FILTERED], 1);
	assert_int_equal(list[0].networks[STATE_PARTIAL], 1);
	assert_string_equal(list[1].country, "NL");
	assert_int_equal(list[1].networks[STATE_OPEN], 1);
	assert_int_equal(list[1].vantage_points, 10);
	free(list);
	assert_int_equal(view->ases, 5);
	assert_int_equal(view->ipv6_ases, 1);
	view_free(view);
}

/* --- days --- */

#define DAY   INT64_C(86400000)
#define TODAY 20783

static struct view *view_of_day(int32_t day)
{
	struct view *view = make_view();

	view->generated_ms = day * DAY + 5;
	return view;
}

static void assert_day(
    const struct view *view, size_t network, int32_t day, int state, int level)
{
	struct view_day found = view_past_day(view, network, day);

	assert_int_equal(found.is_known, state >= 0);
	if (state >= 0) {
		assert_int_equal(found.state, state);
		assert_int_equal(found.level, level);
	}
}

static void days_pass(void **state)
{
	const struct history_day closed[] = {
	    {.day = TODAY - 92,
		.asn = 64500,
		.family = 4,
		.port = 25,
		.state = STATE_OPEN,
		.level = LEVEL_THIN},
	    {.day = TODAY - 93, .asn = 64500, .family = 4, .port = 25},
	    {.day = TODAY - 1,
		.asn = 64501,
		.family = 4,
		.port = 25,
		.state = STATE_INTERCEPTED,
		.level = LEVEL_STRONG},
	    {.day = TODAY - 1, .asn = 64999, .family = 4, .port = 25},
	};
	struct view *first = view_of_day(TODAY), *next;
	size_t i;

	(void)state;
	assert_int_equal(view_past_begin(first, NULL), 0);
	assert_int_equal(first->past_until, TODAY - 92);
	for (i = 0; i < 4; i++)
		view_past_add(first, &closed[i]);
	assert_int_equal(first->past_until, TODAY);
	assert_day(first, 0, TODAY, STATE_FILTERED, LEVEL_STRONG);
	assert_day(first, 0, TODAY - 92, STATE_OPEN, LEVEL_THIN);
	assert_day(first, 0, TODAY - 93, -1, 0);
	assert_day(first, 0, TODAY - 1, -1, 0);
	assert_day(first, 3, TODAY - 1, STATE_INTERCEPTED, LEVEL_STRONG);
	assert_day(first, 3, TODAY + 1, -1, 0);
	/* The next day: what is closed stays, today is not closed. */
	next = view_of_day(TODAY + 1);
	assert_int_equal(view_past_begin(next, first), 0);
	assert_int_equal(next->past_until, TODAY);
	assert_day(next, 3, TODAY - 1, STATE_INTERCEPTED, LEVEL_STRONG);
	assert_day(next, 0, TODAY, -1, 0);
	assert_day(next, 0, TODAY - 92, -1, 0);
	assert_day(next, 0, TODAY + 1, STATE_FILTERED, LEVEL_STRONG);
	view_free(first);
	view_free(next);
}

static void days_counted(void **state)
{
	const struct view_states mail = {4, 25}, other = {4, 465};
	const struct history_day before = {.day = TODAY - 7,
	    .asn = 64500,
	    .family = 4,
	    .port = 25,
	    .state = STATE_OPEN};
	struct view *view = view_of_day(TODAY);
	int64_t counts[STATE_COUNT];

	(void)state;
	assert_int_equal(view_past_begin(view, NULL), 0);
	view_past_add(view, &before);
	assert_true(view_past_count(view, &mail, "", TODAY, counts));
	assert_int_equal(counts[STATE_FILTERED], 2);
	assert_int_equal(counts[STATE_OPEN], 1);
	assert_true(view_past_count(view, &mail, "", TODAY - 7, counts));
	assert_int_equal(counts[STATE_OPEN], 1);
	assert_int_equal(counts[STATE_FILTERED], 0);
	assert_true(view_past_count(view, &mail, "NL", TODAY, counts));
	assert_int_equal(counts[STATE_FILTERED], 1);
	assert_false(view_past_count(view, &mail, "NL", TODAY - 7, counts));
	assert_false(view_past_count(view, &mail, "", TODAY - 8, counts));
	assert_false(view_past_count(view, &other, "", TODAY, counts));
	view_free(view);
}

/* --- upstreams --- */

/* Of one of the two behind AS64501 nobody knows since when. */
static void behind(void **state)
{
	struct view *view = make_view();
	struct upstream_record *list;
	size_t count;

	(void)state;
	assert_int_equal(view_list_upstreams(view, &list, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(list[0].asn, 64501);
	assert_string_equal(list[0].name, "alpha net");
	assert_string_equal(list[0].country, "NL");
	assert_int_equal(list[0].networks, 2);
	assert_int_equal(list[0].witnesses_blocked, 6);
	assert_int_equal(list[0].since_ms, 0);
	assert_int_equal(list[0].last_ms, 4200000000);
	assert_non_null(
	    strstr(list[0].because, "Seen by 2 networks behind AS64501"));
	assert_int_equal(list[1].asn, 64777);
	assert_string_equal(list[1].name, "");
	assert_int_equal(list[1].networks, 1);
	assert_int_equal(list[1].since_ms, 5000);
	assert_non_null(
	    strstr(list[1].because, "Seen by 1 network behind AS64777"));
	free(list);
	view_free(view);
}

static void empty(void **state)
{
	struct view *view = view_new(1000);
	struct upstream_record *list;
	size_t count;
	const struct query query = {0};

	(void)state;
	assert_int_equal(view_order(view), 0);
	assert_int_equal(view_find(view, 1, 4, 25), 0);
	assert_int_equal(view_count(view, &query), 0);
	assert_int_equal(view->ases, 0);
	assert_int_equal(view_list_upstreams(view, &list, &count), 0);
	assert_int_equal(count, 0);
	free(list);
	view_free(view);
	view_free(NULL);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "what is published of a network is all of its verdict",
	    nothing_is_lost);
	test_add(&list, "a verdict that is taken back", replaced);
	TEST_ROWS(&list, order_rows, ordered);
	test_add(&list, "a list goes on where its last network is gone",
	    goes_on_where_one_is_gone);
	TEST_ROWS(&list, wanted_rows, wanted);
	test_add(
	    &list, "networks are counted, and those of each country", counted);
	test_add(&list, "days that are closed go from view to view", days_pass);
	test_add(&list, "networks by state on a day, and of a country",
	    days_counted);
	test_add(&list, "ASes behind which networks are stopped", behind);
	test_add(&list, "nobody has measured anything", empty);
	return test_run("view", &list);
}
