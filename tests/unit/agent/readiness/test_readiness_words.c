/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/readiness/readiness_words.h"

#include <stdio.h>
#include <string.h>

#include "lib/json/json.h"
#include "tests/support/rows.h"

#define HEAD "\nIs this address fit to send mail from?\n"

/* An address with everything in order, which each row changes. */
static struct readiness good(void)
{
	struct readiness readiness = {
	    .helo = "mx.example.net",
	    .helo_source = HELO_OPTION,
	    .count = 1,
	    .family[0] =
		{
		    .family = 4,
		    .by_collector = true,
		    .has_name = FACT_YES,
		    .rdns = "mx.example.net",
		    .leads_back = FACT_YES,
		    .spf_domain = "mx.example.net",
		    .spf = SPF_PASS,
		    .spf_because = "mx.example.net says pass (a)",
		    .helo_matches = FACT_YES,
		},
	};

	addr_parse(&readiness.family[0].address, "203.0.113.7");
	addr_parse(&readiness.family[0].local, "192.168.1.2");
	return readiness;
}

static void fine(struct readiness *readiness)
{
}

static void no_ptr(struct readiness *readiness)
{
	struct readiness_family *family = &readiness->family[0];

	family->has_name = family->leads_back = FACT_NO;
	family->rdns[0] = '\0';
}

static void no_ptr_no_helo(struct readiness *readiness)
{
	no_ptr(readiness);
	readiness->helo[0] = '\0';
	readiness->helo_source = HELO_NONE;
	readiness->family[0].spf_domain[0] = '\0';
	readiness->family[0].spf = SPF_PENDING;
	readiness->family[0].helo_matches = FACT_UNKNOWN;
}

static void leads_elsewhere(struct readiness *readiness)
{
	readiness->family[0].leads_back = FACT_NO;
	readiness->family[0].helo_matches = FACT_NO;
}

static void over_six(struct readiness *readiness)
{
	readiness->family[0].family = 6;
	addr_parse(&readiness->family[0].address, "2001:db8::7");
	addr_parse(&readiness->family[0].local, "2001:db8::7");
	readiness->family[0].by_collector = false;
	readiness->family[0].leads_back = FACT_NO;
	readiness->family[0].helo_matches = FACT_NO;
	readiness->family[0].spf = SPF_NONE;
	strcpy(readiness->family[0].spf_because, "it has none");
}

static void spf_fails(struct readiness *readiness)
{
	readiness->domain_given = true;
	readiness->family[0].spf = SPF_FAIL;
	strcpy(readiness->family[0].spf_domain, "example.org");
	strcpy(
	    readiness->family[0].spf_because, "example.org says fail (-all)");
}

static void spf_unknown(struct readiness *readiness)
{
	readiness->domain_given = true;
	readiness->family[0].spf = SPF_UNKNOWN;
	strcpy(readiness->family[0].spf_because, "DNS did not answer for x.y");
}

static void dns_dead(struct readiness *readiness)
{
	struct readiness_family *family = &readiness->family[0];

	family->has_name = family->leads_back = FACT_UNKNOWN;
	family->helo_matches = FACT_UNKNOWN;
	family->rdns[0] = family->spf_domain[0] = family->spf_because[0] = '\0';
	family->spf = SPF_PENDING;
	strcpy(family->dns_why, "no name server answered");
}

static void add_blocklist(struct readiness *readiness, const char *zone,
    enum blocklist_state state, const char *because)
{
	struct readiness_family *family = &readiness->family[0];
	struct blocklist_seen *seen = &family
					   ->blocklists[family->nblocklists++];

	seen->state = state;
	strcpy(seen->zone, zone);
	strcpy(seen->because, because);
}

static void on_blocklists(struct readiness *readiness)
{
	add_blocklist(readiness, "bl.example", BLOCKLIST_NOT_LISTED, "");
	add_blocklist(
	    readiness, "zen.spamhaus.org", BLOCKLIST_LISTED, "127.0.0.10");
	addr_parse(
	    &readiness->family[0].blocklists[1].answer.code[0], "127.0.0.10");
	readiness->family[0].blocklists[1].answer.count = 1;
	add_blocklist(
	    readiness, "dead.example", BLOCKLIST_UNKNOWN, "DNS gave no answer");
	add_blocklist(
	    readiness, "deaf.example", BLOCKLIST_REFUSED, "it refuses");
}

static void forward_unknown(struct readiness *readiness)
{
	readiness->family[0].leads_back = FACT_UNKNOWN;
	strcpy(readiness->family[0].dns_why, "no name server answered");
}

static void nat(struct readiness *readiness)
{
	struct readiness_family *family = &readiness->family[0];

	family->address.family = 0;
	family->by_collector = false;
}

static void nat_and_dead_collector(struct readiness *readiness)
{
	nat(readiness);
	strcpy(
	    readiness->family[0].collector_why, "the collector answered 503");
}

static void no_way(struct readiness *readiness)
{
	nat(readiness);
	readiness->family[0].local.family = 0;
}

