/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/httpdate.h"
#include "lib/base/rfc3339.h"
#include "tests/support/rows.h"

static const struct date_row {
	const char *name, *text, *again; /* NULL: it is no date */
} date_rows[] = {
    {"the form of today", "Sun, 06 Nov 1994 08:49:37 GMT",
	"1994-11-06T08:49:37.000Z"},
    {"the form of RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT",
	"1994-11-06T08:49:37.000Z"},
    {"the form of RFC 850 after the year 2000",
	"Tuesday, 24-Nov-26 08:00:00 GMT", "2026-11-24T08:00:00.000Z"},
    {"the form of asctime()", "Sun Nov  6 08:49:37 1994",
	"1994-11-06T08:49:37.000Z"},
    {"the first month", "Thu, 01 Jan 1970 00:00:00 GMT",
	"1970-01-01T00:00:00.000Z"},
    {"the last month", "Thu, 31 Dec 2026 23:59:59 GMT",
	"2026-12-31T23:59:59.000Z"},
    {"another zone is none", "Sun, 06 Nov 1994 08:49:37 CET", NULL},
    {"no zone is none", "Sun, 06 Nov 1994 08:49:37", NULL},
    {"no such month", "Sun, 06 Nev 1994 08:49:37 GMT", NULL},
    {"letters of two months are no month", "Sun, 06 anF 1994 08:49:37 GMT",
	NULL},
    {"no such day", "Sun, 31 Nov 1994 08:49:37 GMT", NULL},
    {"a day below zero", "Sun, -1 Nov 1994 08:49:37 GMT", NULL},
    {"no such hour", "Sun, 06 Nov 1994 25:49:37 GMT", NULL},
    {"something behind it", "Sun, 06 Nov 1994 08:49:37 GMT!", NULL},
    {"RFC 3339 is none", "1994-11-06T08:49:37Z", NULL},
    {"nothing", "", NULL},
};

static void run_date(void **state)
{
	const struct date_row *row = *state;
	char text[RFC3339_SIZE];
	int64_t wall_ms;

	assert_int_equal(
	    httpdate_parse(row->text, &wall_ms), row->again != NULL);
	if (row->again != NULL)
		assert_string_equal(rfc3339_format(wall_ms, text), row->again);
}

static void run_format(void **state)
{
	const struct date_row *row = *state;
	char text[HTTPDATE_SIZE];
	int64_t wall_ms;

	assert_true(rfc3339_parse(row->again, &wall_ms));
	assert_string_equal(httpdate_format(wall_ms, text), row->text);
}

static const struct date_row format_rows[] = {
    {"a Sunday is written", "Sun, 06 Nov 1994 08:49:37 GMT",
	"1994-11-06T08:49:37.999Z"},
    {"the first second is written", "Thu, 01 Jan 1970 00:00:00 GMT",
	"1970-01-01T00:00:00Z"},
    {"the second before it is written", "Wed, 31 Dec 1969 23:59:59 GMT",
	"1969-12-31T23:59:59Z"},
    {"a Thursday of the year 1 is written", "Thu, 04 Jan 0001 00:00:00 GMT",
	"0001-01-04T00:00:00Z"},
    {"a leap day is written", "Thu, 29 Feb 2024 23:59:59 GMT",
	"2024-02-29T23:59:59Z"},
    {"the last day of a year is written", "Wed, 31 Dec 2036 12:00:00 GMT",
	"2036-12-31T12:00:00Z"},
};

/* Now is 1994-11-06T08:49:37.500Z. */
static const struct retry_row {
	const char *name, *text;
	int s;
} retry_rows[] = {
    {"seconds", "120", 120},
    {"no seconds", "0", 0},
    {"more than a day is a day", "86401", 86400},
    {"far more than a day is a day", "2147483647", 86400},
    {"a date to come, its second begun counts whole",
	"Sun, 06 Nov 1994 08:50:37 GMT", 60},
    {"a date that is past", "Sun, 06 Nov 1994 08:49:37 GMT", 0},
    {"a date of next year is a day", "Mon, 06 Nov 1995 08:49:37 GMT", 86400},
    {"seconds below zero", "-5", 0},
    {"words", "tomorrow", 0},
};

static void run_retry(void **state)
{
	const struct retry_row *row = *state;

	assert_int_equal(
	    httpdate_retry_after_s(row->text, 784111777500), row->s);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, date_rows, run_date);
	TEST_ROWS(&list, format_rows, run_format);
	TEST_ROWS(&list, retry_rows, run_retry);
	return test_run("httpdate", &list);
}
