/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

#define LABEL_63 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef int parse_number(
    const char *, int64_t, int64_t, int64_t *, struct err *);

/* `why` NULL: it is `value`; else a part of the sentence. */
static const struct number_row {
	const char *name;
	parse_number *parse;
	const char *text;
	int64_t least, most, value;
	const char *why;
} number_rows[] = {
    {"a count is digits", values_parse_count, "42", 1, 100, 42, NULL},
    {"a count may reach its most", values_parse_count, "100", 1, 100, 100,
	NULL},
    {"a count has no unit", values_parse_count, "1k", 1, 100, 0,
	"no whole number"},
    {"a count has no sign", values_parse_count, "-1", 0, 100, 0,
	"no whole number"},
    {"a count has no blank", values_parse_count, " 1", 0, 100, 0,
	"no whole number"},
    {"no text is no count", values_parse_count, "", 0, 100, 0,
	"no whole number"},
    {"a count below its least says so", values_parse_count, "0", 1, 100, 0,
	"'0' is less than 1"},
    {"a count above its most says so", values_parse_count, "101", 1, 100, 0,
	"'101' is more than 100"},
    {"a count beyond 64 bits does not wrap around", values_parse_count,
	"18446744073709551617", 0, 100, 0, "more than 100"},
    {"bare seconds", values_parse_seconds, "90", 0, 1000, 90, NULL},
    {"seconds with their letter", values_parse_seconds, "90s", 0, 1000, 90,
	NULL},
    {"minutes", values_parse_seconds, "10m", 0, 1000, 600, NULL},
    {"hours", values_parse_seconds, "12h", 0, 86400, 43200, NULL},
    {"days", values_parse_seconds, "30d", 0, INT64_MAX, 2592000, NULL},
    {"days beyond 64 bits do not wrap around", values_parse_seconds,
	"213503982334602d", 0, 86400, 0, "more than 86400 seconds"},
    {"a time with two units is none", values_parse_seconds, "1h30m", 0, 86400,
	0, "'1h30m' is no time"},
    {"a unit alone is no time", values_parse_seconds, "m", 0, 86400, 0,
	"no time"},
    {"a time below its least names seconds", values_parse_seconds, "30", 60,
	86400, 0, "'30' is less than 60 seconds"},
    {"bare bytes", values_parse_bytes, "65536", 0, INT64_MAX, 65536, NULL},
    {"kibibytes", values_parse_bytes, "64k", 0, INT64_MAX, 65536, NULL},
    {"mebibytes", values_parse_bytes, "20M", 0, INT64_MAX, 20971520, NULL},
    {"gibibytes", values_parse_bytes, "2G", 0, INT64_MAX, 2147483648, NULL},
    {"a letter twice is no size", values_parse_bytes, "2GG", 0, INT64_MAX, 0,
	"no size"},
};

static void number(void **state)
{
	const struct number_row *row = *state;
	struct err err = {""};
	int64_t value = -7;
	int rc = row->parse(row->text, row->least, row->most, &value, &err);

	if (row->why == NULL) {
		assert_int_equal(rc, 0);
		assert_int_equal(value, row->value);
	} else {
		assert_int_equal(rc, -EINVAL);
		assert_int_equal(value, -7);
		assert_non_null(strstr(err.text, row->why));
	}
}

/* Numbers in a row, as in a cursor: "1.2.3". */
static const struct part_row {
	const char *name, *text;
	char end;
	int64_t least, most, value;
	const char *behind; /* NULL: it is refused */
} part_rows[] = {
    {"a part ends at its dot", "15.4", '.', 0, 255, 15, "4"},
    {"the last part ends with the text", "4", '\0', 0, 255, 4, ""},
    {"a part may be the least of 64 bits", "-9223372036854775808.", '.',
	INT64_MIN, INT64_MAX, INT64_MIN, ""},
    {"a part has no sign where it cannot be below 0", "-1.", '.', 0, 255, 0,
	NULL},
    {"a part has no plus", "+1.", '.', INT64_MIN, INT64_MAX, 0, NULL},
    {"a part has no blank", " 1.", '.', INT64_MIN, INT64_MAX, 0, NULL},
    {"a sign alone is no part", "-.", '.', INT64_MIN, INT64_MAX, 0, NULL},
    {"a part has digits", ".4", '.', 0, 255, 0, NULL},
    {"a part beyond its most", "256.", '.', 0, 255, 0, NULL},
    {"a part beyond 64 bits", "9223372036854775808.", '.', 0, INT64_MAX, 0,
	NULL},
    {"a part that ends too early", "15", '.', 0, 255, 0, NULL},
    {"a part with something behind it", "15;drop", '\0', 0, 255, 0, NULL},
};

static void part(void **state)
{
	const struct part_row *row = *state;
	const char *text = row->text;
	int64_t value = -7;
	bool good = values_read_number(
	    &text, row->end, row->least, row->most, &value);

	assert_int_equal(good, row->behind != NULL);
	assert_int_equal(value, good ? row->value : -7);
	assert_string_equal(text, good ? row->behind : row->text);
}

static const struct bool_row {
	const char *name, *text;
	int value; /* -1: none */
} bool_rows[] = {
    {"yes is true", "yes", 1},
    {"off is false", "off", 0},
    {"1 is neither", "1", -1},
    {"Yes is neither: one way to write it", "Yes", -1},
};

