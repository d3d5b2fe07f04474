/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/query_parse.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

#define ALL (~0u & ~(unsigned)QUERY_LAYOUT)
#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define D32 "00000000000000000000000000000000"

#define DEFAULTS .limit = 100, .days = 60, .axis_x = QUERY_AXIS_DAY

static const struct good_row {
	const char *name, *text;
	struct query expected;
} good_rows[] = {
    {"nothing asked", "", {DEFAULTS}},
    {"an AS number", "asn=64500",
	{QUERY_ASN, .nasns = 1, .asns = {64500}, DEFAULTS}},
    {"an AS number with its letters", "asn=as64500",
	{QUERY_ASN, .nasns = 1, .asns = {64500}, DEFAULTS}},
    {"an AS number by the field's other name", "probe_asn=AS64500",
	{QUERY_ASN, .nasns = 1, .asns = {64500}, DEFAULTS}},
    {"several AS numbers", "asn=64500,AS64501",
	{QUERY_ASN, .nasns = 2, .asns = {64500, 64501}, DEFAULTS}},
    {"several AS numbers, the comma percent-encoded", "asn=64500%2C64501",
	{QUERY_ASN, .nasns = 2, .asns = {64500, 64501}, DEFAULTS}},
    {"a country in lower case", "country=de",
	{QUERY_COUNTRY, .ncountries = 1, .countries = {"DE"}, DEFAULTS}},
    {"upstreams", "upstream=64500,AS64501",
	{QUERY_UPSTREAM, .nupstreams = 2, .upstreams = {64500, 64501},
	    DEFAULTS}},
    {"countries by the field's other name", "probe_cc=de,NL",
	{QUERY_COUNTRY, .ncountries = 2, .countries = {"DE", "NL"}, DEFAULTS}},
    {"family and port", "family=6&port=25",
	{QUERY_FAMILY | QUERY_PORT, .families = 1 << 6, .nports = 1,
	    .ports = {25}, DEFAULTS}},
    {"both families, three ports", "family=4,6&port=25,465,587",
	{QUERY_FAMILY | QUERY_PORT, .families = 1 << 6 | 1 << 4, .nports = 3,
	    .ports = {25, 465, 587}, DEFAULTS}},
    {"state and outcome", "state=filtered,partial&outcome=reachable",
	{QUERY_STATE | QUERY_OUTCOME,
	    .states = 1 << STATE_FILTERED | 1 << STATE_PARTIAL,
	    .outcomes = 1 << OUTCOME_REACHABLE, DEFAULTS}},
    {"times, percent-encoded",
	"since=2026-11-24T00%3A00%3A00Z&until=2026-11-25",
	{QUERY_SINCE | QUERY_UNTIL, .since_ms = INT64_C(1795478400000),
	    .until_ms = INT64_C(1795564800000), DEFAULTS}},
    {"limit, cursor and format", "limit=7&cursor=1.2.3&format=csv",
	{QUERY_LIMIT | QUERY_CURSOR | QUERY_FORMAT, .limit = 7, .days = 60,
	    .axis_x = QUERY_AXIS_DAY, .cursor = "1.2.3", .format = FORMAT_CSV}},
    {"the least and the most", "asn=4294967295&port=65535&limit=1000&family=4",
	{QUERY_ASN | QUERY_PORT | QUERY_LIMIT | QUERY_FAMILY, .nasns = 1,
	    .asns = {4294967295u}, .nports = 1, .ports = {65535}, .limit = 1000,
	    .days = 60, .axis_x = QUERY_AXIS_DAY, .families = 1 << 4}},
    {"a name and letters, percent-encoded", "%63ountry=%64e",
	{QUERY_COUNTRY, .ncountries = 1, .countries = {"DE"}, DEFAULTS}},
    {"JSON lines", "format=jsonl",
	{QUERY_FORMAT, .format = FORMAT_JSONL, DEFAULTS}},
    {"empty pairs are nothing", "&&port=25&",
	{QUERY_PORT, .nports = 1, .ports = {25}, DEFAULTS}},
    {"what a list shows, and its order",
	"q=deutsche+bank&evidence=fair&sort=name",
	{QUERY_SEARCH | QUERY_EVIDENCE | QUERY_SORT, .search = "deutsche bank",
	    .levels = 1 << LEVEL_FAIR, .sort = QUERY_SORT_NAME, DEFAULTS}},
    {"one row a family", "group=family",
	{QUERY_GROUP, .by_family = true, DEFAULTS}},
    {"a key that is there twice is one", "keys=64500.4.25,AS64500.4.25",
	{QUERY_KEYS, .nkeys = 1, .keys = {{64500, 4, 25}}, DEFAULTS}},
    {"keys of networks", "keys=64500.4.25,AS64501.6.587",
	{QUERY_KEYS, .nkeys = 2, .keys = {{64500, 4, 25}, {64501, 6, 587}},
	    DEFAULTS}},
};

