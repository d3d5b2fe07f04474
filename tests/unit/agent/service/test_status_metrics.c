/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/status_metrics.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

static struct port_states_port ports[] = {
    {4, 25, PORT_FILTERED, 1000250, 2000000},
    {6, 587, PORT_OPEN, 5000, 2000000},
};

/* A value of its own for each, so that none can stand for another. */
static const struct status status = {
    .started_ms = 1001001,
    .round_ended_ms = 1002002,
    .round_addresses = 11,
    .next_ms = 1003003,
    .spool_reports = 12,
    .spool_dropped = 13,
    .upload_ms = 1004004,
    .upload_error = "no route",
    .day_syns = 14,
    .day_most = 15,
    .day_questions = 16,
    .day_questions_most = 17,
    .port_states = {.ports = ports, .nports = 2},
};
static const struct status fresh = {.started_ms = 1};

static const struct row {
	const char *name, *line;
	const struct status *status; /* NULL: no agent has run */
	bool stopped, is_absent;
} rows[] = {
    {"it runs", "egress25_agent_up 1", &status},
    {"it does not", "egress25_agent_up 0", &status, .stopped = true},
    {"it never did", "egress25_agent_up 0", NULL, .stopped = true},
    {"it never did, so its spool is unknown", "egress25_agent_spool_reports",
	NULL, .stopped = true, .is_absent = true},
    {"its start", "egress25_agent_start_timestamp_seconds 1001.001", &status},
    {"its round", "egress25_agent_round_timestamp_seconds 1002.002", &status},
    {"a round that never was has no time",
	"egress25_agent_round_timestamp_seconds", &fresh, .is_absent = true},
    {"addresses", "egress25_agent_round_addresses 11", &status},
    {"the next visit", "egress25_agent_next_visit_timestamp_seconds 1003.003",
	&status},
    {"SYNs", "egress25_agent_plan_syns 14", &status},
    {"DNS questions", "egress25_agent_plan_questions 16", &status},
    {"DNS questions at most", "egress25_agent_plan_questions_most 17", &status},
    {"SYNs at most", "egress25_agent_plan_syns_most 15", &status},
    {"the spool", "egress25_agent_spool_reports 12", &status},
    {"what was dropped", "egress25_agent_spool_dropped_total 13", &status},
    {"the upload", "egress25_agent_upload_timestamp_seconds 1004.004", &status},
    {"uploads fail", "egress25_agent_upload_failing 1", &status},
    {"uploads do not fail", "egress25_agent_upload_failing 0", &fresh},
    {"a port is in its state",
	"egress25_agent_port_state"
	"{family=\"4\",port=\"25\",state=\"filtered\"} 1",
	&status},
    {"and in no other",
	"egress25_agent_port_state{family=\"4\",port=\"25\",state=\"open\"} 0",
	&status},
    {"the next port is in another",
	"egress25_agent_port_state{family=\"6\",port=\"587\",state=\"open\"} 1",
	&status},
    {"since when",
	"egress25_agent_port_since_timestamp_seconds"
	"{family=\"4\",port=\"25\"} 1000.250",
	&status},
    {"nothing is known of a port", "egress25_agent_port_state", &fresh,
	.is_absent = true},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct buf out = {0};
	char line[160];

	status_metrics(row->status, !row->stopped, &out);
	snprintf(
	    line, sizeof(line), row->is_absent ? "%s" : "\n%s\n", row->line);
	if ((strstr(out.data, line) == NULL) != row->is_absent)
		fail_msg("%s: in\n%s", row->line, out.data);
	buf_free(&out);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	return test_run("status_metrics", &list);
}
