/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/explain_text.h"

#include <stdio.h>
#include <string.h>

#include "agent/explain/explain.h"
#include "agent/explain/explain_json.h"
#include "lib/json/json_read.h"
#include "tests/support/explain_round.h"
#include "tests/support/rows.h"

/* A round of text with its pages. */
struct shown {
	struct explain_round round;
	struct report report;
	struct explain_port ports[8];
	size_t count;
	struct buf text;
};

static void show(struct shown *shown, const char *round)
{
	memset(shown, 0, sizeof(*shown));
	explain_round_make(&shown->round, &shown->report, round);
	shown->count = explain_ports(&shown->round, shown->ports, 8);
}

static void show_text(struct shown *shown, bool colour)
{
	explain_text(
	    &shown->round, shown->ports, shown->count, colour, &shown->text);
	assert_false(shown->text.failed);
}

static void drop(struct shown *shown)
{
	explain_round_drop(&shown->round, &shown->report);
	buf_free(&shown->text);
}

/* The attempt behind an item: it ended well, with TLS. */
static struct probe_seen *add_probe(
    struct shown *shown, size_t target, uint16_t port, enum tls_verify verify)
{
	struct probe_seen probe;

	probe_seen_init(&probe, port, MODE_STARTTLS);
	probe.ended = STAGE_DONE;
	strcpy(probe.tls.version, "TLSv1.3");
	probe.tls.verify = verify;
	assert_int_equal(
	    target_seen_add_probe(&shown->report.targets[target], &probe), 0);
	return &shown->report.targets[target]
		    .probes[shown->report.targets[target].nprobes - 1];
}

static void whole_page(void **state)
{
	struct shown shown;

	show(&shown,
	    "example-mx 4 25 drop@2; example-mx 4 587 open; mx2 6 25 drop@2; "
	    "mx2 6 587 open+");
	add_probe(&shown, 0, 587, VERIFY_SELF_SIGNED);
	show_text(&shown, false);
	assert_string_equal(shown.text.data,
	    "ENDPOINT    ADDRESS      PORT  OUTCOME    MECHANISM  WHERE        "
	    "                 TLS\n"
	    "example-mx  192.0.2.1    25    filtered   drop       after hop 2 "
	    "(198.51.100.2)\n"
	    "example-mx  192.0.2.1    587   reachable  open                    "
	    "                 TLSv1.3, not verified: self-signed\n"
	    "mx2         2001:db8::1  25    filtered   drop       after hop 2 "
	    "(2001:db8:ff::2)\n"
	    "mx2         2001:db8::1  587   reachable  open                    "
	    "                 not offered\n"
	    "\n"
	    "How far each port gets to example-mx, 5 hops away:\n"
	    "  hop 0   1   2   3   4   5\n"
	    "   25 o---------# .   .   .  silently dropped after "
	    "hop 2 (198.51.100.2)\n"
	    "  587 o-------------------o  greets, TLS 1.3\n"
	    "\n"
	    "Port 25 is dropped after hop 2 (198.51.100.2, 2001:db8:ff::2), "
	    "in the nearer half of the path to the endpoint, 5 hops away; 587 "
	    "works.\n"
	    "Port 587 is open.\n"
	    "The certificate of example-mx (192.0.2.1) on port 587 does not "
	    "verify: it is self-signed.\n"
	    "\n"
	    "What to do:\n"
	    "- Ask the provider (in an office, who runs its firewall) to lift "
	    "the block; --letter writes the "
	    "message.\n"
	    "- Send mail through a relay, with a login, on port 587: it works "
	    "from here.\n");
	drop(&shown);
}

static void in_colour(void **state)
{
	struct shown shown;

	show(&shown, "mx1 4 25 open; mx1 4 587 drop; mx1 4 465 refused");
	show_text(&shown, true);
	assert_non_null(
	    strstr(shown.text.data, "25    \033[32mreachable\033[0m  open\n"));
	assert_non_null(
	    strstr(shown.text.data, "587   \033[31mfiltered\033[0m   drop\n"));
	assert_non_null(
	    strstr(shown.text.data, "465   \033[33mendpoint\033[0m   refused"));
	drop(&shown);
}

static void wide_names(void **state)
{
	struct shown shown;

	show(&shown, "caf\xc3\xa9 4 25 open; mx10 4 25 open");
	show_text(&shown, false);
	assert_non_null(
	    strstr(shown.text.data, "\ncaf\xc3\xa9      192.0.2.1  25"));
	assert_non_null(strstr(shown.text.data, "\nmx10      192.0.2.1  25"));
	drop(&shown);
}

