/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/operands.h"

#include <errno.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/report/words.h"
#include "tests/support/rows.h"

#define HOSTS_MAX 20

/* The operands, blanks between, and what --ports said. `endpoints`: each as
 * "host port/mode ...; control". */
static const struct row {
	const char *name, *hosts, *ports, *endpoints;
} rows[] = {
    {"a host alone gets the mail ports", "mx.example.net", NULL,
	"mx.example.net 25/starttls 587/starttls 465/tls; 443\n"},
    {"--ports is for hosts without one", "a.example b.example:26", "25",
	"a.example 25/starttls; 443\nb.example 26/starttls; 443\n"},
    {"a named port is SMTP, whatever its number", "a.example:2525", NULL,
	"a.example 2525/starttls; 443\n"},
    {"465 begins with TLS", "192.0.2.1:465", NULL, "192.0.2.1 465/tls; 443\n"},
    {"a mode may be said", "[2001:db8::1]:4650/tls", NULL,
	"2001:db8::1 4650/tls; 443\n"},
    {"a bare IPv6 address", "2001:db8::1", "25",
	"2001:db8::1 25/starttls; 443\n"},
    {"one host several times is one endpoint",
	"a.example:25 b.example:25 a.example:587 a.example:25", NULL,
	"a.example 25/starttls 587/starttls; 443\nb.example 25/starttls; "
	"443\n"},
    {"any port of --ports is SMTP", "a.example", "25,2525 465",
	"a.example 25/starttls 2525/starttls 465/tls; 443\n"},
    {"a mode in --ports is kept", "a.example", "2465/tls",
	"a.example 2465/tls; 443\n"},
    {"connect in --ports is a control", "a.example", "25 993/connect",
	"a.example 25/starttls; 443 993\n"},
    {"a final dot is dropped", "mx.example.net. mx.example.net.:26", "25",
	"mx.example.net 25/starttls 26/starttls; 443\n"},
    {"an international name",
	"b\xc3\xbc"
	"cher.example:26",
	NULL, "xn--bcher-kva.example 26/starttls; 443\n"},
    {"capitals in an international name",
	"B\xc3\x9c"
	"CHER.example",
	"25", "xn--bcher-kva.example 25/starttls; 443\n"},
    {"a mail address means the MX of its domain", "o'neil@example.net", NULL,
	"MX of example.net 25/starttls; 443\n"},
    {"an international mail address",
	"x@b\xc3\xbc"
	"cher.example.",
	NULL, "MX of xn--bcher-kva.example 25/starttls; 443\n"},
    {"--mx, with ports and beside a host of that name",
	"--mx=example.net example.net", "25 587",
	"example.net 25/starttls 587/starttls; 443\n"
	"MX of example.net 25/starttls 587/starttls; 443\n"},
    {"--mx of the domain of a mail address", "--mx=example.net a@example.net",
	NULL, "MX of example.net 25/starttls; 443\n"},
    {"443 is no control of itself", "a.example:443/tls", NULL,
	"a.example 443/tls; \n"},
};

static int parse(const char *text, const char *ports,
    struct endpoint_list *list, struct err *err)
{
	char copy[2000], *hosts[HOSTS_MAX], *word;
	struct operands operands = {.hosts = hosts};
	int rc = 0;

	strcpy(copy, text);
	for (word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
		if (strncmp(word, "--mx=", 5) == 0)
			operands.mx_domain = word + 5;
		else
			hosts[operands.nhosts++] = word;
	memset(list, 0, sizeof(*list));
	if (ports != NULL)
		rc = operands_parse_ports(ports, &operands, err);
	return rc != 0 ? rc : operands_to_endpoints(&operands, list, err);
}

static void write_endpoint(struct buf *out, const struct endpoint *endpoint)
{
	size_t i;

	buf_append_text(out, endpoint->host);
	if (endpoint->domain[0] != '\0')
		buf_printf(out, "MX of %s", endpoint->domain);
	for (i = 0; i < endpoint->ports.count; i++)
		buf_printf(out, " %u/%s", endpoint->ports.port[i],
		    port_mode_word((enum port_mode)endpoint->ports.mode[i]));
	buf_append_text(out, "; ");
	for (i = 0; i < endpoint->control.count; i++)
		buf_printf(
		    out, "%s%u", i > 0 ? " " : "", endpoint->control.port[i]);
	buf_append_text(out, "\n");
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct endpoint_list list;
	struct buf out = {0};
	struct err err = {""};
	size_t i;

	assert_int_equal(parse(row->hosts, row->ports, &list, &err), 0);
	for (i = 0; i < list.count; i++)
		write_endpoint(&out, &list.items[i]);
	assert_string_equal(out.data, row->endpoints);
	buf_free(&out);
	endpoints_free(&list);
}

static const struct bad_row {
	const char *name, *hosts, *why;
} bad_rows[] = {
    {"no host", "a.example :25", "':25' is no HOST"},
    {"an address that is none", "192.0.2.300", "neither an address nor"},
    {"connect is no dialogue", "a.example:25/connect",
	"'a.example:25/connect' is no HOST:PORT/starttls"},
    {"a mode without a port", "a.example/tls", "is no HOST:PORT/starttls"},
    {"a URL", "https://a.example/", "does not end in a port"},
    {"two modes of a port", "a.example:26 a.example:26/tls",
	"port 26 is asked in two modes"},
    {"an address without a local part", "@example.net", "'@example.net'"},
    {"a mail address with a port", "a@example.net:25", "is no domain"},
    {"--mx of an address", "--mx=192.0.2.1", "is no domain"},
    {"a name that is no UTF-8",
	"b\xfc"
	"cher.example",
	"cher.example': "},
    {"seventeen ports of a host",
	"a:1 a:2 a:3 a:4 a:5 a:6 a:7 a:8 a:9 a:10 a:11 a:12 a:13 a:14 a:15 "
	"a:16 a:17",
	"more than 16 ports"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	struct endpoint_list list;
	struct err err = {""};

	assert_int_equal(parse(row->hosts, NULL, &list, &err), -EINVAL);
	assert_non_null(strstr(err.text, row->why));
	assert_null(list.items);
}

static const struct bad_row bad_ports[] = {
    {"a control alone asks nothing", "25/connect", "names no port to ask"},
    {"no port at all", " , ", "names no port to ask"},
    {"a port twice", "25,25", "port 25 twice"},
    {"a port twice, once as a control", "25,25/connect", "port 25 twice"},
    {"a word", "smtp", "smtp"},
    {"port 0", "0", "0"},
    {"a mode that is none", "25/udp", "udp"},
};

static void bad_port(void **state)
{
	const struct bad_row *row = *state;
	struct endpoint_list list;
	struct err err = {""};

	assert_int_equal(parse("a.example", row->hosts, &list, &err), -EINVAL);
	assert_non_null(strstr(err.text, row->why));
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, bad_rows, bad);
	TEST_ROWS(&list, bad_ports, bad_port);
	return test_run("operands", &list);
}
