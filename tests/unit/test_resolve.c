/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/resolve.h"
#include "tests/unit/dns_server.h"
#include "tests/unit/rows.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"

/* What came of a call. */
struct outcome {
	struct event_base *base;
	int calls;
	struct resolve_addresses addresses;
	struct resolve_mx mx;
};

static void on_addresses(void *arg, const struct resolve_addresses *found)
{
	struct outcome *outcome = arg;

	outcome->calls++;
	outcome->addresses = *found;
	event_base_loopbreak(outcome->base);
}

static void on_mx(void *arg, const struct resolve_mx *found)
{
	struct outcome *outcome = arg;

	outcome->calls++;
	outcome->mx = *found;
	event_base_loopbreak(outcome->base);
}

static void run_loop(struct event_base *base, int limit_ms)
{
	struct timeval limit = {limit_ms / 1000, limit_ms % 1000 * 1000};

	event_base_loopexit(base, &limit);
	event_base_dispatch(base);
}

static const struct dns_record one_a[] = {{RR_A, "\300\000\002\031", 4}, {0}};
static const struct dns_record two_a[] = {
    {RR_A, "\300\000\002\031", 4}, {RR_A, "\300\000\002\032", 4}, {0}};
static const struct dns_record cname_only[] = {
    {RR_CNAME, "\002mx\007example\000", 12}, {0}};
static const struct dns_record one_aaaa[] = {
    {RR_AAAA, " \001\r\270\0\0\0\0\0\0\0\0\0\0\0\031", 16}, {0}};
static const struct dns_record short_a[] = {{RR_A, "\300\000", 2}, {0}};

static const struct address_row {
	const char *name;
	const char *host;
	int family;
	enum dns_behaviour behaviour;
	int code;
	const struct dns_record *records;
	const char *first; /* NULL: none */
	size_t count;
	const char *why;
	int questions; /* that the name server got; -1: any number */
} address_rows[] = {
    {"an A record", "mx.example", 4, DNS_ANSWERS, 0, one_a, "192.0.2.25", 1, "",
	1},
    {"two A records", "mx.example", 4, DNS_ANSWERS, 0, two_a, "192.0.2.25", 2,
	"", 1},
    {"an AAAA record", "mx.example", 6, DNS_ANSWERS, 0, one_aaaa,
	"2001:db8::19", 1, "", 1},
    {"a final dot is fine", "mx.example.", 4, DNS_ANSWERS, 0, one_a,
	"192.0.2.25", 1, "", 1},
    {"an answer too long for UDP is asked for by TCP", "mx.example", 4,
	DNS_BY_TCP, 0, two_a, "192.0.2.25", 2, "", 2},
    {"NXDOMAIN", "mx.example", 4, DNS_CODE, 3, NULL, NULL, 0, "no such name",
	1},
    {"a name without A records", "mx.example", 4, DNS_CODE, 0, NULL, NULL, 0,
	"the name has no IPv4 address", 1},
    {"a name without AAAA records", "mx.example", 6, DNS_CODE, 0, NULL, NULL, 0,
	"the name has no IPv6 address", 1},
    {"an alias of nothing", "mx.example", 4, DNS_ANSWERS, 0, cname_only, NULL,
	0, "the name has no IPv4 address", 1},
    {"SERVFAIL", "mx.example", 4, DNS_CODE, 2, NULL, NULL, 0,
	"the name server failed, refused, or is not there", -1},
    {"REFUSED", "mx.example", 4, DNS_CODE, 5, NULL, NULL, 0,
	"the name server failed, refused, or is not there", -1},
    {"a name server that is silent", "mx.example", 4, DNS_SILENT, 0, NULL, NULL,
	0, "no name server answered", 4},
    {"a name server that is not there", "mx.example", 4, DNS_CLOSED, 0, NULL,
	NULL, 0, "the name server failed, refused, or is not there", 0},
    {"an answer cut off in its records", "mx.example", 4, DNS_TRUNCATED, 0,
	one_a, NULL, 0, "the name server's answer is malformed", 1},
    {"an A record of two bytes", "mx.example", 4, DNS_ANSWERS, 0, short_a, NULL,
	0, "the name has no IPv4 address", 1},
    {"an answer to another question is no answer", "mx.example", 4, DNS_FOREIGN,
	0, one_a, NULL, 0, "no name server answered", -1},
    {"an address is its own answer", "192.0.2.7", 4, DNS_ANSWERS, 0, one_a,
	"192.0.2.7", 1, "", 0},
    {"an IPv6 address is its own answer", "2001:db8::7", 6, DNS_ANSWERS, 0,
	one_a, "2001:db8::7", 1, "", 0},
    {"an address has none of the other family", "192.0.2.7", 6, DNS_ANSWERS, 0,
	one_a, NULL, 0, "an address of the other family", 0},
    {"localhost is not asked for", "localhost", 6, DNS_ANSWERS, 0, one_a, "::1",
	1, "", 0},
    {"no name at all", "", 4, DNS_ANSWERS, 0, one_a, NULL, 0, "not a host name",
	0},
    {"a blank in a name", "mx example", 4, DNS_ANSWERS, 0, one_a, NULL, 0,
	"not a host name", 0},
};