static void no_round(void **state)
{
	struct shown shown;

	show(&shown, "");
	show_text(&shown, false);
	assert_int_equal(shown.text.length, 0);
	drop(&shown);
}

/* What is advised, and what must not be. */
static const struct advice_row {
	const char *name, *round;
	const char *given, *missing;
} advice_rows[] = {
    {"an open network needs no advice", "mx1 4 25 open; mx2 4 25 down", NULL,
	NULL},
    {"a filter is the provider's to lift", "mx1 4 25 drop@2",
	"- Ask the provider", "home router"},
    {"after the home router it may be that", "mx1 4 25 drop@1",
	"- Look at the first router", NULL},
    {"without a trace the provider is asked too", "mx1 4 25 drop",
	"- Ask the provider", NULL},
    {"nor what one endpoint shows in the farther half",
	"mx1 4 587 drop@3; mx1 4 25 open", "before you ask the provider",
	"- Ask the provider"},
    {"at two endpoints it is no site's own", "mx1 4 25 drop@3; mx2 4 25 drop@3",
	"- Ask the provider", "farther half"},
    {"nor where one of its ports stops nearer",
	"mx1 4 25 drop@2; mx1 4 587 drop@3", "- Ask the provider",
	"farther half"},
    {"a lost reply is not yet the provider's", "mx1 4 25 drop-reply@4",
	"- Either the answers", "- Ask the provider"},
    {"submission is tried where it was not asked", "mx1 4 25 drop@2",
	"--ports 587,465", NULL},
    {"both ports of submission",
	"mx1 4 25 reset@2; mx1 4 587 open; mx1 4 465 open",
	"on port 587 or 465: both work", NULL},
    {"TLS submission alone",
	"mx1 4 25 reset@2; mx1 4 587 reset@2; mx1 4 465 open",
	"on port 465:", "587 or"},
    {"no port of submission",
	"mx1 4 25 reset@2; mx1 4 587 reset@2; mx1 4 465 reset@2", "often 2525",
	"works from here"},
    {"the host's firewall", "mx1 4 25 drop@0; mx1 4 587 open",
	"nft list ruleset", "- Ask the provider"},
    {"the host's rules", "mx1 4 25 denied@0", "ip rule", "iptables"},
    {"a list that passes", "mx1 4 25 open; mx2 4 25 drop@2",
	"lets some destinations pass", NULL},
    {"interception", "mx1 4 25 redirect@2", "no password",
	"- Ask the provider"},
    {"an endpoint that is down", "mx1 4 25 down", "nothing to fix here",
	"provider"},
    {"an MX without submission", "mx1 4 25 open; mx1 4 587 refused",
	"no port 587 or 465", "provider"},
    {"a refusal in SMTP", "mx1 4 25 rejected", "reverse DNS", "provider"},
    {"offline", "mx1 4 25 offline", "connection first", "provider"},
    {"no DNS", "mx1 4 25 resolve", "name servers", "provider"},
    {"no such domain", "mx1 4 25 resolve=no-such-domain", "spelling",
	"name servers"},
    {"a domain without mail", "mx1 4 25 resolve=null-mx", "takes no mail",
	"name servers"},
    {"an MX that is an address", "mx1 4 25 resolve=mx-is-address",
	"name a host in the MX record", "name servers"},
    {"name servers that fail", "mx1 4 25 resolve=servfail", "DNSSEC",
	"resolv.conf"},
    {"dead name servers", "mx1 4 25 resolve=no-answer", "/etc/resolv.conf",
	"DNSSEC"},
    {"no route", "mx1 4 25 no-route", "routes", "provider"},
    {"no control", "mx1 4 25 no-control", "a second server", "provider"},
    {"before the first router", "mx1 4 25 drop@link", "security group",
	"firewall's output rules"},
    {"before the first router it may be that router", "mx1 4 25 drop@link",
	"at home or in an office, at that router's own rules",
	"firewall's output rules"},
    {"before the first router it may be the provider", "mx1 4 25 drop@link",
	"- Ask the provider", "iptables"},
    {"somewhere in the network", "mx1 4 25 drop@network", "- Ask the provider",
	"firewall's output rules"},
    {"here or there", "mx1 4 25 drop@host-or-path", "iptables -S OUTPUT",
	"- Ask the provider"},
    {"a port that is not served", "mx1 4 25 open; mx1 4 587 silent",
	"no port 587 or 465", "provider"},
    {"a server that breaks off", "mx1 4 465 broken", "--verbose", "provider"},
};

