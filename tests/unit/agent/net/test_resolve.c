/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/resolve.h"
#include "tests/support/dns_server.h"
#include "tests/support/rows.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"

/* The result of a call. */
struct result {
	struct event_base *base;
	struct resolver *resolver;
	int calls;
	struct resolve_addresses addresses;
	struct resolve_mx mx;
	struct resolve_ptr ptr;
	size_t ntext;
	bool cut, failed;
	char why[96], texts[RESOLVE_TXT_BYTES * 2]; /* joined by '|' */
};

static void on_addresses(void *arg, const struct resolve_addresses *found)
{
	struct result *result = arg;

	result->calls++;
	result->addresses = *found;
	event_base_loopbreak(result->base);
}

static void on_mx(void *arg, const struct resolve_mx *found)
{
	struct result *result = arg;

	result->calls++;
	result->mx = *found;
	event_base_loopbreak(result->base);
}

static void on_ptr(void *arg, const struct resolve_ptr *found)
{
	struct result *result = arg;

	result->calls++;
	result->ptr = *found;
	event_base_loopbreak(result->base);
}

static void on_txt(void *arg, const struct resolve_txt *found)
{
	struct result *result = arg;
	size_t i, length = 0;

	result->calls++;
	result->ntext = found->count;
	result->cut = found->cut;
	result->failed = found->failed;
	memcpy(result->why, found->why, sizeof(result->why));
	for (i = 0; i < found->count; i++)
		length += (size_t)snprintf(result->texts + length,
		    sizeof(result->texts) - length, "%s%s", i ? "|" : "",
		    found->text[i]);
	event_base_loopbreak(result->base);
}

static void run_loop(struct event_base *base, int limit_ms)
{
	struct timeval limit = {limit_ms / 1000, limit_ms % 1000 * 1000};

	event_base_loopexit(base, &limit);
	event_base_dispatch(base);
}

/* The report's word for each reason. */
static enum dns_seen seen_of(const char *why)
{
	static const struct {
		const char *words;
		enum dns_seen seen;
	} reasons[] = {
	    {"no such name", DNS_NO_SUCH_DOMAIN},
	    {"not a host name", DNS_NO_SUCH_DOMAIN},
	    {"the name has no", DNS_NO_ADDRESS},
	    {"its MX records name no host", DNS_NO_ADDRESS},
	    {"the domain takes no mail", DNS_NULL_MX},
	    {"its MX record names an address", DNS_MX_IS_ADDRESS},
	    {"no name server", DNS_NO_ANSWER},
	    {"the name server", DNS_SERVFAIL},
	};
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (strncmp(why, reasons[i].words, strlen(reasons[i].words)) ==
		    0)
			return reasons[i].seen;
	return *why == '\0' ? DNS_OK : DNS_COUNT;
}

/* A loop with this name server, and a resolver that uses it. */
static void begin(struct result *result, struct dns_server *server)
{
	result->base = event_base_new();
	dns_server_start(server, result->base);
	assert_int_equal(resolver_new(result->base, server->address,
			     &result->resolver, NULL),
	    0);
}