static void addresses(void **state)
{
	const struct address_row *row = *state;
	struct event_base *base = event_base_new();
	struct dns_server server = {.behaviour = row->behaviour,
	    .code = row->code,
	    .records = row->records};
	struct outcome outcome = {.base = base};
	struct resolver *resolver;
	char text[ADDR_TEXT_SIZE];

	dns_server_start(&server, base);
	assert_int_equal(
	    resolver_new(base, server.address, &resolver, NULL), 0);
	assert_int_equal(resolve_addresses(resolver, row->host,
			     (uint8_t)row->family, on_addresses, &outcome),
	    0);
	assert_int_equal(outcome.calls, 0);
	run_loop(base, 8000);
	assert_int_equal(outcome.calls, 1);
	assert_string_equal(outcome.addresses.why, row->why);
	assert_int_equal(outcome.addresses.count, row->count);
	if (row->first != NULL)
		assert_string_equal(
		    addr_format(&outcome.addresses.address[0], text),
		    row->first);
	if (row->questions >= 0)
		assert_int_equal(server.questions, row->questions);
	resolver_free(resolver);
	dns_server_stop(&server);
	event_base_free(base);
}

static const struct dns_record mx_mixed[] = {
    {RR_MX, "\000\024\001c\007example\000", 13},
    {RR_MX, "\000\005\001a\007example\000", 13},
    {RR_MX, "\000\005\001b\007example\000", 13}, {0}};
static const struct dns_record mx_null[] = {{RR_MX, "\000\000\000", 3}, {0}};
static const struct dns_record mx_null_and_real[] = {{RR_MX, "\000\000\000", 3},
    {RR_MX, "\000\005\001a\007example\000", 13}, {0}};
static const struct dns_record mx_not_a_host[] = {
    {RR_MX, "\000\005\003a b\007example\000", 15}, {0}};

static const struct mx_row {
	const char *name;
	enum dns_behaviour behaviour;
	int code;
	const struct dns_record *records;
	const char *hosts; /* joined by blanks */
	bool null_mx;
	const char *why;
} mx_rows[] = {
    {"the best preference comes first, equals as they came", DNS_ANSWERS, 0,
	mx_mixed, "a.example b.example c.example", false, ""},
    {"a null MX takes no mail", DNS_ANSWERS, 0, mx_null, "", true,
	"the domain takes no mail (null MX)"},
    {"a null MX beside a real one is passed over", DNS_ANSWERS, 0,
	mx_null_and_real, "a.example", false, ""},
    {"a domain without MX is its own", DNS_CODE, 0, NULL, "domain.example",
	false, ""},
    {"a domain that does not exist has none", DNS_CODE, 3, NULL, "", false,
	"no such name"},
    {"an MX that is no host name is none", DNS_ANSWERS, 0, mx_not_a_host, "",
	false, "its MX records name no host"},
};

