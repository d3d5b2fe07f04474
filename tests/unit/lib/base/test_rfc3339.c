/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/rfc3339.h"
#include "tests/support/rows.h"

static const struct good_row {
	const char *name, *text, *again;
} good_rows[] = {
    {"a time with milliseconds", "2026-11-24T08:00:00.123Z",
	"2026-11-24T08:00:00.123Z"},
    {"no decimals", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"},
    {"microseconds are cut", "2026-11-24T08:00:00.123456Z",
	"2026-11-24T08:00:00.123Z"},
    {"an offset east of UTC", "2026-11-24T01:30:00+02:00",
	"2026-11-23T23:30:00.000Z"},
    {"an offset west of UTC", "2026-12-31T23:30:00-01:00",
	"2027-01-01T00:30:00.000Z"},
    {"a date is its midnight", "2024-02-29", "2024-02-29T00:00:00.000Z"},
    {"before 1970", "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
    {"a leap second is the next second", "2016-12-31T23:59:60Z",
	"2017-01-01T00:00:00.000Z"},
    {"the first year", "0001-01-01", "0001-01-01T00:00:00.000Z"},
    {"the last moment", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
};

static void good(void **state)
{
	const struct good_row *row = *state;
	char text[RFC3339_SIZE];
	int64_t ms;

	assert_true(rfc3339_parse(row->text, &ms));
	assert_string_equal(rfc3339_format(ms, text), row->again);
}

static const struct bad_row {
	const char *name, *text;
} bad_rows[] = {
    {"nothing", ""},
    {"no such day", "2026-02-29"},
    {"no such month", "2026-13-01"},
    {"no such hour", "2026-01-01T24:00:00Z"},
    {"a time without a zone", "2026-01-01T00:00:00"},
    {"something behind", "2026-01-01T00:00:00Zx"},
    {"a point without decimals", "2026-01-01T00:00:00.Z"},
    {"seconds since 1970", "1764000000"},
    {"the year 0", "0000-01-01"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	int64_t ms;

	assert_false(rfc3339_parse(row->text, &ms));
}

static void clamped(void **state)
{
	char text[RFC3339_SIZE];

	assert_string_equal(
	    rfc3339_format(INT64_MAX, text), "9999-12-31T23:59:59.999Z");
	assert_string_equal(
	    rfc3339_format(INT64_MIN, text), "0001-01-01T00:00:00.000Z");
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, good_rows, good);
	TEST_ROWS(&list, bad_rows, bad);
	test_add(
	    &list, "times outside the years 1 to 9999 are clamped", clamped);
	return test_run("rfc3339", &list);
}
