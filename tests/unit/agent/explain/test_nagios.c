/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/nagios.h"

#include <string.h>

#include "agent/explain/explain.h"
#include "tests/support/explain_round.h"
#include "tests/support/rows.h"

static const struct row {
	const char *name, *round;
	int status;
	const char *line;
} rows[] = {
    {"all open", "mx1 4 25 open; mx2 4 25 open; mx1 4 587 open", NAGIOS_OK,
	"EGRESS25 OK - 25 open, 587 open | 'open_25'=2;;;0;2 "
	"'open_587'=1;;;0;1\n"},
    {"a refusal of the endpoint's own", "mx1 4 25 open; mx1 4 587 refused",
	NAGIOS_OK,
	"EGRESS25 OK - 25 open, 587 endpoint (refused) | 'open_25'=1;;;0;1 "
	"'open_587'=0;;;0;1\n"},
    {"a filter", "mx1 4 25 drop@2; mx1 4 587 open", NAGIOS_CRITICAL,
	"EGRESS25 CRITICAL - 25 filtered (drop), 587 open | 'open_25'=0;;;0;1 "
	"'open_587'=1;;;0;1\n"},
    {"an interception", "mx1 4 25 redirect@2", NAGIOS_CRITICAL,
	"EGRESS25 CRITICAL - 25 intercepted (redirect) | "
	"'open_25'=0;;;0;1\n"},
    {"a filter for some", "mx1 4 25 drop@2; mx2 4 25 open", NAGIOS_WARNING,
	"EGRESS25 WARNING - 25 mixed (drop) | 'open_25'=1;;;0;2\n"},
    {"an endpoint that is down", "mx1 4 25 down", NAGIOS_WARNING,
	"EGRESS25 WARNING - 25 endpoint (down) | 'open_25'=0;;;0;1\n"},
    {"not to be told", "mx1 4 25 no-control; mx1 4 587 open", NAGIOS_UNKNOWN,
	"EGRESS25 UNKNOWN - 25 unknown (no-control), 587 open | "
	"'open_25'=0;;;0;1 'open_587'=1;;;0;1\n"},
    {"the worst of all ports counts",
	"mx1 4 25 no-control; mx1 4 587 down; mx1 4 465 drop@2",
	NAGIOS_CRITICAL,
	"EGRESS25 CRITICAL - 25 unknown (no-control), 587 endpoint (down), 465 "
	"filtered (drop) | 'open_25'=0;;;0;1 'open_587'=0;;;0;1 "
	"'open_465'=0;;;0;1\n"},
    {"nothing", "", NAGIOS_UNKNOWN,
	"EGRESS25 UNKNOWN - nothing was measured |\n"},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct explain_port ports[8];
	struct explain_round round;
	struct report report;
	struct buf out = {0};
	size_t count;

	explain_round_make(&round, &report, row->round);
	count = explain_ports(&round, ports, 8);
	nagios_line(&round, ports, count, &out);
	assert_int_equal(nagios_status(ports, count), row->status);
	assert_string_equal(out.data, row->line);
	buf_free(&out);
	explain_round_drop(&round, &report);
}

static void handshake(void **state)
{
	struct explain_port ports[8];
	struct explain_round round;
	struct probe_seen probe;
	struct report report;
	struct buf out = {0};
	size_t count;

	explain_round_make(&round, &report, "mx1 4 25 open; mx2 4 25 drop@2");
	probe_seen_init(&probe, 25, MODE_STARTTLS);
	probe.ended = STAGE_DONE;
	probe.us[STAGE_CONNECT] = 12034;
	assert_int_equal(target_seen_add_probe(&report.targets[0], &probe), 0);
	probe.ended = STAGE_CONNECT;
	probe.failure = FAILURE_TIMEOUT;
	probe.us[STAGE_CONNECT] = 3;
	assert_int_equal(target_seen_add_probe(&report.targets[1], &probe), 0);
	count = explain_ports(&round, ports, 8);
	nagios_line(&round, ports, count, &out);
	assert_non_null(strstr(out.data, " 'connect_25'=12.034ms;;;0;\n"));
	buf_free(&out);
	explain_round_drop(&round, &report);
}

static void failure(void **state)
{
	struct buf out = {0};

	nagios_error("a|b", &out);
	assert_string_equal(out.data, "EGRESS25 UNKNOWN - a/b\n");
	buf_free(&out);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "the fastest handshake that stood", handshake);
	test_add(&list, "an error has no performance data", failure);
	return test_run("nagios", &list);
}
