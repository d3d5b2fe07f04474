/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/prefixes.h"

#include <errno.h>
#include <string.h>

#include "tests/support/rows.h"

static const struct in_row {
	const char *name, *list, *address;
	bool in;
} in_rows[] = {
    {"inside a prefix", "10.0.0.0/8", "10.255.0.1", true},
    {"just outside a prefix", "10.0.0.0/8", "11.0.0.0", false},
    {"a prefix that ends within a byte", "192.0.2.128/25", "192.0.2.127",
	false},
    {"the second of two", "192.0.2.1, 2001:db8::/32", "2001:db8:ff::1", true},
    {"an address alone is itself", "192.0.2.1", "192.0.2.1", true},
    {"an address alone is not its neighbour", "192.0.2.1", "192.0.2.0", false},
    {"everything of one family", "0.0.0.0/0", "203.0.113.1", true},
    {"everything of one family is nothing of the other", "0.0.0.0/0", "::1",
	false},
    {"a mapped address is its IPv4 address", "192.0.2.0/24", "::ffff:192.0.2.9",
	true},
    {"the empty list", "", "192.0.2.1", false},
    {"no address", "0.0.0.0/0 ::/0", "", false},
};

static void in(void **state)
{
	const struct in_row *row = *state;
	struct prefix_list list;
	struct addr addr;
	struct err err = {""};

	assert_int_equal(prefixes_parse(row->list, &list, &err), 0);
	addr_parse(&addr, row->address);
	assert_int_equal(prefixes_contain(&list, &addr), row->in);
}

static const struct bad_row {
	const char *name, *text, *why;
} bad_rows[] = {
    {"a name", "proxy.example.net", "'proxy.example.net' is no address"},
    {"too many bits", "10.0.0.0/33", "'10.0.0.0/33' is no prefix"},
    {"no bits behind the slash", "10.0.0.0/", "'10.0.0.0/' is no prefix"},
    {"a second slash", "10.0.0.0/8/8", "'10.0.0.0/8/8' is no prefix"},
    {"an address in a network is a slip", "10.0.0.1/8",
	"'10.0.0.1/8' has bits behind its prefix"},
    {"33 prefixes",
	"::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 "
	"::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 "
	"::1 ::1 ::1 ::1 ::1",
	"more than 32 prefixes"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	struct prefix_list list = {.count = 7};
	struct err err = {""};

	assert_int_equal(prefixes_parse(row->text, &list, &err), -EINVAL);
	assert_memory_equal(err.text, row->why, strlen(row->why));
	assert_int_equal(list.count, 7);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, in_rows, in);
	TEST_ROWS(&list, bad_rows, bad);
	return test_run("prefixes", &list);
}