static void advice(void **state)
{
	const struct advice_row *row = *state;
	struct shown shown;
	const char *list;

	show(&shown, row->round);
	show_text(&shown, false);
	list = strstr(shown.text.data, "\nWhat to do:\n- ");
	if (row->given == NULL) {
		assert_null(list);
	} else {
		assert_non_null(list);
		assert_non_null(strstr(list, row->given));
	}
	if (list != NULL && row->missing != NULL)
		assert_null(strstr(list, row->missing));
	drop(&shown);
}

/* The words of the server itself, in the sentence and as a note. */
static void replies(void **state)
{
	struct probe_seen *probe;
	struct shown shown;

	show(&shown, "mx1 4 25 rejected; mx2 4 465 broken; mx3 4 587 broken; "
		     "mx4#2 4 465 broken");
	probe = add_probe(&shown, 0, 25, VERIFY_ABSENT);
	probe->failure = FAILURE_REJECTED;
	probe->reply.code = 554;
	strcpy(probe->reply.text, "5.7.1 see https://bl.example/192.0.2.9");
	probe = add_probe(&shown, 1, 465, VERIFY_ABSENT);
	probe->failure = FAILURE_TLS;
	probe->tls.alert = 116;
	probe = add_probe(&shown, 2, 587, VERIFY_ABSENT);
	probe->failure = FAILURE_PROTOCOL;
	strcpy(probe->reply.text, "HTTP/1.1 400 Bad Request");
	probe = add_probe(&shown, 3, 465, VERIFY_ABSENT);
	probe->failure = FAILURE_CLOSED;
	probe->reply.code = 421;
	shown.count = explain_ports(&shown.round, shown.ports, 8);
	show_text(&shown, false);
	assert_non_null(strstr(shown.text.data,
	    "\nPort 25 is open: the network lets it through, and mx1 says "
	    "\"554 5.7.1 see https://bl.example/192.0.2.9\".\n"));
	assert_non_null(
	    strstr(shown.text.data, " dialogue (mx2 and mx4): mx2 says TLS "
				    "alert 116 (a client certificate is "
				    "required).\n"));
	assert_non_null(strstr(shown.text.data,
	    " dialogue (mx3): mx3 says \"HTTP/1.1 400 Bad Request\".\n"));
	assert_null(strstr(shown.text.data, "\nmx2 (192.0.2.1) on port 465"));
	assert_non_null(strstr(
	    shown.text.data, "\nmx4 (192.0.2.2) on port 465 says \"421\".\n"));
	drop(&shown);
}

static void notes(void **state)
{
	struct shown shown;

	show(&shown,
	    "mx1 4 25 open; mx1 4 587 open; mx1 6 25 no-route; mx1 6 587 "
	    "no-route");
	shown.round.items[0].diagnosis.signs = SOFT_PATHS_DIFFER |
					       SOFT_NEARBY_TRANSLATOR;
	shown.round.items[1].diagnosis.signs = SOFT_TLS_FIRST;
	strcpy(shown.report.targets[0].host, "mx.example.net");
	shown.report.targets[0].untraced = true;
	show_text(&shown, false);
	assert_non_null(strstr(shown.text.data,
	    "\nIPv6 does not work from here: there is no route.\n"));
	assert_null(strstr(shown.text.data, "this host has no route"));
	assert_non_null(strstr(shown.text.data,
	    "\nPort 25 of mx1 is reached on another path than the other "));
	assert_non_null(strstr(shown.text.data, "\nTCP ends on this host "));
	assert_non_null(
	    strstr(shown.text.data, "does not let a program trace paths"));
	assert_non_null(strstr(shown.text.data,
	    "\nPort 587 wants TLS first (mx1): ask for it as "
	    "mx.example.net:587/tls; "));
	drop(&shown);
}

/* What a relay passed on proves nothing for the port that it took. */
static void receipts(void **state)
{
	struct shown shown;
	size_t i;

	(void)state;
	show(&shown, "b1 4 25 redirect@1; b1 4 587 open; b1 4 465 open");
	for (i = 0; i < shown.round.count; i++) {
		addr_parse(
		    &shown.round.items[i].diagnosis.seen_from, "192.0.2.1");
		shown.round.items[i].diagnosis.seen_hops = 1;
	}
	show_text(&shown, false);
	assert_non_null(strstr(shown.text.data,
	    "port 25 come from 192.0.2.1, 1 hop away, and signed it.\n"));
	assert_non_null(strstr(shown.text.data,
	    "port 587, 465 come from 192.0.2.1, 1 hop away, and signed it: "
	    "nothing on the way answered in its place.\n"));
	drop(&shown);
}