static void end(struct result *result, struct dns_server *server)
{
	resolver_free(result->resolver);
	dns_server_stop(server);
	event_base_free(result->base);
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
    {"a trailing dot is allowed", "mx.example.", 4, DNS_ANSWERS, 0, one_a,
	"192.0.2.25", 1, "", 1},
    {"a truncated UDP answer is asked for over TCP", "mx.example", 4,
	DNS_BY_TCP, 0, two_a, "192.0.2.25", 2, "", 2},
    {"NXDOMAIN", "mx.example", 4, DNS_CODE, 3, NULL, NULL, 0, "no such name",
	1},
    {"a name without A records", "mx.example", 4, DNS_CODE, 0, NULL, NULL, 0,
	"the name has no IPv4 address", 1},
    {"a name without AAAA records", "mx.example", 6, DNS_CODE, 0, NULL, NULL, 0,
	"the name has no IPv6 address", 1},
    {"a CNAME without addresses", "mx.example", 4, DNS_ANSWERS, 0, cname_only,
	NULL, 0, "the name has no IPv4 address", 1},
    {"SERVFAIL", "mx.example", 4, DNS_CODE, 2, NULL, NULL, 0,
	"the name server failed", -1},
    {"REFUSED", "mx.example", 4, DNS_CODE, 5, NULL, NULL, 0,
	"the name server refused to answer", -1},
    {"a silent name server", "mx.example", 4, DNS_SILENT, 0, NULL, NULL, 0,
	"no name server answered", 4},
    {"no name server on the port", "mx.example", 4, DNS_CLOSED, 0, NULL, NULL,
	0, "no name server is there", 0},
    {"an answer truncated in its records", "mx.example", 4, DNS_TRUNCATED, 0,
	one_a, NULL, 0, "the name server's answer is malformed", 1},
    {"an A record of two bytes", "mx.example", 4, DNS_ANSWERS, 0, short_a, NULL,
	0, "the name has no IPv4 address", 1},
    {"an answer to a different question is ignored", "mx.example", 4,
	DNS_FOREIGN, 0, one_a, NULL, 0, "no name server answered", -1},
    {"an address literal is its own answer", "192.0.2.7", 4, DNS_ANSWERS, 0,
	one_a, "192.0.2.7", 1, "", 0},
    {"an IPv6 literal is its own answer", "2001:db8::7", 6, DNS_ANSWERS, 0,
	one_a, "2001:db8::7", 1, "", 0},
    {"a literal has no address in the other family", "192.0.2.7", 6,
	DNS_ANSWERS, 0, one_a, NULL, 0, "an address of the other family", 0},
    {"localhost is answered without DNS", "localhost", 6, DNS_ANSWERS, 0, one_a,
	"::1", 1, "", 0},
    {"an empty name", "", 4, DNS_ANSWERS, 0, one_a, NULL, 0, "not a host name",
	0},
    {"a space in a name", "mx example", 4, DNS_ANSWERS, 0, one_a, NULL, 0,
	"not a host name", 0},
};