static void six_without_way(struct readiness *readiness)
{
	readiness->count = 2;
	readiness->family[1].family = 6;
}

static void nat_and_six(struct readiness *readiness)
{
	readiness->count = 2;
	readiness->family[1] = readiness->family[0];
	nat(readiness);
	readiness->family[1].family = 6;
	addr_parse(&readiness->family[1].address, "2001:db8::7");
	readiness->family[1].local = readiness->family[1].address;
	readiness->family[1].by_collector = false;
}

#define ADDRESS_LINE "IPv4: 203.0.113.7, as the collector sees it.\n"
#define NAME_LINE                                             \
	"- Reverse DNS: mx.example.net, which resolves back " \
	"to it.\n"
#define SPF_LINE                                                   \
	"- SPF of mx.example.net: pass (mx.example.net says pass " \
	"(a)). For another sender domain: --domain.\n"
#define HELO_LINE "- EHLO name: mx.example.net resolves to it.\n"
#define NAT_LINE                                                   \
	"IPv4: the public address is not known: this host's own, " \
	"192.168.1.2, is private"

static const struct text_row {
	const char *name;
	void (*change)(struct readiness *readiness);
	const char *text;
} text_rows[] = {
    {"everything in order", fine,
	HEAD ADDRESS_LINE NAME_LINE SPF_LINE HELO_LINE},
    {"a missing PTR and whom to ask for it", no_ptr,
	HEAD ADDRESS_LINE
	"- Reverse DNS: none. Many servers refuse mail from such an address: "
	"ask the provider to set the PTR record of 203.0.113.7 to "
	"mx.example.net, "
	"the name that the server says in EHLO.\n" SPF_LINE HELO_LINE},
    {"a missing PTR, and a host without a domain", no_ptr_no_helo,
	HEAD ADDRESS_LINE
	"- Reverse DNS: none. Many servers refuse mail from such an address: "
	"ask the provider to set the PTR record of 203.0.113.7 to the fully "
	"qualified name that the server says in EHLO.\n"
	"- SPF: not looked up: there is no name to look up. Give the "
	"senders' domain with --domain.\n"
	"- EHLO name: this host's own name has no domain; a mail server needs "
	"one that has. Give it with --ehlo.\n"},
    {"a PTR that leads elsewhere", leads_elsewhere,
	HEAD ADDRESS_LINE
	"- Reverse DNS: mx.example.net, which does not resolve back to "
	"203.0.113.7: add this A record to that name, or ask the provider for "
	"a PTR record with a name that has it.\n" SPF_LINE
	"- EHLO name: mx.example.net does not resolve to it: add the A record "
	"203.0.113.7.\n"},
    {"IPv6 has other records", over_six,
	HEAD "IPv6: 2001:db8::7, this host's own address.\n"
	     "- Reverse DNS: mx.example.net, which does not resolve back to "
	     "2001:db8::7: add this AAAA record to that name, or ask the "
	     "provider for a PTR record with a name that has it.\n"
	     "- SPF of mx.example.net: none (it has none): if it is a domain "
	     "of yours that sends mail, give it a TXT record like \"v=spf1 "
	     "ip6:2001:db8::7 -all\". For another sender domain: --domain.\n"
	     "- EHLO name: mx.example.net does not resolve to it: add the AAAA "
	     "record 2001:db8::7.\n"},
    {"SPF that fails, and what would mend it", spf_fails,
	HEAD ADDRESS_LINE NAME_LINE
	"- SPF of example.org: fail (example.org says fail (-all)): if mail of "
	"this domain is to leave from here, put ip4:203.0.113.7 into its SPF "
	"record.\n" HELO_LINE},
    {"SPF that is not known", spf_unknown,
	HEAD ADDRESS_LINE NAME_LINE "- SPF of mx.example.net: not known (DNS "
				    "did not answer for x.y).\n" HELO_LINE},
    {"DNS that is dead", dns_dead,
	HEAD ADDRESS_LINE
	"- Reverse DNS: not known (no name server answered).\n"
	"- SPF: not known (no name server answered).\n"
	"- EHLO name: whether mx.example.net resolves to it is not known.\n"},
    {"a name of which DNS says no more", forward_unknown,
	HEAD ADDRESS_LINE
	"- Reverse DNS: mx.example.net; whether it resolves back is not known "
	"(no name server answered).\n" SPF_LINE HELO_LINE},
    {"behind a NAT, without a collector", nat, HEAD NAT_LINE ".\n"},
    {"behind a NAT, and the collector is busy", nat_and_dead_collector,
	HEAD NAT_LINE ", and the collector answered 503.\n"},
    {"no way out at all", no_way,
	HEAD "IPv4: this host has no route over IPv4.\n"},
    {"a family without a way out is passed over beside another",
	six_without_way, HEAD ADDRESS_LINE NAME_LINE SPF_LINE HELO_LINE},
    {"a NAT over IPv4, and a public address over IPv6", nat_and_six,
	HEAD NAT_LINE
	".\nIPv6: 2001:db8::7, this host's own address.\n" NAME_LINE SPF_LINE
	    HELO_LINE},
};

