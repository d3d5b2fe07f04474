/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/metrics/metrics.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

/* A value of its own for each, so that none can stand for another. */
static const struct metrics metrics = {
    .connections = 101,
    .refused = {201, 202, 203},
    .dialogues = 102,
    .receipts = INT64_MAX,
    .handshakes = 103,
    .handshakes_failed = 104,
    .timeouts = 105,
    .open = 106,
    .open_tls = 107,
};

static const struct row {
	const char *name, *line;
} rows[] = {
    {"connections", "egress25_beacon_connections_total 101"},
    {"those that are open", "egress25_beacon_connections_open 106"},
    {"those in TLS", "egress25_beacon_tls_sessions_open 107"},
    {"too many", "egress25_beacon_refused_total{limit=\"connections\"} 201"},
    {"too many of an address",
	"egress25_beacon_refused_total{limit=\"connections-address\"} 202"},
    {"too many in TLS",
	"egress25_beacon_refused_total{limit=\"tls-sessions\"} 203"},
    {"dialogues", "egress25_beacon_dialogues_total 102"},
    {"receipts: a number of 63 bits",
	"egress25_beacon_receipts_signed_total 9223372036854775807"},
    {"handshakes", "egress25_beacon_tls_handshakes_total{result=\"done\"} 103"},
    {"those that failed",
	"egress25_beacon_tls_handshakes_total{result=\"failed\"} 104"},
    {"connections whose time was over", "egress25_beacon_timeouts_total 105"},
    {"what goes up and down is no counter",
	"# TYPE egress25_beacon_connections_open gauge"},
    {"what only goes up is one",
	"# TYPE egress25_beacon_refused_total counter"},
};

/* The line stands there once. */
static void run_row(void **state)
{
	const struct row *row = *state;
	struct buf out = {0};
	char line[128];
	const char *found;

	buf_append_char(&out, '\n');
	metrics_write(&metrics, &out);
	snprintf(line, sizeof(line), "\n%s\n", row->line);
	found = strstr(out.data, line);
	if (found == NULL || strstr(found + 1, line) != NULL)
		fail_msg("%s: not once in\n%s", row->line, out.data);
	buf_free(&out);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	return test_run("beacon_metrics", &list);
}