static void addresses(void **state)
{
	const struct address_row *row = *state;
	struct dns_server server = {.behaviour = row->behaviour,
	    .code = row->code,
	    .records = row->records};
	struct result result = {0};
	char text[ADDR_TEXT_SIZE];

	begin(&result, &server);
	assert_int_equal(resolve_addresses(result.resolver, row->host,
			     (uint8_t)row->family, on_addresses, &result),
	    0);
	assert_int_equal(result.calls, 0);
	run_loop(result.base, 8000);
	assert_int_equal(result.calls, 1);
	assert_string_equal(result.addresses.why, row->why);
	if (result.addresses.dns != DNS_OK || result.addresses.count > 0)
		assert_int_equal(result.addresses.dns, seen_of(row->why));
	assert_int_equal(result.addresses.count, row->count);
	if (row->first != NULL)
		assert_string_equal(
		    addr_format(&result.addresses.address[0], text),
		    row->first);
	if (row->questions >= 0)
		assert_int_equal(server.questions, row->questions);
	end(&result, &server);
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

static const struct dns_record mx_address[] = {
    {RR_MX, "\000\005\003192\0010\0012\00225\000", 14}, {0}};
static const struct dns_record mx_address_and_host[] = {
    {RR_MX, "\000\005\003192\0010\0012\00225\000", 14},
    {RR_MX, "\000\005\001a\007example\000", 13}, {0}};

static const struct mx_row {
	const char *name;
	enum dns_behaviour behaviour;
	int code;
	const struct dns_record *records;
	const char *hosts; /* joined by blanks */
	bool null_mx;
	const char *why;
} mx_rows[] = {
    {"the best preference comes first, equals in order", DNS_ANSWERS, 0,
	mx_mixed, "a.example b.example c.example", false, ""},
    {"a null MX accepts no mail", DNS_ANSWERS, 0, mx_null, "", true,
	"the domain takes no mail (null MX)"},
    {"a null MX beside a real one is ignored", DNS_ANSWERS, 0, mx_null_and_real,
	"a.example", false, ""},
    {"a domain without MX is its own mail host", DNS_CODE, 0, NULL,
	"domain.example", false, ""},
    {"a domain that does not exist has no MX", DNS_CODE, 3, NULL, "", false,
	"no such name"},
    {"an MX that is not a host name is ignored", DNS_ANSWERS, 0, mx_not_a_host,
	"", false, "its MX records name no host"},
    {"an MX that is an address is ignored", DNS_ANSWERS, 0, mx_address, "",
	false, "its MX record names an address, not a host"},
    {"an MX that is an address beside a host", DNS_ANSWERS, 0,
	mx_address_and_host, "a.example", false, ""},
};

static void mx(void **state)
{
	const struct mx_row *row = *state;
	struct dns_server server = {.behaviour = row->behaviour,
	    .code = row->code,
	    .records = row->records};
	struct result result = {0};
	char hosts[512] = "";
	size_t i, length = 0;

	begin(&result, &server);
	assert_int_equal(
	    resolve_mx(result.resolver, "domain.example", on_mx, &result), 0);
	run_loop(result.base, 8000);
	assert_int_equal(result.calls, 1);
	for (i = 0; i < result.mx.count; i++)
		length += (size_t)snprintf(hosts + length,
		    sizeof(hosts) - length, "%s%s", i ? " " : "",
		    result.mx.mx[i].host);
	assert_string_equal(hosts, row->hosts);
	assert_int_equal(result.mx.null_mx, row->null_mx);
	assert_int_equal(
	    result.mx.implicit, strcmp(row->hosts, "domain.example") == 0);
	assert_string_equal(result.mx.why, row->why);
	assert_int_equal(result.mx.dns, seen_of(row->why));
	end(&result, &server);
}

static const struct dns_record one_ptr[] = {
    {RR_PTR, "\002mx\007example\000", 12}, {0}};
static const struct dns_record two_ptr[] = {
    {RR_PTR, "\002mx\007example\000", 12},
    {RR_PTR, "\003www\007example\000", 13}, {0}};
static const struct dns_record delegated_ptr[] = {
    {RR_CNAME, "\0017\0040/28\0012\0010\003192\007in-addr\004arpa\000", 29},
    {RR_PTR, "\002mx\007example\000", 12,
	.owner = "\0017\0040/28\0012\0010\003192\007in-addr\004arpa"},
    {0}};
static const struct dns_record foreign_ptr[] = {
    {RR_PTR, "\002mx\007example\000", 12, .owner = "\007example"}, {0}};
static const struct dns_record ptr_not_a_host[] = {
    {RR_PTR, "\004m\033xx\007example\000", 14}, {0}};
static const struct dns_record ptr_with_slash[] = {
    {RR_PTR, "\0040/28\007example\000", 14}, {0}};
static const struct dns_record ptr_of_root[] = {{RR_PTR, "\000", 1}, {0}};
static const struct dns_record ptr_that_loops[] = {
    {RR_PTR, "\300\014", 2}, {0}};

static const struct ptr_row {
	const char *name;
	const char *address;
	enum dns_behaviour behaviour;
	int code;
	const struct dns_record *records;
	const char *names; /* joined by blanks */
	bool failed;
	const char *why;
} ptr_rows[] = {
    {"an address has a name", "192.0.2.7", DNS_ANSWERS, 0, one_ptr,
	"mx.example", false, ""},
    {"an IPv6 address has a name", "2001:db8::7", DNS_ANSWERS, 0, one_ptr,
	"mx.example", false, ""},
    {"an address has two names", "192.0.2.7", DNS_ANSWERS, 0, two_ptr,
	"mx.example www.example", false, ""},
    {"a name behind a CNAME counts", "192.0.2.7", DNS_ANSWERS, 0, delegated_ptr,
	"mx.example", false, ""},
    {"a PTR record of another owner does not", "192.0.2.7", DNS_ANSWERS, 0,
	foreign_ptr, "", false, "the address has no name"},
    {"NXDOMAIN of an address", "192.0.2.7", DNS_CODE, 3, NULL, "", false,
	"no such name"},
    {"an address without PTR records", "192.0.2.7", DNS_CODE, 0, NULL, "",
	false, "the address has no name"},
    {"a PTR record with a control character is malformed", "192.0.2.7",
	DNS_ANSWERS, 0, ptr_not_a_host, "", true,
	"the name server's answer is malformed"},
    {"a PTR record that is not a host name is ignored", "192.0.2.7",
	DNS_ANSWERS, 0, ptr_with_slash, "", false,
	"its PTR records name no host"},
    {"a PTR record of the root is ignored", "192.0.2.7", DNS_ANSWERS, 0,
	ptr_of_root, "", false, "its PTR records name no host"},
    {"a PTR record of the address itself is a name", "192.0.2.7", DNS_ANSWERS,
	0, ptr_that_loops, "7.2.0.192.in-addr.arpa", false, ""},
    {"a truncated PTR record", "192.0.2.7", DNS_TRUNCATED, 0, one_ptr, "", true,
	"the name server's answer is malformed"},
    {"SERVFAIL of an address is a failure", "192.0.2.7", DNS_CODE, 2, NULL, "",
	true, "the name server failed"},
};

static void ptr(void **state)
{
	const struct ptr_row *row = *state;
	struct dns_server server = {.behaviour = row->behaviour,
	    .code = row->code,
	    .records = row->records};
	struct result result = {0};
	struct addr address;
	char names[512] = "";
	size_t i, length = 0;

	assert_true(addr_parse(&address, row->address));
	begin(&result, &server);
	assert_int_equal(
	    resolve_ptr(result.resolver, &address, on_ptr, &result), 0);
	run_loop(result.base, 8000);
	assert_int_equal(result.calls, 1);
	for (i = 0; i < result.ptr.count; i++)
		length += (size_t)snprintf(names + length,
		    sizeof(names) - length, "%s%s", i ? " " : "",
		    result.ptr.name[i]);
	assert_string_equal(names, row->names);
	assert_int_equal(result.ptr.failed, row->failed);
	assert_string_equal(result.ptr.why, row->why);
	end(&result, &server);
}

/* The names in the queries: with one wrong label nothing is found. */
static void reverse_names(void **state)
{
	static const struct dns_record records[] = {
	    {RR_PTR, "\001a\007example\000", 11,
		.owner = "\0017\0012\0010\003192\007in-addr\004arpa"},
	    {RR_PTR, "\001b\007example\000", 11,
		.owner = "\001d\001c\001b\001a\0010\0010\0010\0010"
			 "\0010\0010\0010\0010\0010\0010\0010\0010"
			 "\0010\0010\0010\0010\0010\0010\0010\0010"
			 "\0018\001b\001d\0010\0011\0010\0010\0012"
			 "\003ip6\004arpa"},
	    {0}};
	static const char *const addresses[] = {"192.0.2.7", "2001:db8::abcd"};
	static const char *const names[] = {"a.example", "b.example"};
	struct dns_server server = {
	    .behaviour = DNS_ANSWERS, .records = records};
	struct result result = {0};
	struct addr address;
	size_t i;

	begin(&result, &server);
	for (i = 0; i < 2; i++) {
		addr_parse(&address, addresses[i]);
		resolve_ptr(result.resolver, &address, on_ptr, &result);
		run_loop(result.base, 3000);
		assert_int_equal(result.ptr.count, 1);
		assert_string_equal(result.ptr.name[0], names[i]);
	}
	end(&result, &server);
}

static const struct dns_record one_txt[] = {
    {RR_TXT, "\013v=spf1 -all", 12}, {0}};
static const struct dns_record two_strings[] = {
    {RR_TXT, "\013v=spf1 ip4:\0121.2.3.4 -a\002ll", 26}, {0}};
static const struct dns_record two_txt[] = {
    {RR_TXT, "\005hello", 6}, {RR_TXT, "\001a\001b", 4}, {0}};
static const struct dns_record empty_string[] = {
    {RR_TXT, "\000", 1}, {RR_TXT, "\000\001a\000", 4}, {0}};
static const struct dns_record nul_in_txt[] = {{RR_TXT, "\003a\000b", 4}, {0}};
static const struct dns_record txt_too_long[] = {{RR_TXT, "\011hello", 6}, {0}};

static const struct txt_row {
	const char *name;
	const char *asked;
	enum dns_behaviour behaviour;
	int code;
	const struct dns_record *records;
	size_t count;
	const char *texts; /* joined by '|' */
	bool failed;
	const char *why;
} txt_rows[] = {
    {"a text", "example", DNS_ANSWERS, 0, one_txt, 1, "v=spf1 -all", false, ""},
    {"a text of a name with an underscore", "_spf.example", DNS_ANSWERS, 0,
	one_txt, 1, "v=spf1 -all", false, ""},
    {"the strings of a record are joined without a space", "example",
	DNS_ANSWERS, 0, two_strings, 1, "v=spf1 ip4:1.2.3.4 -all", false, ""},
    {"two texts stay two", "example", DNS_ANSWERS, 0, two_txt, 2, "hello|ab",
	false, ""},
    {"empty strings are strings", "example", DNS_ANSWERS, 0, empty_string, 2,
	"|a", false, ""},
    {"a NUL in a text does not end it", "example", DNS_ANSWERS, 0, nul_in_txt,
	1, "a\177b", false, ""},
    {"a text too long for UDP comes over TCP", "example", DNS_BY_TCP, 0,
	one_txt, 1, "v=spf1 -all", false, ""},
    {"a string longer than its record", "example", DNS_ANSWERS, 0, txt_too_long,
	0, "", true, "the name server's answer is malformed"},
    {"a name without TXT records", "example", DNS_CODE, 0, NULL, 0, "", false,
	"the name has no text"},
    {"a name that does not exist has no texts", "example", DNS_CODE, 3, NULL, 0,
	"", false, "no such name"},
    {"an invalid name has no TXT records", "exa mple", DNS_ANSWERS, 0, one_txt,
	0, "", false, "not a host name"},
    {"SERVFAIL of a text is a failure", "example", DNS_CODE, 2, NULL, 0, "",
	true, "the name server failed"},
};

static void ask_txt(
    const char *name, struct dns_server *server, struct result *result)
{
	begin(result, server);
	assert_int_equal(
	    resolve_txt(result->resolver, name, on_txt, result), 0);
	run_loop(result->base, 8000);
	assert_int_equal(result->calls, 1);
	end(result, server);
}

static void txt(void **state)
{
	const struct txt_row *row = *state;
	struct result result = {0};
	struct dns_server server = {.behaviour = row->behaviour,
	    .code = row->code,
	    .records = row->records};

	ask_txt(row->asked, &server, &result);
	assert_int_equal(result.ntext, row->count);
	assert_string_equal(result.texts, row->texts);
	assert_int_equal(result.failed, row->failed);
	assert_string_equal(result.why, row->why);
	assert_false(result.cut);
}

static void many_txt(void **state)
{
	struct dns_record records[RESOLVE_TXT_MAX + 2] = {0};
	struct result result = {0};
	struct dns_server server = {
	    .behaviour = DNS_BY_TCP, .records = records};
	size_t i;

	for (i = 0; i < RESOLVE_TXT_MAX + 1; i++)
		records[i] = (struct dns_record){RR_TXT, "\001a", 2};
	ask_txt("example", &server, &result);
	assert_int_equal(result.ntext, RESOLVE_TXT_MAX);
	assert_true(result.cut);
}

/* 20 texts of 1020 characters: 16 of them fit, and then a short one. */
static void long_txt(void **state)
{
	struct dns_record records[22] = {0};
	struct result result = {0};
	struct dns_server server = {
	    .behaviour = DNS_BY_TCP, .records = records};
	char bytes[1024];
	size_t i;

	memset(bytes, 'x', sizeof(bytes));
	for (i = 0; i < sizeof(bytes); i += 256)
		bytes[i] = (char)255;
	for (i = 0; i < 20; i++)
		records[i] = (struct dns_record){RR_TXT, bytes, sizeof(bytes)};
	records[20] = (struct dns_record){RR_TXT, "\003end", 4};
	ask_txt("example", &server, &result);
	assert_int_equal(result.ntext, 17);
	assert_int_equal(strlen(result.texts), 16 * 1021 + 3);
	assert_string_equal(result.texts + 16 * 1021, "end");
	assert_true(result.cut);
}

static void many_addresses(void **state)
{
	struct dns_record records[RESOLVE_ADDRESSES_MAX + 2] = {0};
	struct dns_server server = {
	    .behaviour = DNS_ANSWERS, .records = records};
	struct result result = {0};
	size_t i, more;

	begin(&result, &server);
	for (more = 0; more < 2; more++) {
		for (i = 0; i < RESOLVE_ADDRESSES_MAX + more; i++)
			records[i] = one_a[0];
		resolve_addresses(
		    result.resolver, "mx.example", 4, on_addresses, &result);
		run_loop(result.base, 3000);
		assert_int_equal(result.addresses.count, RESOLVE_ADDRESSES_MAX);
		assert_int_equal(result.addresses.cut, more);
	}
	end(&result, &server);
}

/* More MX records than are kept, the best one last. */
static void many_mx(void **state)
{
	struct dns_record records[RESOLVE_MX_MAX + 9] = {0};
	char bytes[RESOLVE_MX_MAX + 8][13];
	struct dns_server server = {
	    .behaviour = DNS_ANSWERS, .records = records};
	struct result result = {0};
	size_t i;

	for (i = 0; i < RESOLVE_MX_MAX + 8; i++) {
		memcpy(bytes[i], "\000\000\001a\007example\000", 13);
		bytes[i][1] = (char)(100 - i);
		bytes[i][3] = (char)('a' + i);
		records[i] = (struct dns_record){RR_MX, bytes[i], 13};
	}
	begin(&result, &server);
	resolve_mx(result.resolver, "domain.example", on_mx, &result);
	run_loop(result.base, 8000);
	assert_int_equal(result.mx.count, RESOLVE_MX_MAX);
	for (i = 0; i < RESOLVE_MX_MAX; i++)
		assert_int_equal(result.mx.mx[i].preference,
		    100 - (RESOLVE_MX_MAX + 7) + (int)i);
	end(&result, &server);
}

static void three_silent_servers(void **state)
{
	struct event_base *base = event_base_new();
	struct dns_server servers[3] = {0};
	struct result result = {.base = base};
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
	resolve_ptr(resolver, &result.addresses.address[0], on_ptr, &result);
	resolve_txt(resolver, "example", on_txt, &result);
	resolve_addresses(resolver, "mx.example", 4, on_addresses, &result);
	for (i = 0; i < 3; i++)
		run_loop(base, 9000);
	assert_int_equal(result.calls, 3);
	assert_string_equal(result.addresses.why, "no name server answered");
	assert_string_equal(result.ptr.why, "no name server answered");
	assert_string_equal(result.why, "no name server answered");
	assert_true(
	    result.addresses.failed && result.ptr.failed && result.failed);
	assert_true(clock_mono_us() - began_us < 7000000);
	for (i = 0; i < 3; i++)
		assert_true(servers[i].questions > 0);
	/* c-ares goes on for a while; nobody hears of it. */
	run_loop(base, 300);
	assert_int_equal(result.calls, 3);
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
	struct result result = {.base = base};
	struct resolver *resolver;
	char list[80];

	dns_server_start(&silent, base);
	dns_server_start(&good, base);
	snprintf(list, sizeof(list), "%s %s", silent.address, good.address);
	assert_int_equal(resolver_new(base, list, &resolver, NULL), 0);
	resolve_addresses(resolver, "mx.example", 4, on_addresses, &result);
	run_loop(base, 5000);
	assert_int_equal(result.addresses.count, 1);
	resolver_free(resolver);
	dns_server_stop(&silent);
	dns_server_stop(&good);
	event_base_free(base);
}

static void freed_while_asking(void **state)
{
	struct dns_server server = {.behaviour = DNS_SILENT};
	struct result result = {0};

	begin(&result, &server);
	resolve_addresses(
	    result.resolver, "mx.example", 4, on_addresses, &result);
	resolve_addresses(
	    result.resolver, "192.0.2.1", 4, on_addresses, &result);
	resolve_mx(result.resolver, "example", on_mx, &result);
	resolve_txt(result.resolver, "example", on_txt, &result);
	resolver_free(result.resolver);
	result.resolver = NULL;
	run_loop(result.base, 50);
	assert_int_equal(result.calls, 0);
	end(&result, &server);
}

static void cancelled(void **state)
{
	struct event_base *base = event_base_new();
	struct dns_server server = {.behaviour = DNS_ANSWERS, .records = one_a};
	struct result dropped = {.base = base}, kept = {.base = base};
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
    {"a name is not a name server address", "dns.example", false},
    {"an empty list of name servers", "  ", false},
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
	TEST_ROWS(&list, ptr_rows, ptr);
	TEST_ROWS(&list, txt_rows, txt);
	TEST_ROWS(&list, servers_rows, server_list);
	test_add(&list, "addresses are asked for under their reverse names",
	    reverse_names);
	test_add(&list,
	    "of very many texts the first are kept, and that is said",
	    many_txt);
	test_add(
	    &list, "texts are kept up to 16 KiB, and that is said", long_txt);
	test_add(&list, "addresses left out are flagged", many_addresses);
	test_add(&list, "of many MX records the best are kept", many_mx);
	test_add(&list, "three silent name servers take seven seconds at most",
	    three_silent_servers);
	test_add(&list, "a second name server answers for a silent first one",
	    second_server_answers);
	test_add(&list, "a resolver freed in mid-query calls nobody",
	    freed_while_asking);
	test_add(
	    &list, "cancelled calls call nobody, the others go on", cancelled);
	test_add(
	    &list, "a callback may free the resolver", freed_in_its_callback);
	return test_run("resolve", &list);
}