static void mx(void **state)
{
	const struct mx_row *row = *state;
	struct event_base *base = event_base_new();
	struct dns_server server = {.behaviour = row->behaviour,
	    .code = row->code,
	    .records = row->records};
	struct outcome outcome = {.base = base};
	struct resolver *resolver;
	char hosts[512] = "";
	size_t i, length = 0;

	dns_server_start(&server, base);
	assert_int_equal(
	    resolver_new(base, server.address, &resolver, NULL), 0);
	assert_int_equal(
	    resolve_mx(resolver, "domain.example", on_mx, &outcome), 0);
	run_loop(base, 8000);
	assert_int_equal(outcome.calls, 1);
	for (i = 0; i < outcome.mx.count; i++)
		length += (size_t)snprintf(hosts + length,
		    sizeof(hosts) - length, "%s%s", i ? " " : "",
		    outcome.mx.mx[i].host);
	assert_string_equal(hosts, row->hosts);
	assert_int_equal(outcome.mx.null_mx, row->null_mx);
	assert_string_equal(outcome.mx.why, row->why);
	resolver_free(resolver);
	dns_server_stop(&server);
	event_base_free(base);
}

/* More MX records than are kept, the best one last. */
static void many_mx(void **state)
{
	struct dns_record records[RESOLVE_MX_MAX + 9] = {0};
	char bytes[RESOLVE_MX_MAX + 8][13];
	struct event_base *base = event_base_new();
	struct dns_server server = {
	    .behaviour = DNS_ANSWERS, .records = records};
	struct outcome outcome = {.base = base};
	struct resolver *resolver;
	size_t i;

	for (i = 0; i < RESOLVE_MX_MAX + 8; i++) {
		memcpy(bytes[i], "\000\000\001a\007example\000", 13);
		bytes[i][1] = (char)(100 - i);
		bytes[i][3] = (char)('a' + i);
		records[i] = (struct dns_record){RR_MX, bytes[i], 13};
	}
	dns_server_start(&server, base);
	assert_int_equal(
	    resolver_new(base, server.address, &resolver, NULL), 0);
	resolve_mx(resolver, "domain.example", on_mx, &outcome);
	run_loop(base, 8000);
	assert_int_equal(outcome.mx.count, RESOLVE_MX_MAX);
	for (i = 0; i < RESOLVE_MX_MAX; i++)
		assert_int_equal(outcome.mx.mx[i].preference,
		    100 - (RESOLVE_MX_MAX + 7) + (int)i);
	resolver_free(resolver);
	dns_server_stop(&server);
	event_base_free(base);
}

static void three_silent_servers(void **state)
{
	struct event_base *base = event_base_new();
	struct dns_server servers[3] = {0};
	struct outcome outcome = {.base = base};
	struct resolver *resolver;
	char list[128];
	int64_t began_us;
	size_t i;

	for (i = 0; i < 3; i++) {
		servers[i].behaviour = DNS_SILENT;
		dns_server_start(&servers[i], base);
	}
	snprintf(list, sizeof(list), " %s  %s\t%s ", servers[0].address,
	    servers[1].address, servers[2].address);
	assert_int_equal(resolver_new(base, list, &resolver, NULL), 0);
	began_us = clock_mono_us();
	resolve_addresses(resolver, "mx.example", 4, on_addresses, &outcome);
	run_loop(base, 9000);
	assert_int_equal(outcome.calls, 1);
	assert_string_equal(outcome.addresses.why, "no name server answered");
	assert_true(clock_mono_us() - began_us < 7000000);
	for (i = 0; i < 3; i++)
		assert_true(servers[i].questions > 0);
	/* c-ares goes on for a while; nobody hears of it. */
	run_loop(base, 300);
	assert_int_equal(outcome.calls, 1);
	resolver_free(resolver);
	for (i = 0; i < 3; i++)
		dns_server_stop(&servers[i]);
	event_base_free(base);
}

static void second_server_answers(void **state)
{
	struct event_base *base = event_base_new();
	struct dns_server silent = {.behaviour = DNS_SILENT};
	struct dns_server good = {.behaviour = DNS_ANSWERS, .records = one_a};
	struct outcome outcome = {.base = base};
	struct resolver *resolver;
	char list[80];

	dns_server_start(&silent, base);
	dns_server_start(&good, base);
	snprintf(list, sizeof(list), "%s %s", silent.address, good.address);
	assert_int_equal(resolver_new(base, list, &resolver, NULL), 0);
	resolve_addresses(resolver, "mx.example", 4, on_addresses, &outcome);
	run_loop(base, 5000);
	assert_int_equal(outcome.addresses.count, 1);
	resolver_free(resolver);
	dns_server_stop(&silent);
	dns_server_stop(&good);
	event_base_free(base);
}