static void mx_hosts(void **state)
{
	struct shown shown;

	show(&shown, "mx1 4 25 open; mx2 4 25 open");
	strcpy(shown.report.targets[0].endpoint, "example.net (MX)");
	strcpy(shown.report.targets[0].host, "a.mx.example.net");
	show_text(&shown, false);
	assert_non_null(
	    strstr(shown.text.data, "\na.mx.example.net (MX)  192"));
	assert_non_null(strstr(shown.text.data, "\nmx2 "));
	drop(&shown);
}

/* References decide what the asked endpoints alone cannot; where they are
 * reached, the asked ones are not for that. */
static void references(void **state)
{
	struct shown shown;

	show(&shown, "mx1 4 25 no-control; ref 4 25 open; ref 4 2525 open");
	shown.round.nreferences = 1;
	shown.count = explain_ports(&shown.round, shown.ports, 8);
	assert_int_equal(shown.count, 1);
	assert_int_equal(shown.ports[0].state, PORT_UNKNOWN);
	assert_int_equal(explain_exit_code(shown.ports, shown.count), 3);
	assert_string_equal(shown.ports[0].because,
	    "Port 25 cannot be judged: so it is; the network lets it through "
	    "to ref.");
	drop(&shown);
	show(&shown, "mx1 4 25 no-control; ref 4 25 drop@2");
	shown.round.nreferences = 1;
	shown.count = explain_ports(&shown.round, shown.ports, 8);
	assert_int_equal(shown.ports[0].state, PORT_FILTERED);
	assert_int_equal(explain_exit_code(shown.ports, shown.count), 1);
	drop(&shown);
}

static void tls_first(void **state)
{
	struct shown shown;
	struct probe_seen *probe;

	show(&shown, "mx1 4 465 open; mx2 4 465 open");
	probe = add_probe(&shown, 0, 465, VERIFY_OK);
	probe->mode = MODE_TLS;
	show_text(&shown, false);
	assert_null(strstr(shown.text.data, "wants TLS first"));
	probe = add_probe(&shown, 1, 465, VERIFY_ABSENT);
	probe->ended = STAGE_BANNER;
	probe->failure = FAILURE_TIMEOUT;
	probe->tls.version[0] = '\0';
	probe = add_probe(&shown, 1, 465, VERIFY_OK);
	probe->mode = MODE_TLS;
	buf_clear(&shown.text);
	show_text(&shown, false);
	assert_non_null(strstr(shown.text.data,
	    "\nPort 465 wants TLS first (mx2): ask for it as HOST:465/tls; a "
	    "client must be set to TLS, not to STARTTLS.\n"));
	drop(&shown);
}

static const struct certificate_row {
	const char *name;
	enum tls_verify verify;
	const char *said; /* NULL: nothing */
} certificate_rows[] = {
    {"of a certificate that verifies nothing is said", VERIFY_OK, NULL},
    {"an expired certificate is said to be", VERIFY_EXPIRED,
	"it has expired.\n"},
    {"a certificate of tomorrow is said to be", VERIFY_NOT_YET_VALID,
	"it is not valid yet.\n"},
    {"a self-signed certificate is said to be", VERIFY_SELF_SIGNED,
	"it is self-signed.\n"},
    {"a certificate for another name is said to be", VERIFY_NAME,
	"it is for another name.\n"},
    {"a certificate of an unknown issuer is said to be", VERIFY_UNTRUSTED,
	"its issuer is not trusted here.\n"},
    {"a certificate with another fault is said to have one", VERIFY_OTHER,
	"it is not in order.\n"},
};

static void certificates(void **state)
{
	const struct certificate_row *row = *state;
	struct shown shown;
	const char *found;

	show(&shown, "mx1 4 587 open");
	add_probe(&shown, 0, 587, row->verify);
	show_text(&shown, false);
	found = strstr(shown.text.data, "The certificate of mx1 (192.0.2.1) "
					"on port 587 does not verify: ");
	if (row->said == NULL)
		assert_null(found);
	else
		assert_non_null(strstr(found, row->said));
	drop(&shown);
}

static void logins(void **state)
{
	struct shown shown;
	struct probe_seen *probe;

	show(&shown, "mx1 4 587 open; mx1 6 587 open; mx2 4 587 open");
	probe = add_probe(&shown, 0, 587, VERIFY_OK);
	strcpy(probe->smtp.tls_caps[probe->smtp.ntls_caps++], "AUTH");
	probe = add_probe(&shown, 2, 587, VERIFY_OK);
	strcpy(probe->smtp.tls_caps[probe->smtp.ntls_caps++], "AUTH");
	show_text(&shown, false);
	assert_non_null(strstr(shown.text.data,
	    "\nPort 587 offers a login (AUTH) only after STARTTLS: mx1, "
	    "mx2.\n"));
	strcpy(probe->smtp.caps[probe->smtp.ncaps++], "AUTH");
	buf_clear(&shown.text);
	show_text(&shown, false);
	assert_non_null(
	    strstr(shown.text.data, "(AUTH) only after STARTTLS: mx1.\n"));
	drop(&shown);
}

