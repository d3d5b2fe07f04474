/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/explain.h"

#include <stdio.h>
#include <string.h>

#include "lib/report/words.h"
#include "tests/support/explain_round.h"
#include "tests/support/rows.h"

/* The first port of the round as it is summed up, and the exit code. */
static const struct row {
	const char *name;
	const char *round;
	int exit_code;
	const char *state, *mechanism, *where, *because;
} rows[] = {
    /* Open. */
    {"all endpoints open", "mx1 4 25 open; mx2 6 25 open", 0, "open", "open",
	"", "Port 25 is open."},
    {"an endpoint that is down does not close a port",
	"mx1 4 25 open; mx2 4 25 down", 0, "open", "open", "",
	"Port 25 is open; mx2 is down."},
    {"nor do more that are down than are open",
	"mx2 4 25 down; mx3 4 25 down; mx1 4 25 open", 0, "open", "open", "",
	"Port 25 is open; mx2 and mx3 are down."},
    {"an endpoint that refuses does not close a port",
	"mx1 4 25 open; mx2 4 25 refused", 0, "open", "open", "",
	"Port 25 is open; mx2 refuses it itself."},
    {"two that refuse are in the plural",
	"mx1 4 25 open; mx2 4 25 refused; mx3 6 25 refused", 0, "open", "open",
	"", "Port 25 is open; mx2 and mx3 refuse it themselves."},
    {"a family that does not work is not said of each port",
	"mx1 4 25 open; mx1 6 25 no-route; mx2 6 25 no-route", 0, "open",
	"open", "", "Port 25 is open."},
    {"a family that works elsewhere is",
	"mx1 4 25 open; mx1 6 25 offline; mx2 6 587 open", 0, "open", "open",
	"", "Port 25 is open; nothing answers over IPv6."},
    {"an endpoint without a control does not close a port",
	"mx1 4 25 open; mx2 4 25 no-control", 0, "open", "open", "",
	"Port 25 is open; nothing can be said of mx2."},
    {"a name that does not resolve does not close a port",
	"mx1 4 25 open; mx2 4 25 resolve; mx3 4 25 down", 0, "open", "open", "",
	"Port 25 is open; mx3 is down; mx2 does not resolve."},
    {"a refusal in SMTP is the endpoint's own", "mx1 4 25 rejected", 0, "open",
	"rejected", "",
	"Port 25 is open: the network lets it through, and so it is."},
    {"one refusal in SMTP among others is not worth the words",
	"mx1 4 25 rejected; mx2 4 25 open; mx3 4 25 open", 0, "open", "open",
	"", "Port 25 is open."},
    {"no STARTTLS anywhere", "mx1 4 25 open+; mx2 4 25 open+", 0, "open",
	"open", "", "Port 25 is open, without STARTTLS."},
    {"no STARTTLS at one endpoint", "mx1 4 25 open+; mx2 4 25 open", 0, "open",
	"open", "", "Port 25 is open."},

    /* Filtered, and where. */
    {"a filter in the nearer half of the path is the provider's",
	"mx1 4 25 drop@2; mx1 4 465 open; mx1 4 587 open", 1, "filtered",
	"drop", "path",
	"Port 25 is dropped after hop 2 (198.51.100.2), in the nearer half "
	"of the path to the endpoint, 5 hops away; 587 and 465 work."},
    {"a filter farther out is on the path", "mx1 4 25 reset@3; mx1 4 587 open",
	1, "filtered", "reset", "path",
	"Port 25 is reset after hop 3 (198.51.100.3), on the path to the "
	"endpoint, 5 hops away; 587 works."},
    {"a filter at an unknown distance is on the path", "mx1 4 25 icmp@2+", 1,
	"filtered", "icmp", "path",
	"Port 25 is rejected by ICMP after hop 2 (198.51.100.2), on the path."},
    {"a filter after the home router", "mx1 4 25 drop@1", 1, "filtered", "drop",
	"access",
	"Port 25 is dropped after hop 1 (192.168.1.1), in that router "
	"(at home the home router, else a cloud's or a container's gateway) "
	"or the next one."},
    {"a reply that is lost", "mx1 4 25 drop-reply@4", 1, "filtered",
	"drop-reply", "far-end",
	"Port 25 is not answered after hop 4 (198.51.100.4), the last one "
	"before the endpoint."},
    {"a filter without a path trace",
	"mx1 4 25 drop; mx1 4 465 open; mx1 4 587 open; mx1 4 2525 open", 1,
	"filtered", "drop", "", "Port 25 is dropped; 587, 465 and 2525 work."},
    {"a reset after the handshake", "mx1 4 25 reset-after-connect", 1,
	"filtered", "reset-after-connect", "",
	"Port 25 is reset after the handshake."},
    {"silence after the handshake", "mx1 4 25 stall-after-connect", 1,
	"filtered", "stall-after-connect", "",
	"Port 25 falls silent after the handshake."},
    {"a throttle", "mx1 4 25 throttle", 1, "filtered", "throttle", "",
	"Port 25 is throttled."},
    {"the same hop has an address a family",
	"mx1 4 25 drop@2; mx2 4 25 drop@2; mx1 6 25 drop@2", 1, "filtered",
	"drop", "path",
	"Port 25 is dropped after hop 2 (198.51.100.2, 2001:db8:ff::2), in the "
	"nearer half "
	"of the path to the endpoint, 5 hops away."},
    {"what most of the endpoints meet is told",
	"mx3 4 25 reset@3; mx1 4 25 drop@2; mx2 4 25 drop@2", 1, "filtered",
	"drop", "path",
	"Port 25 is dropped after hop 2 (198.51.100.2), in the nearer half "
	"of the path to the endpoint, 5 hops away (so at 2 of 3 addresses)."},
    {"endpoints that are down do not outweigh a filter",
	"mx1 4 25 drop@2; mx2 4 25 down; mx3 4 25 down; mx4 4 25 no-control", 1,
	"filtered", "drop", "path",
	"Port 25 is dropped after hop 2 (198.51.100.2), in the nearer half "
	"of the path to the endpoint, 5 hops away; mx2 and mx3 are down; "
	"nothing can be said of mx4."},

    {"a filter before the first router", "mx1 4 25 drop@link; mx1 4 587 open",
	1, "filtered", "drop", "link",
	"Port 25 is dropped before the first router: the provider's virtual "
	"switch or security group, or a rule of that router itself; 587 "
	"works."},
    {"a filter somewhere in the network", "mx1 4 25 drop@network", 1,
	"filtered", "drop", "network",
	"Port 25 is dropped in the network (it left this host, and no router "
	"tells where it stops)."},
    {"a filter here or there", "mx1 4 25 drop@host-or-path", 1, "filtered",
	"drop", "host-or-path",
	"Port 25 is dropped on this host or in the network (which of the two "
	"cannot be told from here)."},
    {"a filter among silent hops", "mx1 4 25 drop@2-5", 1, "filtered", "drop",
	"path",
	"Port 25 is dropped after hop 2 (198.51.100.2) and before hop 5 (the "
	"hops between are silent), in the nearer half "
	"of the path to the endpoint, 5 hops away."},
    {"a filter between neighbours", "mx1 4 25 drop@2-3", 1, "filtered", "drop",
	"path",
	"Port 25 is dropped after hop 2 (198.51.100.2), in the nearer half "
	"of the path to the endpoint, 5 hops away."},
    {"a filter behind silent first hops", "mx1 4 25 drop@path-3", 1, "filtered",
	"drop", "path",
	"Port 25 is dropped before hop 3 (the nearer hops are silent), in the "
	"nearer half "
	"of the path to the endpoint, 5 hops away."},

    /* The host itself, and interception. */
    {"a firewall of the host", "mx1 4 25 drop@0; mx1 4 587 open", 1, "local",
	"drop", "host",
	"Port 25 is dropped on this host itself, before the first hop; 587 "
	"works."},
    {"a host that denies", "mx1 4 25 denied@0", 1, "local", "denied", "host",
	"Port 25 is denied on this host itself, before the first hop."},
    {"an antivirus that answers itself", "mx1 4 25 redirect@0", 1, "local",
	"redirect", "host",
	"Port 25 is answered by another server on this host itself, before the "
	"first hop."},
    {"a transparent proxy", "mx1 4 25 redirect@1; mx1 4 587 open", 1,
	"intercepted", "redirect", "access",
	"Port 25 is answered by another server after hop 1 (192.168.1.1), in "
	"that router "
	"(at home the home router, else a cloud's or a container's gateway) "
	"or the next one; 587 works."},
    {"STARTTLS taken away", "mx1 4 25 starttls-stripped", 1, "intercepted",
	"starttls-stripped", "", "Port 25 has its STARTTLS taken away."},
    {"another key", "mx1 4 25 tls-intercepted", 1, "intercepted",
	"tls-intercepted", "", "Port 25 shows a foreign TLS key."},

    /* Mixed. */
    {"only IPv4 is filtered", "mx1 4 25 drop@2; mx1 6 25 open; mx1 6 587 open",
	1, "mixed", "drop", "path",
	"Port 25 is open over IPv6, but is dropped over IPv4 after hop 2 "
	"(198.51.100.2), in the nearer half "
	"of the path to the endpoint, 5 hops away; 587 works."},
    {"only IPv6 is filtered",
	"mx1 4 25 open; mx1 6 25 drop@2; mx2 4 25 open; mx2 6 25 drop@2", 1,
	"mixed", "drop", "path",
	"Port 25 is open over IPv4, but is dropped over IPv6 after hop 2 "
	"(2001:db8:ff::2), in the nearer half "
	"of the path to the endpoint, 5 hops away."},
    {"only one's own relay passes",
	"relay 4 25 open; mx1 4 25 drop@2; mx2 4 25 drop@2", 1, "mixed", "drop",
	"path",
	"Port 25 is open for relay, but is dropped for mx1 and mx2 after hop 2 "
	"(198.51.100.2), in the nearer half "
	"of the path to the endpoint, 5 hops away."},
    {"both families of an endpoint are one name",
	"relay 4 25 open; relay 6 25 open; mx1 4 25 drop@2; mx1 6 25 drop@2", 1,
	"mixed", "drop", "path",
	"Port 25 is open for relay, but is dropped for mx1 after hop 2 "
	"(198.51.100.2, 2001:db8:ff::2), in the nearer half "
	"of the path to the endpoint, 5 hops away."},
    {"an endpoint on both sides is named with its addresses",
	"mx1 4 25 open; mx1#2 4 25 reset@3; mx2 4 25 open", 1, "mixed", "reset",
	"path",
	"Port 25 is open for mx1 (192.0.2.1) and mx2, but is reset for mx1 "
	"(192.0.2.2) after hop 3 (198.51.100.3), on the path to the endpoint, "
	"5 hops away."},
    {"a long list of endpoints is cut",
	"mx1 4 25 open; a 4 25 drop; b 4 25 drop; c 4 25 drop; d 4 25 drop; "
	"e 4 25 drop",
	1, "mixed", "drop", "",
	"Port 25 is open for mx1, but is dropped for a, b and 3 more."},
    {"mixed, and one is down too",
	"mx1 4 25 open; mx2 4 25 drop; mx3 4 25 down", 1, "mixed", "drop", "",
	"Port 25 is open for mx1, but is dropped for mx2; mx3 is down."},

    /* The endpoint itself. */
    {"every endpoint refuses", "mx1 4 25 refused; mx2 4 25 refused", 0,
	"endpoint", "refused", "",
	"Port 25 is refused by the endpoint itself (mx1 and mx2); the network "
	"lets it through."},
    {"an MX without submission is no alarm", "mx1 4 465 refused", 0, "endpoint",
	"refused", "",
	"The endpoint offers no submission on port 465 (mx1); the network lets "
	"it through."},
    {"a port that the endpoint does not serve",
	"mx1 4 587 silent; mx2 4 587 silent", 3, "endpoint", "silent", "",
	"Port 587 is not served there (mx1 and mx2): nothing answers, though "
	"packets to it get as far as those to other ports."},
    {"one endpoint serves it, another does not",
	"mx1 4 25 open; mx2 4 25 "
	"silent",
	0, "open", "open", "", "Port 25 is open; mx2 does not serve it."},
    {"an endpoint that breaks off", "mx1 4 465 broken", 3, "endpoint", "broken",
	"",
	"Port 465 is reached, and the endpoint breaks off the dialogue (mx1): "
	"so it is."},
    {"an endpoint that breaks off, beside others",
	"mx1 4 25 open; mx2 4 25 broken; mx3 4 25 broken", 0, "open", "open",
	"", "Port 25 is open; mx2 and mx3 break off the dialogue themselves."},
    {"every endpoint is down", "mx1 4 25 down; mx1 6 25 down", 3, "endpoint",
	"down", "", "Port 25 cannot be tried: the endpoint is down (mx1)."},
    {"down here, refused there, and one that cannot be judged",
	"mx1 4 25 refused; mx2 4 25 refused; mx3 4 25 down; mx4 4 25 "
	"no-control",
	0, "endpoint", "refused", "",
	"Port 25 is refused by the endpoint itself (mx1 and mx2); the network "
	"lets it through; mx3 is down; nothing can be said of mx4."},

    /* Unknown. */
    {"nothing answers", "mx1 4 25 offline; mx1 6 25 offline", 3, "unknown",
	"offline", "", "Port 25 cannot be tried: nothing answers."},
    {"no route in either family", "mx1 4 25 no-route; mx1 6 25 no-route", 3,
	"unknown", "no-route", "",
	"Port 25 cannot be tried: this host has no route."},
    {"no route in the only family that is asked", "mx1 6 25 no-route", 3,
	"unknown", "no-route", "",
	"Port 25 cannot be tried: this host has no route over IPv6."},
    {"no name resolves", "mx1 4 25 resolve; mx2 6 25 resolve", 3, "unknown",
	"resolve", "",
	"Port 25 cannot be tried: mx1 does not resolve; mx2 does not resolve."},
    {"no such domain", "mx1 4 25 resolve=no-such-domain", 3, "unknown",
	"resolve", "",
	"Port 25 cannot be tried: there is no domain mx1 (NXDOMAIN)."},
    {"a name without an address", "mx1 4 25 resolve=no-address", 3, "unknown",
	"resolve", "",
	"Port 25 cannot be tried: mx1 exists and has no address."},
    {"a domain that takes no mail", "mx1 4 25 resolve=null-mx", 3, "unknown",
	"resolve", "",
	"Port 25 cannot be tried: mx1 takes no mail (null MX, RFC 7505)."},
    {"an MX record with an address", "mx1 4 25 resolve=mx-is-address", 3,
	"unknown", "resolve", "",
	"Port 25 cannot be tried: the MX record of mx1 holds an address where "
	"a host name must be (RFC 5321, 5.1)."},
    {"name servers that fail", "mx1 4 25 resolve=servfail", 3, "unknown",
	"resolve", "",
	"Port 25 cannot be tried: the name servers of mx1 fail (SERVFAIL)."},
    {"no name server", "mx1 4 25 resolve=no-answer; mx2 4 25 resolve=no-answer",
	3, "unknown", "resolve", "",
	"Port 25 cannot be tried: no name server answered when asked for mx1; "
	"no name server answered when asked for mx2."},
    {"each name has its reason, once",
	"mx1 4 25 resolve=servfail; mx1 4 587 resolve=servfail; "
	"mx2 4 25 resolve=null-mx; mx3 4 25 resolve; mx4 4 25 resolve; "
	"mx5 4 25 open",
	3, "open", "open", "",
	"Port 25 is open; the name servers of mx1 fail (SERVFAIL); mx2 takes "
	"no mail (null MX, RFC 7505); mx3 does not resolve; and 1 more do not "
	"resolve."},
    {"nothing to compare with says why", "mx1 4 25 no-control", 3, "unknown",
	"no-control", "", "Port 25 cannot be judged: so it is."},
    {"no route here and no control there",
	"mx1 4 25 no-control; mx2 4 25 no-control; mx1 6 25 no-route", 3,
	"unknown", "no-control", "", "Port 25 cannot be judged: so it is."},

    /* The exit code is of all ports. */
    {"another port filtered", "mx1 4 25 open; mx1 4 587 drop@2", 1, "open",
	"open", "", "Port 25 is open."},
    {"another port refused", "mx1 4 25 open; mx1 4 587 refused", 0, "open",
	"open", "", "Port 25 is open."},
    {"another port not served", "mx1 4 25 open; mx1 4 587 silent", 3, "open",
	"open", "", "Port 25 is open."},
    {"another port broken", "mx1 4 25 open; mx1 4 587 broken", 3, "open",
	"open", "", "Port 25 is open."},
    {"another port unknown, and one filtered",
	"mx1 4 25 drop@2; mx1 4 465 no-control", 1, "filtered", "drop", "path",
	"Port 25 is dropped after hop 2 (198.51.100.2), in the nearer half "
	"of the path to the endpoint, 5 hops away."},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct explain_port ports[8];
	struct explain_round round;
	struct report report;
	size_t count;

	explain_round_make(&round, &report, row->round);
	count = explain_ports(&round, ports, 8);
	assert_true(count >= 1);
	assert_string_equal(ports[0].because, row->because);
	assert_string_equal(port_state_word(ports[0].state), row->state);
	assert_string_equal(mechanism_word(ports[0].mechanism), row->mechanism);
	assert_string_equal(where_word(ports[0].where), row->where);
	assert_int_equal(explain_exit_code(ports, count), row->exit_code);
	explain_round_drop(&round, &report);
}