static void freed_while_asking(void **state)
{
	struct event_base *base = event_base_new();
	struct dns_server server = {.behaviour = DNS_SILENT};
	struct outcome outcome = {.base = base};
	struct resolver *resolver;

	dns_server_start(&server, base);
	assert_int_equal(
	    resolver_new(base, server.address, &resolver, NULL), 0);
	resolve_addresses(resolver, "mx.example", 4, on_addresses, &outcome);
	resolve_addresses(resolver, "192.0.2.1", 4, on_addresses, &outcome);
	resolve_mx(resolver, "example", on_mx, &outcome);
	resolver_free(resolver);
	run_loop(base, 50);
	assert_int_equal(outcome.calls, 0);
	dns_server_stop(&server);
	event_base_free(base);
}

static void cancelled(void **state)
{
	struct event_base *base = event_base_new();
	struct dns_server server = {.behaviour = DNS_ANSWERS, .records = one_a};
	struct outcome dropped = {.base = base}, kept = {.base = base};
	struct resolver *resolver;

	dns_server_start(&server, base);
	assert_int_equal(
	    resolver_new(base, server.address, &resolver, NULL), 0);
	resolve_addresses(resolver, "a.example", 4, on_addresses, &dropped);
	resolve_addresses(resolver, "192.0.2.1", 4, on_addresses, &dropped);
	resolve_addresses(resolver, "b.example", 4, on_addresses, &kept);
	resolve_cancel(resolver, &dropped);
	run_loop(base, 3000);
	run_loop(base, 50);
	assert_int_equal(dropped.calls, 0);
	assert_int_equal(kept.calls, 1);
	resolver_free(resolver);
	dns_server_stop(&server);
	event_base_free(base);
}

static void free_inside(void *arg, const struct resolve_addresses *found)
{
	resolver_free(*(struct resolver **)arg);
	*(struct resolver **)arg = NULL;
}

static void freed_in_its_callback(void **state)
{
	struct event_base *base = event_base_new();
	struct dns_server server = {.behaviour = DNS_ANSWERS, .records = one_a};
	struct resolver *resolver;

	dns_server_start(&server, base);
	assert_int_equal(
	    resolver_new(base, server.address, &resolver, NULL), 0);
	resolve_addresses(resolver, "a.example", 4, free_inside, &resolver);
	resolve_addresses(resolver, "b.example", 4, free_inside, &resolver);
	run_loop(base, 100);
	assert_null(resolver);
	dns_server_stop(&server);
	event_base_free(base);
}

static const struct servers_row {
	const char *name, *servers;
	bool good;
} servers_rows[] = {
    {"one address", "192.0.2.53", true},
    {"two with ports, one of them IPv6", "192.0.2.53:5353 [2001:db8::53]:53",
	true},
    {"an IPv6 address without brackets", "2001:db8::53", true},
    {"a name is no name server address", "dns.example", false},
    {"blanks alone are no list", "  ", false},
};

static void server_list(void **state)
{
	const struct servers_row *row = *state;
	struct event_base *base = event_base_new();
	struct resolver *resolver = NULL;
	struct err err = {""};
	int rc = resolver_new(base, row->servers, &resolver, &err);

	assert_int_equal(rc, row->good ? 0 : -EINVAL);
	if (!row->good)
		assert_non_null(strstr(err.text, row->servers));
	else
		resolver_free(resolver);
	event_base_free(base);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, address_rows, addresses);
	TEST_ROWS(&list, mx_rows, mx);
	TEST_ROWS(&list, servers_rows, server_list);
	test_add(&list, "of many MX records the best are kept", many_mx);
	test_add(&list, "three silent name servers take seven seconds at most",
	    three_silent_servers);
	test_add(&list, "a second name server answers for a silent first one",
	    second_server_answers);
	test_add(&list, "a resolver freed while asking calls nobody",
	    freed_while_asking);
	test_add(
	    &list, "cancelled calls call nobody, the others go on", cancelled);
	test_add(
	    &list, "a callback may free the resolver", freed_in_its_callback);
	return test_run("resolve", &list);
}
