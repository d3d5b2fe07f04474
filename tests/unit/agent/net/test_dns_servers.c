/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/dns_servers.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

static const struct row {
	const char *name;
	const char *text;
	const char *expected; /* "address%zone port;" each; NULL: refused */
} rows[] = {
    {"one address", "192.0.2.53", "192.0.2.53 0;"},
    {"an IPv4 address with a port", "192.0.2.53:5353", "192.0.2.53 5353;"},
    {"an IPv6 address without brackets", "2001:db8::53", "2001:db8::53 0;"},
    {"an IPv6 address with a port", "[2001:db8::53]:53", "2001:db8::53 53;"},
    {"brackets without a port", "[2001:db8::53]", "2001:db8::53 0;"},
    {"a link-local server and its interface", "fe80::1%eth0",
	"fe80::1%eth0 0;"},
    {"a link-local server with a port", "[fe80::1%eth0]:5353",
	"fe80::1%eth0 5353;"},
    {"several, with blanks and commas", " fe80::1%eth0, 192.0.2.53\t::1 ",
	"fe80::1%eth0 0;192.0.2.53 0;::1 0;"},
    {"an empty zone is refused", "fe80::1%", NULL},
    {"a zone longer than an interface's name is refused",
	"fe80::1%averylonginterface", NULL},
    {"an IPv4 address has no zone", "192.0.2.53%eth0", NULL},
    {"a name is refused", "dns.example.net", NULL},
    {"port 0 is refused", "192.0.2.53:0", NULL},
    {"a port of six digits is refused", "192.0.2.53:100000", NULL},
    {"an open bracket is refused", "[2001:db8::53", NULL},
    {"nothing is refused", "  ", NULL},
    {"an item that never ends is refused",
	"fe80::1%eth0xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	"xxxxxxxxxxxxxxxxxxxxxx",
	NULL},
};

static const struct row conf_rows[] = {
    {"the only server is link-local", "nameserver fe80::1%eth0\n",
	"fe80::1%eth0 0;"},
    {"comments and other keywords",
	"# nameserver 192.0.2.1\nsearch example.net\nnameserver\t192.0.2.53 # "
	"x\n"
	"nameservers 192.0.2.2\noptions ndots:5\nnameserver 2001:db8::53",
	"192.0.2.53 0;2001:db8::53 0;"},
    {"a line that is no server is ignored",
	"nameserver x\nnameserver 192.0.2.53\r\n", "192.0.2.53 0;"},
    {"an empty file", "", ""},
};

static void write_out(
    const struct dns_servers *servers, char *text, size_t size)
{
	char address[ADDR_TEXT_SIZE];
	size_t i, length = 0;

	text[0] = '\0';
	for (i = 0; i < servers->count; i++)
		length += (size_t)snprintf(text + length, size - length,
		    "%s%s%s %u;",
		    addr_format(&servers->server[i].address, address),
		    servers->server[i].zone[0] ? "%" : "",
		    servers->server[i].zone, servers->server[i].port);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct dns_servers servers;
	char text[300];
	bool fine = dns_servers_parse(&servers, row->text);

	assert_int_equal(fine, row->expected != NULL);
	if (!fine)
		return;
	write_out(&servers, text, sizeof(text));
	assert_string_equal(text, row->expected);
	assert_int_equal(
	    dns_servers_have_zone(&servers), strchr(text, '%') != NULL);
}

static void run_conf_row(void **state)
{
	const struct row *row = *state;
	struct dns_servers servers;
	char text[300];

	dns_servers_from_resolv_conf(&servers, row->text);
	write_out(&servers, text, sizeof(text));
	assert_string_equal(text, row->expected);
}

/* Eight fit; the rest is left out, not written past the end. */
static void takes_no_more_than_fit(void **state)
{
	struct dns_servers servers;

	(void)state;
	assert_true(dns_servers_parse(
	    &servers, "::1 ::2 ::3 ::4 ::5 ::6 ::7 ::8 ::9 ::a"));
	assert_int_equal(servers.count, DNS_SERVERS_MAX);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, conf_rows, run_conf_row);
	test_add(&list, "servers beyond the eighth are left out",
	    takes_no_more_than_fit);
	return test_run("dns_servers", &list);
}
