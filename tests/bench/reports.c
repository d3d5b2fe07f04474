/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/reports.h"

#include <stdio.h>
#include <string.h>

static const uint16_t ports[REPORTS_PORTS] = {25, 587, 465, 443};

static void diagnose(struct measurement *row, bool filters)
{
	row->outcome = OUTCOME_REACHABLE;
	row->mechanism = MECHANISM_OPEN;
	if (row->port == 443) {
		row->outcome = OUTCOME_COUNT;
		row->mechanism = MECHANISM_COUNT;
	} else if (row->port == 25 && filters) {
		row->outcome = OUTCOME_FILTERED;
		row->mechanism = MECHANISM_DROP;
		row->where = WHERE_PATH;
		row->after_hop = 3;
	}
}

static void fill_row(
    struct measurement *row, int64_t at_ms, size_t agent, size_t n)
{
	size_t network = agent % REPORTS_NETWORKS;
	size_t endpoint = n / REPORTS_PORTS;
	char address[32];

	memset(row, 0, sizeof(*row));
	row->at_ms = at_ms + (int64_t)n;
	snprintf(row->agent, sizeof(row->agent), "%016zx",
	    agent * 0x9e3779b97f4a7c15u);
	row->asn = (uint32_t)(64500 + network);
	snprintf(
	    row->network, sizeof(row->network), "Provider %zu, Ltd", network);
	strcpy(row->country, network % 2 == 0 ? "DE" : "FR");
	snprintf(row->prefix, sizeof(row->prefix), "10.%zu.%zu.0/24",
	    network / 250, agent / REPORTS_NETWORKS);
	row->family = 4;
	snprintf(
	    row->endpoint, sizeof(row->endpoint), "mx-%zu.example", endpoint);
	snprintf(address, sizeof(address), "192.0.2.%zu", endpoint + 1);
	addr_parse(&row->address, address);
	row->port = ports[n % REPORTS_PORTS];
	row->mode = row->port == 443 ? MODE_CONNECT : MODE_STARTTLS;
	row->ended = STAGE_DONE;
	row->after_hop = row->icmp_type = row->icmp_code = OBSERVE_ABSENT;
	row->endpoint_hops = 9;
	row->smtp_code = 220;
	strcpy(row->tls_version, "TLSv1.3");
	row->tls_verify = VERIFY_OK;
	row->connect_us = (int64_t)(12000 + n * 37);
	row->total_us = (int64_t)(140000 + n * 371);
	row->attributed = true;
	row->listed = true;
	diagnose(row, network % 10 == 0);
}

void reports_fill(struct store_report *report,
    struct measurement rows[REPORTS_ROWS], size_t number, int64_t at_ms)
{
	size_t n, agent = number * 7919 % REPORTS_AGENTS;

	memset(report, 0, sizeof(*report));
	snprintf(report->id, sizeof(report->id), "%08zx-0000-7000-8000-%012zx",
	    number / 1000, number);
	snprintf(
	    report->agent_id, sizeof(report->agent_id), "agent-%zu", agent);
	report->received_ms = at_ms;
	report->rows = rows;
	report->nrows = REPORTS_ROWS;
	for (n = 0; n < REPORTS_ROWS; n++) {
		fill_row(&rows[n], at_ms, agent, n);
		snprintf(
		    rows[n].id, sizeof(rows[n].id), "%s:%zu", report->id, n);
	}
}
