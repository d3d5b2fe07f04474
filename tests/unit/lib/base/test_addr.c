/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/addr.h"
#include "tests/support/rows.h"

static const struct text_row {
	const char *name;
	const char *text, *again, *literal, *prefix;
	bool private;
} text_rows[] = {
    {"a public IPv4 address", "192.0.2.1", "192.0.2.1", "[192.0.2.1]",
	"192.0.2.0/24", false},
    {"an IPv6 address is written the short way", "2001:DB8:0:0::25",
	"2001:db8::25", "[IPv6:2001:db8::25]", "2001:db8::/48", false},
    {"a mapped address is its IPv4 address", "::ffff:198.51.100.7",
	"198.51.100.7", "[198.51.100.7]", "198.51.100.0/24", false},
    {"10/8 is private", "10.255.0.1", "10.255.0.1", "[10.255.0.1]",
	"10.255.0.0/24", true},
    {"172.16/12 ends at 172.31", "172.31.255.255", "172.31.255.255",
	"[172.31.255.255]", "172.31.255.0/24", true},
    {"172.32 is public", "172.32.0.1", "172.32.0.1", "[172.32.0.1]",
	"172.32.0.0/24", false},
    {"192.168/16 is private", "192.168.1.1", "192.168.1.1", "[192.168.1.1]",
	"192.168.1.0/24", true},
    {"the host's side of 464XLAT is private", "192.0.0.4", "192.0.0.4",
	"[192.0.0.4]", "192.0.0.0/24", true},
    {"carrier NAT space is private", "100.127.0.1", "100.127.0.1",
	"[100.127.0.1]", "100.127.0.0/24", true},
    {"100.128 is public", "100.128.0.1", "100.128.0.1", "[100.128.0.1]",
	"100.128.0.0/24", false},
    {"unique local IPv6 is private", "fd00::1", "fd00::1", "[IPv6:fd00::1]",
	"fd00::/48", true},
    {"link-local IPv6 is private", "fe80::1", "fe80::1", "[IPv6:fe80::1]",
	"fe80::/48", true},
    {"the IPv6 loopback is private", "::1", "::1", "[IPv6:::1]", "::/48", true},
    {"the prefix of IPv6 is 48 bits", "2001:db8:1:2:3::4", "2001:db8:1:2:3::4",
	"[IPv6:2001:db8:1:2:3::4]", "2001:db8:1::/48", false},
};

static void text(void **state)
{
	const struct text_row *row = *state;
	char out[ADDR_TEXT_SIZE];
	struct addr addr;

	assert_true(addr_parse(&addr, row->text));
	assert_string_equal(addr_format(&addr, out), row->again);
	assert_string_equal(addr_format_literal(&addr, out), row->literal);
	assert_string_equal(addr_format_prefix(&addr, out), row->prefix);
	assert_int_equal(addr_is_private(&addr), row->private);
}

static const struct bad_row {
	const char *name, *text;
} bad_rows[] = {
    {"no text is no address", ""},
    {"a name is no address", "mx.example.net"},
    {"brackets are no part of an address", "[192.0.2.1]"},
    {"three numbers are no address", "192.0.2"},
    {"a zone is no part of an address", "fe80::1%eth0"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	char out[ADDR_TEXT_SIZE];
	struct addr addr;

	assert_false(addr_parse(&addr, row->text));
	assert_int_equal(addr.family, 0);
	assert_string_equal(addr_format(&addr, out), "");
	assert_string_equal(addr_format_prefix(&addr, out), "");
}

static void round_trip(void **state)
{
	static const char *const texts[] = {"192.0.2.1", "2001:db8::25"};
	struct sockaddr_storage storage;
	struct addr addr, again;
	size_t i;

	for (i = 0; i < 2; i++) {
		assert_true(addr_parse(&addr, texts[i]));
		addr_to_sockaddr(&addr, 25, &storage);
		addr_from_sockaddr(&again, (struct sockaddr *)&storage);
		assert_true(addr_equal(&addr, &again));
	}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, text_rows, text);
	TEST_ROWS(&list, bad_rows, bad);
	test_add(&list, "an address survives the sockets' form", round_trip);
	return test_run("addr", &list);
}