static void text(void **state)
{
	const struct text_row *row = *state;
	struct readiness readiness = good();
	struct buf out = {0};

	row->change(&readiness);
	readiness_words_text(&readiness, &out);
	assert_string_equal(out.data, row->text);
	buf_free(&out);
}

#define GOOD_FIELDS                                                       \
	"\"rdns\":\"mx.example.net\",\"fcrdns\":true,\"spf\":\"pass\","   \
	"\"spf_domain\":\"mx.example.net\",\"spf_because\":\"mx.example." \
	"net says pass (a)\",\"helo_matches\":true"
#define GOOD_FAMILY                                                          \
	"\"family\":4,\"address\":\"203.0.113.7\",\"source\":\"collector\"," \
	"\"local_address\":\"192.168.1.2\",\"because\":\"as the collector "  \
	"sees it\"," GOOD_FIELDS
#define SIX_FAMILY                                                         \
	"\"family\":6,\"address\":\"2001:db8::7\",\"source\":\"socket\","  \
	"\"local_address\":\"2001:db8::7\",\"because\":\"this host's own " \
	"address\"," GOOD_FIELDS
#define GOOD_HELO ",\"helo\":\"mx.example.net\",\"helo_source\":\"option\""

static const struct json_row {
	const char *name;
	void (*change)(struct readiness *readiness);
	const char *part; /* of the JSON */
} json_rows[] = {
    {"everything in order, with all fields", fine,
	"{\"readiness\":{" GOOD_FAMILY GOOD_HELO ",\"families\":[{" GOOD_FAMILY
	"}]}}"},
    {"block lists that were asked", on_blocklists,
	"\"helo_matches\":true,\"blocklists\":["
	"{\"zone\":\"bl.example\",\"listed\":false,\"codes\":[],"
	"\"because\":null},"
	"{\"zone\":\"zen.spamhaus.org\",\"listed\":true,\"codes\":["
	"\"127.0.0.10\"],\"because\":\"127.0.0.10\"},"
	"{\"zone\":\"dead.example\",\"listed\":null,\"codes\":[],"
	"\"because\":\"DNS gave no answer\"},"
	"{\"zone\":\"deaf.example\",\"listed\":null,\"codes\":[],"
	"\"because\":\"it refuses\"}]"},
    {"no PTR is no name and not confirmed", no_ptr,
	"\"rdns\":null,\"fcrdns\":false,"},
    {"dead DNS is unknown", dns_dead,
	"\"rdns\":null,\"fcrdns\":null,\"spf\":\"unknown\",\"spf_domain\":null,"
	"\"spf_because\":null,\"helo_matches\":null,"},
    {"SPF that was not asked for is null", no_ptr_no_helo,
	"\"spf\":null,\"spf_domain\":null,"},
    {"no name for EHLO is null", no_ptr_no_helo,
	"\"helo_matches\":null,\"helo\":null,\"helo_source\":null,"},
    {"the fields are those of the family whose address is known", nat_and_six,
	"{\"readiness\":{" SIX_FAMILY GOOD_HELO ",\"families\":[{\"family\":4,"
	"\"address\":null,\"source\":null,\"local_address\":\"192.168.1.2\","},
    {"the first family stands where no address is known", no_way,
	"{\"readiness\":{\"family\":4,\"address\":null,\"source\":null,"
	"\"local_address\":null,\"because\":\"this host has no route over "
	"IPv4\","},
};

static void json(void **state)
{
	const struct json_row *row = *state;
	struct readiness readiness = good();
	struct buf out = {0};
	struct json_writer writer = {.out = &out};

	row->change(&readiness);
	json_open_object(&writer, NULL);
	readiness_words_json(&writer, &readiness);
	json_close_object(&writer);
	if (strstr(out.data, row->part) == NULL)
		fail_msg("%s\nis not in\n%s", row->part, out.data);
	buf_free(&out);
}

static void blocklists(void **state)
{
	struct readiness readiness = good();
	struct buf out = {0};

	on_blocklists(&readiness);
	readiness_words_text(&readiness, &out);
	assert_non_null(strstr(out.data,
	    "\n- Block list bl.example: not listed.\n"
	    "- Block list zen.spamhaus.org: listed (127.0.0.10).\n"
	    "- Block list dead.example: not known (DNS gave no answer).\n"
	    "- Block list deaf.example: not known (it refuses).\n"));
	buf_free(&out);
}

static void not_asked(void **state)
{
	struct buf out = {0};
	struct json_writer writer = {.out = &out};

	json_open_object(&writer, NULL);
	readiness_words_json(&writer, NULL);
	json_close_object(&writer);
	assert_string_equal(out.data, "{\"readiness\":null}");
	buf_free(&out);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, text_rows, text);
	TEST_ROWS(&list, json_rows, json);
	test_add(&list, "a line a block list", blocklists);
	test_add(&list, "readiness that was not asked for is null", not_asked);
	return test_run("readiness_words", &list);
}
