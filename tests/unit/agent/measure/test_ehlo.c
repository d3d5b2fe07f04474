/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/ehlo.h"

#include <string.h>

#include "tests/support/rows.h"

/* Addresses of IPv4 and IPv6: the own one, and as seen from outside; "" is
 * absent. */
static const struct row {
	const char *name;
	const char *own4, *outside4, *own6, *outside6, *host;
	const char *name4, *name6;
} rows[] = {
    {"a public address needs no stand-in", "203.0.113.7", "", "2001:db8::7", "",
	"mx.example.net", "", ""},
    {"behind a NAT, what the collector sees", "192.168.1.2", "203.0.113.7", "",
	"", "laptop", "[203.0.113.7]", ""},
    {"the other family's public address", "10.0.0.5", "", "2001:db8::7", "",
	"laptop", "[IPv6:2001:db8::7]", ""},
    {"a collector in the same network tells nothing", "192.168.1.2",
	"192.168.1.2", "", "", "mx.example.net", "mx.example.net", ""},
    {"else the name", "192.168.1.2", "", "fd00::2", "", "mx.example.net",
	"mx.example.net", "mx.example.net"},
    {"a bare name is none", "192.168.1.2", "", "", "", "laptop",
	"laptop.invalid", ""},
    {"nor is the name that every host has", "192.168.1.2", "", "", "",
	"localhost.localdomain", "host.invalid", ""},
    {"a name with odd characters", "192.168.1.2", "", "", "", "my laptop",
	"host.invalid", ""},
    {"no way out", "", "", "", "", "laptop", "", ""},
};

static void choose(void **state)
{
	const struct row *row = *state;
	struct ehlo_view views[2];
	char name[256];

	memset(views, 0, sizeof(views));
	addr_parse(&views[0].own, row->own4);
	addr_parse(&views[0].outside, row->outside4);
	addr_parse(&views[1].own, row->own6);
	addr_parse(&views[1].outside, row->outside6);
	ehlo_choose(views, 4, row->host, name);
	assert_string_equal(name, row->name4);
	ehlo_choose(views, 6, row->host, name);
	assert_string_equal(name, row->name6);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, choose);
	return test_run("ehlo", &list);
}