static void good(void **state)
{
	const struct good_row *row = *state;
	struct query_error error = {"", ""};
	struct query query;

	query_init(&query);
	if (query_parse(row->text, ALL, &query, &error) < 0)
		fail_msg("%s: %s", error.field, error.message);
	assert_memory_equal(&query, &row->expected, sizeof(query));
}

static const struct bad_row {
	const char *name, *text, *field, *message;
} bad_rows[] = {
    {"a parameter that is none", "colour=red", "colour",
	"there is no such parameter here"},
    {"a parameter of other routes", "format=csv", "format",
	"there is no such parameter here"},
    {"twice", "port=25&port=587", "port", "given twice"},
    {"no value", "port", "port", "the value is missing"},
    {"an empty value", "port=", "port", "the value is missing"},
    {"a port out of range", "port=65536", "port",
	"\"65536\" is not a number from 1 to 65535"},
    {"a port that is no number", "port=smtp", "port",
	"\"smtp\" is not a number from 1 to 65535"},
    {"a family that is none", "family=5", "family", "\"5\" is not 4 or 6"},
    {"AS 0", "asn=0", "asn", "\"0\" is not a number like 64500 or AS64500"},
    {"an AS number that is too large", "asn=4294967296", "asn",
	"\"4294967296\" is not a number like 64500 or AS64500"},
    {"a country of three letters", "country=DEU", "country",
	"\"DEU\" is not two letters like DE"},
    {"a limit of none", "limit=0", "limit",
	"\"0\" is not a number from 1 to 1000"},
    {"a limit over the most", "limit=1001", "limit",
	"\"1001\" is not a number from 1 to 1000"},
    {"a cursor with SQL in it", "cursor=1;drop", "cursor",
	"\"1;drop\" is not what `next` of a list was"},
    {"half a percent-encoding", "country=%4", "country",
	"the value has a '%' that is no percent-encoded text"},
    {"a percent-encoding that is none", "country=%zz", "country",
	"the value has a '%' that is no percent-encoded text"},
    {"an encoded NUL", "country=D%00E", "country",
	"the value has a '%' that is no percent-encoded text"},
    {"a name that is malformed", "%zz=1", "",
	"a parameter's name has a '%' that is no percent-encoded text"},
    {"no name", "=1", "", "a parameter's name is missing"},
    {"a name that is too long", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=1", "",
	"a parameter's name is too long"},
    {"the same name, encoded", "port=25&%70ort=25", "port", "given twice"},
    {"a name in capitals", "PORT=25", "PORT",
	"there is no such parameter here"},
    {"a value that is too long", "cursor=" X32 X32 X32 X32 X32 X32 X32 X32,
	"cursor", "the value is too long"},
    {"a cursor as long as may be, and a digit", "cursor=" D32 D32 D32 D32 D32,
	"cursor",
	"\"0000000000000000000000000000000000000000\" is not what `next` of a "
	"list was"},
    {"a percent-encoding at the end of one of two", "country=%4&port=25",
	"country", "the value has a '%' that is no percent-encoded text"},
    {"a value behind a second sign", "family=4=6", "family",
	"\"4=6\" is not 4 or 6"},
    {"blanks around a number", "port=+25", "port",
	"\" 25\" is not a number from 1 to 65535"},
    {"a sign", "port=%2B25", "port", "\"+25\" is not a number from 1 to 65535"},
    {"AS alone", "asn=AS", "asn",
	"\"AS\" is not a number like 64500 or AS64500"},
    {"a country of letters that are not ASCII", "country=%C3%A9", "country",
	"\"\xc3\xa9\" is not two letters like DE"},
    {"a byte that is no text", "family=\xff", "family",
	"\"\xff\" is not 4 or 6"},
    {"a state that is none", "state=Open", "state",
	"\"Open\" is not open, filtered, partial, intercepted, inconsistent "
	"or insufficient"},
    {"an outcome that is none", "outcome=0", "outcome",
	"\"0\" is not reachable, filtered, intercepted, local, endpoint or "
	"unknown"},
    {"an offset whose '+' was not encoded", "since=2026-11-24T00:00:00+01:00",
	"since",
	"\"2026-11-24T00:00:00 01:00\" is not a time like "
	"2026-11-24T08:00:00Z or a date"},
    {"what is good before what is bad", "port=25&limit=x", "limit",
	"\"x\" is not a number from 1 to 1000"},
    {"a beginning in 1970 is one", "since=1970-01-01&until=1970-01-01", "until",
	"not after `since`"},
    {"a time that is none", "since=yesterday", "since",
	"\"yesterday\" is not a time like 2026-11-24T08:00:00Z or a "
	"date"},
    {"the same parameter by both of its names", "asn=1&probe_asn=2",
	"probe_asn", "given twice"},
    {"a wrong value by the other name", "probe_cc=DEU", "probe_cc",
	"\"DEU\" is not two letters like DE"},
    {"one wrong value of several", "port=25,smtp", "port",
	"\"smtp\" is not a number from 1 to 65535"},
    {"a list that ends in a comma", "asn=64500,", "asn",
	"\"\" is not a number like 64500 or AS64500"},
    {"a list of nothing but commas", "state=,,", "state",
	"\"\" is not open, filtered, partial, intercepted, inconsistent or "
	"insufficient"},
    {"more values than a list has",
	"port=1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
	"1",
	"port", "more than 32 values"},
    {"several limits", "limit=1,2", "limit",
	"\"1,2\" is not a number from 1 to 1000"},
    {"a key without its port", "keys=64500.4", "keys",
	"\"64500.4\" is not ASN.FAMILY.PORT like 64500.4.25"},
    {"a key of no family", "keys=64500.5.25", "keys",
	"\"64500.5.25\" is not ASN.FAMILY.PORT like 64500.4.25"},
    {"a key of no port", "keys=64500.4.65536", "keys",
	"\"64500.4.65536\" is not ASN.FAMILY.PORT like 64500.4.25"},
    {"an order that is none", "sort=worst", "sort",
	"\"worst\" is not asn, state, evidence, share, since or name"},
    {"a search for too much", "q=" X32 X32, "q",
	"\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" is not text of "
	"63 characters at most"},
    {"days of no number", "days=0", "days",
	"\"0\" is not a number from 1 to 92"},
    {"an end before the beginning", "since=2026-01-02&until=2026-01-01",
	"until", "not after `since`"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	struct query_error error = {"", ""};
	struct query query;

	query_init(&query);
	assert_int_equal(
	    query_parse(row->text, ALL & ~QUERY_FORMAT, &query, &error), -22);
	assert_string_equal(error.field, row->field);
	assert_string_equal(error.message, row->message);
}

static void nothing(void **state)
{
	struct query_error error = {"", ""};
	struct query query;

	(void)state;
	query_init(&query);
	assert_int_equal(query_parse(NULL, 0, &query, &error), 0);
	assert_int_equal(query.limit, QUERY_LIMIT_DEFAULT);
	assert_int_equal(query.given, 0);
}

static const struct filter_row {
	const char *name, *text;
	struct row_filter expected;
} filter_rows[] = {
    {"nothing filters nothing", "", {.outcome = -1}},
    {"all that rows have",
	"asn=64500&country=de&family=6&port=25&outcome=filtered&since=2026-11-"
	"24"
	"&until=2026-11-25",
	{.asn = 64500,
	    .has_asn = true,
	    .country = "DE",
	    .family = 6,
	    .port = 25,
	    .outcome = OUTCOME_FILTERED,
	    .since_ms = INT64_C(1795478400000),
	    .until_ms = INT64_C(1795564800000)}},
    {"of several values the store selects none",
	"asn=1,2&country=de,nl&family=4,6&port=25,587&outcome=filtered,local",
	{.outcome = -1}},
    {"an end in 1970 is an end", "until=1970-01-01T00:00:00Z",
	{.outcome = -1, .until_ms = -1}},
};

static void filtered(void **state)
{
	const struct filter_row *row = *state;
	struct query_error error = {"", ""};
	struct row_filter filter;
	struct query query;

	query_init(&query);
	assert_int_equal(query_parse(row->text, ALL, &query, &error), 0);
	query_to_filter(&query, &filter);
	assert_memory_equal(&filter, &row->expected, sizeof(filter));
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "no query at all", nothing);
	TEST_ROWS(&list, good_rows, good);
	TEST_ROWS(&list, filter_rows, filtered);
	TEST_ROWS(&list, bad_rows, bad);
	return test_run("query_parse", &list);
}
