/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/query.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/rows.h"

#define ALL 0x7ff

static const struct good_row {
	const char *name, *text;
	struct query expected;
} good_rows[] = {
    {"nothing asked", "", {.state = -1, .outcome = -1, .limit = 100}},
    {"an AS number", "asn=64500",
	{QUERY_ASN, .asn = 64500, .state = -1, .outcome = -1, .limit = 100}},
    {"an AS number with its letters", "asn=as64500",
	{QUERY_ASN, .asn = 64500, .state = -1, .outcome = -1, .limit = 100}},
    {"a country in lower case", "country=de",
	{QUERY_COUNTRY, .country = "DE", .state = -1, .outcome = -1,
	    .limit = 100}},
    {"family and port", "family=6&port=25",
	{QUERY_FAMILY | QUERY_PORT, .family = 6, .port = 25, .state = -1,
	    .outcome = -1, .limit = 100}},
    {"state and outcome", "state=filtered&outcome=reachable",
	{QUERY_STATE | QUERY_OUTCOME, .state = STATE_FILTERED,
	    .outcome = OUTCOME_REACHABLE, .limit = 100}},
    {"times, percent-encoded",
	"since=2026-11-24T00%3A00%3A00Z&until=2026-11-25",
	{QUERY_SINCE | QUERY_UNTIL, .since_ms = INT64_C(1795478400000),
	    .until_ms = INT64_C(1795564800000), .state = -1, .outcome = -1,
	    .limit = 100}},
    {"limit, cursor and format", "limit=7&cursor=1.2.3&format=csv",
	{QUERY_LIMIT | QUERY_CURSOR | QUERY_FORMAT, .limit = 7,
	    .cursor = "1.2.3", .format = FORMAT_CSV, .state = -1,
	    .outcome = -1}},
    {"empty pairs are nothing", "&&port=25&",
	{QUERY_PORT, .port = 25, .state = -1, .outcome = -1, .limit = 100}},
};

static void good(void **state)
{
	const struct good_row *row = *state;
	struct query_error error = {"", ""};
	struct query query;

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
    {"no value", "port", "port", "the value is missing or malformed"},
    {"an empty value", "port=", "port", "the value is missing or malformed"},
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
	"the value is missing or malformed"},
    {"a percent-encoding that is none", "country=%zz", "country",
	"the value is missing or malformed"},
    {"an encoded NUL", "country=D%00E", "country",
	"the value is missing or malformed"},
    {"a name that is malformed", "%zz=1", "",
	"a parameter's name is malformed"},
    {"a time that is none", "since=yesterday", "since",
	"\"yesterday\" is not a time like 2026-11-24T08:00:00Z"},
    {"an end before the beginning", "since=2026-01-02&until=2026-01-01",
	"until", "not after `since`"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	struct query_error error = {"", ""};
	struct query query;

	assert_int_equal(
	    query_parse(row->text, ALL & ~QUERY_FORMAT, &query, &error), -22);
	assert_string_equal(error.field, row->field);
	assert_string_equal(error.message, row->message);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, good_rows, good);
	TEST_ROWS(&list, bad_rows, bad);
	return test_run("query", &list);
}
