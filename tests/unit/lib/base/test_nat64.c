/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/nat64.h"

#include <string.h>

#include "tests/support/rows.h"

/* An answer for ipv4only.arpa, an address, what stands in it; "": nothing. */
static const struct row {
	const char *name, *answer, *address, *inner;
} rows[] = {
    {"a prefix of 96 bits", "2001:db8:122:344::c000:aa",
	"2001:db8:122:344::c000:221", "192.0.2.33"},
    {"of 64", "2001:db8:122:344:c0:0:aa00:0", "2001:db8:122:344:c0:2:2100:0",
	"192.0.2.33"},
    {"of 56",
	"2001:db8:122:3c0:0:aa::", "2001:db8:122:3c0:0:221::", "192.0.2.33"},
    {"of 48", "2001:db8:122:c000:0:aa00::", "2001:db8:122:c000:2:2100::",
	"192.0.2.33"},
    {"of 40", "2001:db8:1c0:0:aa::", "2001:db8:1c0:2:21::", "192.0.2.33"},
    {"of 32", "2001:db8:c000:aa::", "2001:db8:c000:221::", "192.0.2.33"},
    {"the other address of the name", "2001:db8:122:344::c000:ab",
	"2001:db8:122:344::a01:203", "10.1.2.3"},
    {"an address of another prefix", "2001:db8:122:344::c000:aa",
	"2001:db8:122:345::a01:203", ""},
    {"an answer of nobody's", "2001:db8:122:344::c000:ac",
	"2001:db8:122:344::a01:203", ""},
    {"an answer in bits that carry nothing",
	"2001:db8:c000:aa:100::", "2001:db8:a01:203::", ""},
    {"an IPv4 answer", "192.0.0.170", "2001:db8::a01:203", ""},
    {"an IPv4 address", "2001:db8:122:344::c000:aa", "10.1.2.3", ""},
};

static struct addr parsed(const char *text)
{
	struct addr address;

	assert_true(addr_parse(&address, text));
	return address;
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct addr answer = parsed(row->answer);
	struct addr address = parsed(row->address), inner;
	struct nat64 nat64 = {0};
	char text[ADDR_TEXT_SIZE];
	size_t next = 0;

	assert_false(nat64_inner(&nat64, &address, &next, &inner));
	nat64_learn(&nat64, &answer);
	nat64_learn(&nat64, &answer);
	assert_in_range(nat64.count, 0, 1);
	if (row->inner[0] == '\0') {
		assert_false(nat64_inner(&nat64, &address, &next, &inner));
		return;
	}
	assert_true(nat64_inner(&nat64, &address, &next, &inner));
	assert_string_equal(addr_format(&inner, text), row->inner);
	assert_false(nat64_inner(&nat64, &address, &next, &inner));
}

/* A name server that lies makes no more of them. */
static void many(void **state)
{
	struct nat64 nat64 = {0};
	struct addr answer = parsed("2001:db8:122:344::c000:aa");
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		answer.bytes[5] = (uint8_t)i;
		nat64_learn(&nat64, &answer);
	}
	assert_int_equal(nat64.count, NAT64_PREFIXES_MOST);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "more prefixes than are kept", many);
	return test_run("nat64", &list);
}
