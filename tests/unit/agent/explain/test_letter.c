/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/letter.h"

#include <stdio.h>
#include <string.h>

#include "agent/readiness/readiness_words.h"
#include "tests/support/explain_round.h"
#include "tests/support/rows.h"

/* 2026-11-26T14:00:01Z */
#define AT_MS INT64_C(1795701601000)

static void add_probe(
    struct target_seen *target, uint16_t port, enum failure failure)
{
	struct probe_seen probe;

	probe_seen_init(&probe, port, MODE_STARTTLS);
	probe.ended = failure == FAILURE_NONE ? STAGE_DONE : STAGE_CONNECT;
	probe.failure = failure;
	if (failure == FAILURE_NONE)
		strcpy(probe.tls.version, "TLSv1.3");
	assert_int_equal(target_seen_add_probe(target, &probe), 0);
}

static void whole(void **state)
{
	struct readiness readiness = {.count = 1};
	struct explain_round round;
	struct report report;
	struct buf out = {0};

	explain_round_make(&round, &report,
	    "mx1 4 25 drop@2; mx1 4 587 open; mx2 4 25 drop@link; "
	    "mx3 4 25 open");
	strcpy(report.id, "0198c0de-0000-7000-8000-000000000000");
	strcpy(report.software, "egress25-agent/0.1.0");
	strcpy(report.targets[0].host, "mx1.example.net");
	report.targets[0].at_ms = AT_MS;
	report.targets[1].at_ms = AT_MS + 1000;
	add_probe(&report.targets[0], 25, FAILURE_TIMEOUT);
	add_probe(&report.targets[0], 587, FAILURE_NONE);
	add_probe(&report.targets[0], 587, FAILURE_NONE);
	add_probe(&report.targets[1], 443, FAILURE_TIMEOUT);
	assert_true(addr_parse(&readiness.family[0].address, "203.0.113.7"));
	strcpy(readiness.family[0].rdns, "mail.example.org");
	assert_true(letter_write(&round, &readiness, &out));
	assert_string_equal(out.data,
	    "Subject: outbound TCP port 25 from 203.0.113.7\n"
	    "\n"
	    "Hello,\n"
	    "\n"
	    "our connections from 203.0.113.7 (reverse DNS: mail.example.org) "
	    "to TCP port\n25 of other mail servers do not get through.\n"
	    "\n"
	    "What fails:\n"
	    "- 2026-11-26 14:00:01 UTC  mx1.example.net (192.0.2.1), port 25: "
	    "drop, after\n  hop 2 (198.51.100.2); so it is\n"
	    "- 2026-11-26 14:00:02 UTC  192.0.2.1, port 25: drop, before the "
	    "first router;\n  so it is\n"
	    "\n"
	    "What works to the same hosts in the same minute:\n"
	    "- 2026-11-26 14:00:01 UTC  mx1.example.net (192.0.2.1), port 587: "
	    "connected,\n  TLSv1.3\n"
	    "\n"
	    "Please tell us whether this is a filter of yours, and lift it for "
	    "us if you\ncan. If you need anything from us first, we are glad "
	    "to send it. Thank you.\n"
	    "\n"
	    "-- \n"
	    "Measured by egress25-agent/0.1.0, report "
	    "0198c0de-0000-7000-8000-000000000000\n");
	buf_free(&out);
	explain_round_drop(&round, &report);
}

static const struct row {
	const char *name, *round;
	bool written;
	const char *given, *missing;
} rows[] = {
    {"an open network needs no letter", "mx1 4 25 open", false, NULL, NULL},
    {"nor does a rule of this host", "mx1 4 25 drop@0", false, NULL, NULL},
    {"nor what may be one", "mx1 4 25 drop@host-or-path", false, NULL, NULL},
    {"nor an endpoint that is down", "mx1 4 25 down", false, NULL, NULL},
    {"several ports", "mx1 4 25 drop@2; mx1 4 587 reset@2; mx1 4 465 drop@2",
	true, "to TCP ports 25, 587 and 465 of", "What works"},
    {"an unknown address is left out", "mx1 4 25 drop@2", true,
	"our connections to TCP port 25 of", "reverse DNS"},
    {"an unknown hop is left out", "mx1 4 25 drop", true,
	"port 25: drop; so it is", "hop"},
    {"a proxy", "mx1 4 25 redirect@2", true, "redirect, after hop 2", NULL},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct explain_round round;
	struct report report;
	struct buf out = {0};

	explain_round_make(&round, &report, row->round);
	assert_int_equal(letter_write(&round, NULL, &out), row->written);
	assert_int_equal(out.length > 0, row->written);
	if (row->given != NULL)
		assert_non_null(strstr(out.data, row->given));
	if (row->missing != NULL)
		assert_null(strstr(out.data, row->missing));
	buf_free(&out);
	explain_round_drop(&round, &report);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "the whole letter", whole);
	TEST_ROWS(&list, rows, run_row);
	return test_run("letter", &list);
}