/* Whoever adds a mechanism or a place finds here that its words lack. */
static void complete(void **state)
{
	struct explain_port ports[8];
	struct explain_round round;
	struct report report;
	char text[80];
	int i;

	for (i = 0; i < MECHANISM_COUNT; i++) {
		snprintf(text, sizeof(text), "mx1 4 25 %s",
		    mechanism_word((enum mechanism)i));
		explain_round_make(&round, &report, text);
		assert_int_equal(explain_ports(&round, ports, 8), 1);
		if (strstr(ports[0].because, "does not pass") != NULL ||
		    strstr(ports[0].because, ": .") != NULL)
			fail_msg("no words for %s: %s", text, ports[0].because);
		explain_round_drop(&round, &report);
	}
	for (i = WHERE_NONE + 1; i < WHERE_COUNT; i++) {
		explain_round_make(&round, &report, "mx1 4 25 drop@2");
		round.items[0].diagnosis.where = (enum where)i;
		explain_ports(&round, ports, 8);
		if (strcmp(ports[0].because, "Port 25 is dropped.") == 0)
			fail_msg("no words for %s", where_word((enum where)i));
		explain_round_drop(&round, &report);
	}
}

static void order(void **state)
{
	static const uint16_t expected[] = {25, 587, 465, 443, 2525};
	struct explain_port ports[8];
	struct explain_round round;
	struct report report;
	size_t i;

	explain_round_make(&round, &report,
	    "mx1 4 2525 open; mx1 4 465 open; mx1 4 443 open; mx1 4 587 open; "
	    "mx1 4 25 open; mx2 4 587 open");
	assert_int_equal(explain_ports(&round, ports, 8), 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(ports[i].port, expected[i]);
	assert_int_equal(explain_ports(&round, ports, 2), 2);
	explain_round_drop(&round, &report);
}

static void nothing(void **state)
{
	struct report report = {0};
	struct explain_round round;
	struct explain_port ports[8];

	assert_int_equal(explain_round(&report, NULL, &round), 0);
	assert_int_equal(explain_ports(&round, ports, 8), 0);
	assert_int_equal(explain_exit_code(ports, 0), 3);
	explain_free(&round);
}

/* Names as long as they can be: the sentence is cut, never overrun. */
static void long_names(void **state)
{
	static const char name[] =
	    "x0123456789012345678901234567890123456789012345678901234567890";
	struct explain_round round;
	struct explain_port ports[8];
	struct report report;
	size_t i, length;

	explain_round_make(&round, &report,
	    "a 4 25 open; b 4 25 open; c 4 25 open; d 4 25 drop@3; "
	    "e 4 25 drop@3; f 6 25 drop@3; g 4 25 down; h 4 25 down; "
	    "i 4 25 no-control");
	for (i = 0; i < report.ntargets; i++) {
		memcpy(report.targets[i].endpoint, name, sizeof(name));
		report.targets[i].endpoint[0] = (char)('a' + i);
	}
	explain_ports(&round, ports, 8);
	length = strlen(ports[0].because);
	assert_true(length > 300 && length < sizeof(ports[0].because));
	explain_round_drop(&round, &report);
}

/* From observations, through lib/diagnose/diagnose.c. */
static void diagnosed(void **state)
{
	struct report report = {0};
	struct target_seen *target = report_add_target(&report);
	struct probe_seen probe;
	struct explain_port ports[8];
	struct explain_round round;

	assert_non_null(target);
	strcpy(target->endpoint, "mx1");
	assert_true(addr_parse(&target->address, "192.0.2.1"));
	target->family = 4;
	probe_seen_init(&probe, 25, MODE_STARTTLS);
	probe.ended = STAGE_DONE;
	assert_int_equal(target_seen_add_probe(target, &probe), 0);
	probe_seen_init(&probe, 443, MODE_CONNECT);
	assert_int_equal(target_seen_add_probe(target, &probe), 0);
	assert_int_equal(explain_round(&report, NULL, &round), 0);
	assert_int_equal(explain_ports(&round, ports, 8), 1);
	assert_string_equal(ports[0].because, "Port 25 is open.");
	explain_free(&round);
	report_free(&report);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "every mechanism and place has words", complete);
	test_add(&list, "ports come as 25, 587, 465 and then by number", order);
	test_add(&list, "of no diagnosis nothing can be told", nothing);
	test_add(&list, "the longest names fit", long_names);
	test_add(&list, "a round is diagnosed first", diagnosed);
	return test_run("explain", &list);
}