static void assert_member(
    const struct json_at *at, const char *key, const char *expected)
{
	struct json_at child;
	char text[400];

	json_member(at, key, &child);
	assert_int_equal(
	    json_get_text_or(&child, text, sizeof(text), "null", NULL), 0);
	assert_string_equal(text, expected);
}

static void assert_number(
    const struct json_at *at, const char *key, int64_t expected)
{
	struct json_at child;
	int64_t number;

	json_member(at, key, &child);
	assert_int_equal(
	    json_get_integer_or(&child, 0, 70000, -1, &number, NULL), 0);
	assert_int_equal(number, expected);
}

static void json_diagnoses(const struct json_at *root)
{
	struct json_at list, item, signs, sign;
	char text[32];
	size_t count;

	json_member(root, "diagnoses", &list);
	assert_int_equal(json_get_array(&list, 8, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_true(json_first(&list, &item));
	assert_member(&item, "endpoint", "mx1");
	assert_member(&item, "address", "192.0.2.1");
	assert_number(&item, "family", 4);
	assert_number(&item, "port", 25);
	assert_member(&item, "outcome", "filtered");
	assert_member(&item, "mechanism", "drop");
	assert_member(&item, "where", "path");
	assert_number(&item, "after_hop", 2);
	assert_member(&item, "after_address", "198.51.100.2");
	assert_number(&item, "endpoint_hops", 5);
	json_member(&item, "signs", &signs);
	assert_int_equal(json_get_array(&signs, 8, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_true(json_first(&signs, &sign));
	assert_int_equal(json_get_text(&sign, text, sizeof(text), NULL), 0);
	assert_string_equal(text, "greeting-differs");
	assert_member(&item, "because", "so it is");
	assert_true(json_next(&item));
	assert_member(&item, "where", "null");
	assert_number(&item, "after_hop", -1);
	assert_member(&item, "after_address", "null");
}

static void as_json(void **state)
{
	struct json_at root = {NULL}, member, port;
	struct shown shown;
	struct json_value *tree;

	show(&shown, "mx1 4 25 drop@2; mx1 4 465 open+");
	strcpy(shown.report.id, "019ab5a5-7d3e-7c1a-8a55-0123456789ab");
	shown.round.items[0].diagnosis.signs = SOFT_GREETING_DIFFERS |
					       SOFT_SLOW;
	explain_json(&shown.round, shown.ports, shown.count, NULL, &shown.text);
	assert_int_equal(shown.text.data[shown.text.length - 1], '\n');
	assert_int_equal(
	    json_parse(shown.text.data, shown.text.length, &tree, NULL), 0);
	root.value = tree;
	assert_member(&root, "format", "egress25-check/1");
	json_member(&root, "report", &member);
	assert_member(&member, "format", "egress25-report/1");
	assert_member(
	    &member, "report", "019ab5a5-7d3e-7c1a-8a55-0123456789ab");
	json_diagnoses(&root);
	json_member(&root, "ports", &member);
	json_member(&member, "25", &port);
	assert_member(&port, "state", "filtered");
	assert_member(&port, "mechanism", "drop");
	assert_member(&port, "where", "path");
	assert_member(&port, "because", shown.ports[0].because);
	json_member(&member, "465", &port);
	assert_member(&port, "state", "open");
	assert_member(&port, "where", "null");
	json_free(tree);
	drop(&shown);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "the table, the sentences and the advice", whole_page);
	test_add(&list, "outcomes have colours where asked", in_colour);
	test_add(&list, "names are measured in characters", wide_names);
	test_add(&list, "a round without a diagnosis has no page", no_round);
	TEST_ROWS(&list, advice_rows, advice);
	test_add(&list, "a login that waits for STARTTLS is noted", logins);
	test_add(&list, "465 that wanted TLS first is noted", tls_first);
	test_add(&list, "a server's own words are shown", replies);
	test_add(&list, "signs, and a dead family, are noted once", notes);
	test_add(&list, "a beacon's receipt clears the ports that are reached",
	    receipts);
	test_add(&list, "MX hosts have their own names in the table", mx_hosts);
	test_add(&list, "references decide, and excuse nobody", references);
	TEST_ROWS(&list, certificate_rows, certificates);
	test_add(&list, "the JSON of check has every key", as_json);
	return test_run("explain_text", &list);
}