static void boolean(void **state)
{
	const struct bool_row *row = *state;
	struct err err = {""};
	bool value = false;
	int rc = values_parse_bool(row->text, &value, &err);

	assert_int_equal(rc, row->value < 0 ? -EINVAL : 0);
	if (row->value >= 0)
		assert_int_equal(value, row->value);
}

static const struct host_row {
	const char *name, *text;
	const char *host; /* NULL: an error */
	uint16_t port;
	const char *why;
} host_rows[] = {
    {"a name", "mx.example.net", "mx.example.net", 0, NULL},
    {"a name with a port", "mx.example.net:2525", "mx.example.net", 2525, NULL},
    {"an IPv4 address with a port", "192.0.2.1:25", "192.0.2.1", 25, NULL},
    {"a bare IPv6 address is no host with a port", "2001:db8::25",
	"2001:db8::25", 0, NULL},
    {"brackets part an IPv6 address and a port", "[2001:db8::1]:25",
	"2001:db8::1", 25, NULL},
    {"brackets without a port", "[2001:db8::1]", "2001:db8::1", 0, NULL},
    {"a bracket that stays open", "[2001:db8::1", NULL, 0, "is no HOST"},
    {"something behind the bracket", "[2001:db8::1]25", NULL, 0, "is no HOST"},
    {"a name in brackets", "[mx.example.net]:25", NULL, 0,
	"neither an address nor a host name"},
    {"nothing", "", NULL, 0, "is no HOST"},
    {"a port alone", ":25", NULL, 0, "is no HOST"},
    {"a colon without a port", "mx.example.net:", NULL, 0, "a port of"},
    {"port 0", "mx.example.net:0", NULL, 0, "a port of"},
    {"port 65536", "mx.example.net:65536", NULL, 0, "a port of"},
    {"a port with a sign", "mx.example.net:+25", NULL, 0, "a port of"},
    {"an IPv4 address with a number too large", "192.0.2.256", NULL, 0,
	"neither an address nor a host name"},
    {"a URL", "http://mx.example.net/", NULL, 0, "a port of"},
    {"a blank inside", "mx example.net", NULL, 0, "neither"},
};

static void host(void **state)
{
	const struct host_row *row = *state;
	char name[256] = "before";
	uint16_t port = 7;
	struct err err = {""};
	int rc = values_parse_host_port(row->text, name, &port, &err);

	if (row->host == NULL) {
		assert_int_equal(rc, -EINVAL);
		assert_string_equal(name, "before");
		assert_int_equal(port, 7);
		assert_non_null(strstr(err.text, row->why));
		return;
	}
	assert_int_equal(rc, 0);
	assert_string_equal(name, row->host);
	assert_int_equal(port, row->port);
}

static const struct name_row {
	const char *name, *text;
	bool is;
} name_rows[] = {
    {"one label", "localhost", true},
    {"a final dot", "mx.example.net.", true},
    {"an underscore", "_dmarc.example.net", true},
    {"a label of 63", LABEL_63 ".net", true},
    {"a label of 64", "a" LABEL_63 ".net", false},
    {"255 characters", LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63, false},
    {"no text", "", false},
    {"a dot alone", ".", false},
    {"an empty label", "mx..net", false},
    {"two final dots", "mx.net..", false},
    {"a label that begins with a hyphen", "-mx.net", false},
    {"a label that ends with a hyphen", "mx-.net", false},
    {"a slash", "mx/net", false},
    {"bytes above 127", "m\xc3\xbcller.example", false},
    {"four numbers", "192.0.2.300", false},
};

static void name(void **state)
{
	const struct name_row *row = *state;

	assert_int_equal(values_is_host_name(row->text), row->is);
}

static const struct check_row {
	const char *name;
	int (*check)(const char *, struct err *);
	const char *text, *why; /* NULL: it is fine */
} check_rows[] = {
    {"a fully qualified name", values_check_fqdn, "probe.example.net", NULL},
    {"a bare name", values_check_fqdn, "probe", "is not fully qualified"},
    {"a bare name with a dot", values_check_fqdn, "probe.",
	"is not fully qualified"},
    {"localhost.localdomain", values_check_fqdn, "localhost.LocalDomain.",
	"means this machine"},
    {"a name that only ends in these letters", values_check_fqdn,
	"mylocalhost.example.mylocalhost", NULL},
    {"an address literal", values_check_fqdn, "[192.0.2.1]", "no host name"},
    {"a line end in a name", values_check_fqdn, "a.example\r\nMAIL FROM:<>",
	"no host name"},
    {"two servers", values_check_servers, "192.0.2.53 [2001:db8::53]:5353",
	NULL},
    {"a server by name", values_check_servers, "192.0.2.53 ns.example.net",
	"'ns.example.net' is no name server"},
};

static void check(void **state)
{
	const struct check_row *row = *state;
	struct err err = {""};
	int rc = row->check(row->text, &err);

	assert_int_equal(rc, row->why == NULL ? 0 : -EINVAL);
	if (row->why != NULL)
		assert_non_null(strstr(err.text, row->why));
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, number_rows, number);
	TEST_ROWS(&list, part_rows, part);
	TEST_ROWS(&list, bool_rows, boolean);
	TEST_ROWS(&list, host_rows, host);
	TEST_ROWS(&list, name_rows, name);
	TEST_ROWS(&list, check_rows, check);
	return test_run("values", &list);
}
