/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/public_unicast.h"

#include <string.h>

#include "tests/support/rows.h"

static const struct row {
	const char *name, *first, *last; /* of a block, or one address twice */
	bool is_public;
} rows[] = {
    {"this network", "0.0.0.0", "0.255.255.255", false},
    {"what follows this network", "1.0.0.0", "9.255.255.255", true},
    {"private, class A", "10.0.0.0", "10.255.255.255", false},
    {"what follows private class A", "11.0.0.0", "100.63.255.255", true},
    {"shared space", "100.64.0.0", "100.127.255.255", false},
    {"what follows shared space", "100.128.0.0", "126.255.255.255", true},
    {"loopback", "127.0.0.0", "127.255.255.255", false},
    {"what follows loopback", "128.0.0.0", "169.253.255.255", true},
    {"link-local", "169.254.0.0", "169.254.255.255", false},
    {"what follows link-local", "169.255.0.0", "172.15.255.255", true},
    {"private, class B", "172.16.0.0", "172.31.255.255", false},
    {"what follows private class B", "172.32.0.0", "191.255.255.255", true},
    {"protocol assignments", "192.0.0.0", "192.0.0.255", false},
    {"between them and documentation", "192.0.1.0", "192.0.1.255", true},
    {"the first documentation range", "192.0.2.0", "192.0.2.255", true},
    {"AS112", "192.31.196.0", "192.31.196.255", false},
    {"AMT", "192.52.193.0", "192.52.193.255", false},
    {"relays of 6to4", "192.88.99.0", "192.88.99.255", false},
    {"private, class C", "192.168.0.0", "192.168.255.255", false},
    {"what follows private class C", "192.169.0.0", "192.175.47.255", true},
    {"AS112, the second", "192.175.48.0", "192.175.48.255", false},
    {"before benchmarking", "198.17.255.255", "198.17.255.255", true},
    {"benchmarking", "198.18.0.0", "198.19.255.255", false},
    {"after benchmarking", "198.20.0.0", "198.20.0.0", true},
    {"the second documentation range", "198.51.100.0", "198.51.100.255", true},
    {"the third documentation range", "203.0.113.0", "203.0.113.255", true},
    {"the last before multicast", "203.0.114.0", "223.255.255.255", true},
    {"multicast", "224.0.0.0", "239.255.255.255", false},
    {"reserved, and broadcast", "240.0.0.0", "255.255.255.255", false},

    {"unspecified, loopback, IPv4-compatible", "::", "::c000:201", false},
    {"IPv4-translated", "::ffff:0:192.0.2.1", "::ffff:0:192.0.2.1", false},
    {"discard only", "100::1", "100::ffff", false},
    {"unallocated", "1000::1", "1fff::1", false},
    {"global unicast", "2003::1", "261f::1", true},
    {"the last of global unicast", "2621::1",
	"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"AS112 by direct delegation",
	"2620:4f:8000::", "2620:4f:8000:ffff::", false},
    {"its neighbours", "2620:4f:7fff::1", "2620:4f:7fff::1", true},
    {"protocol assignments, ORCHID, benchmarking", "2001:1::1",
	"2001:1ff:ffff::1", false},
    {"what follows protocol assignments", "2001:200::1", "2001:db7::1", true},
    {"documentation, IPv6", "2001:db8::", "2001:db8:ffff::1", true},
    {"segment routing", "5f00::1", "5f00::1", false},
    {"unallocated above global unicast", "4000::1", "fbff::1", false},
    {"unique local", "fc00::1", "fdff::1", false},
    {"link-local, IPv6", "fe80::1", "febf::1", false},
    {"site-local", "fec0::1", "feff::1", false},
    {"multicast, IPv6", "ff00::1", "ff02::1", false},

    {"mapped public", "::ffff:192.0.2.25", "::ffff:192.0.2.25", true},
    {"mapped private", "::ffff:10.0.0.1", "::ffff:10.0.0.1", false},
    {"NAT64 of public", "64:ff9b::192.0.2.25", "64:ff9b::203.0.113.1", true},
    {"NAT64 of private", "64:ff9b::10.0.0.0", "64:ff9b::10.255.255.255", false},
    {"NAT64 of the cloud's metadata", "64:ff9b::169.254.169.254",
	"64:ff9b::169.254.169.254", false},
    {"local NAT64", "64:ff9b:1::192.0.2.25", "64:ff9b:1::192.0.2.25", false},
    {"6to4 of public", "2002:c000:201::1", "2002:c000:2ff::1", true},
    {"6to4 of private", "2002:a00::1", "2002:aff:ffff::1", false},
    {"6to4 of loopback", "2002:7f00:1::1", "2002:7f00:1::1", false},
    /* 192.0.2.1 xor ffffffff is 3fff:fdfe. */
    {"Teredo of public", "2001:0:c000:201::3fff:fdfe",
	"2001:0:c000:201::3fff:fdfe", true},
    {"Teredo of a private client", "2001:0:c000:201::f5ff:fffe",
	"2001:0:c000:201::f5ff:fffe", false},
    {"Teredo of a private server", "2001:0:a00:1::3fff:fdfe",
	"2001:0:a00:1::3fff:fdfe", false},
    {"ISATAP of public", "2001:db8::5efe:192.0.2.1",
	"2001:db8::200:5efe:192.0.2.1", true},
    {"ISATAP of private", "2001:db8::5efe:192.168.0.1",
	"2001:db8::5efe:192.168.0.1", false},
    {"ISATAP of private, marked as universal", "2001:db8::200:5efe:192.168.0.1",
	"2001:db8::200:5efe:192.168.0.1", false},
};

static void is(void **state)
{
	const struct row *row = *state;
	struct addr addr;

	assert_true(addr_parse(&addr, row->first));
	assert_int_equal(public_unicast_is(&addr), row->is_public);
	assert_true(addr_parse(&addr, row->last));
	assert_int_equal(public_unicast_is(&addr), row->is_public);
}

static void is_not_absent(void **state)
{
	struct addr addr = {0};

	assert_false(public_unicast_is(&addr));
}

/* addr_parse() never leaves a mapped address; a caller of its own may. */
static void is_mapped(void **state)
{
	struct addr addr = {.family = 6};

	addr.bytes[10] = addr.bytes[11] = 0xff;
	addr.bytes[12] = 10;
	assert_false(public_unicast_is(&addr));
	addr.bytes[12] = 11;
	assert_true(public_unicast_is(&addr));
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, is);
	test_add(&list, "an absent address is none", is_not_absent);
	test_add(&list, "a mapped address that was not unmapped", is_mapped);
	return test_run("public_unicast", &list);
}
