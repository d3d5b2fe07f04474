/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/status_metrics.h"

#include <stdio.h>

#include "lib/prometheus/prometheus.h"

/* A time; nothing if it was never. */
static void timestamp(
    const struct prometheus *to, const char *name, const char *help, int64_t ms)
{
	if (ms <= 0)
		return;
	prometheus_begin(to, name, PROMETHEUS_GAUGE, help);
	prometheus_seconds(to, name, NULL, ms, 3);
}

static void write_work(const struct status *status, const struct prometheus *to)
{
	timestamp(to, "start_timestamp_seconds", "When the agent started.",
	    status->started_ms);
	timestamp(to, "round_timestamp_seconds",
	    "When the last whole round ended.", status->round_ended_ms);
	prometheus_gauge(to, "round_addresses", "Addresses that it visited.",
	    status->round_addresses);
	timestamp(to, "next_visit_timestamp_seconds",
	    "When the next visit is due.", status->next_ms);
	prometheus_gauge(to, "plan_syns",
	    "SYNs sent for plans on the day of the last visit, UTC.",
	    status->day_syns);
	prometheus_gauge(to, "plan_syns_most",
	    "SYNs that plans may cost a day.", status->day_most);
	prometheus_gauge(to, "plan_questions",
	    "DNS questions asked for plans on the day of the last visit, UTC.",
	    status->day_questions);
	prometheus_gauge(to, "plan_questions_most",
	    "DNS questions that plans may cost a day.",
	    status->day_questions_most);
}

static void write_upload(
    const struct status *status, const struct prometheus *to)
{
	prometheus_gauge(to, "spool_reports",
	    "Reports that wait for the collector.", status->spool_reports);
	prometheus_counter(to, "spool_dropped_total",
	    "Reports dropped because the spool was full.",
	    status->spool_dropped);
	timestamp(to, "upload_timestamp_seconds",
	    "When the collector last acknowledged a report.",
	    status->upload_ms);
	prometheus_gauge(to, "upload_failing",
	    "Whether the last upload failed.", status->upload_error[0] != '\0');
}

/* A port's state is the one of its states that is 1. */
static void write_port_states(
    const struct port_states *states, const struct prometheus *to)
{
	const struct port_states_port *port;
	char labels[80];
	size_t i;
	int state;

	prometheus_begin(to, "port_state", PROMETHEUS_GAUGE,
	    "What this network does to a port: the state that is 1.");
	for (i = 0; i < states->nports; i++) {
		port = &states->ports[i];
		for (state = 0; state < PORT_STATES; state++) {
			snprintf(labels, sizeof(labels),
			    "family=\"%u\",port=\"%u\",state=\"%s\"",
			    port->family, port->port,
			    port_state_word((enum port_state)state));
			prometheus_sample(to, "port_state", labels,
			    port->state == (enum port_state)state);
		}
	}
}

static void write_ports_since(
    const struct port_states *states, const struct prometheus *to)
{
	const struct port_states_port *port;
	char labels[80];
	size_t i;

	prometheus_begin(to, "port_since_timestamp_seconds", PROMETHEUS_GAUGE,
	    "Since when a port is in its state.");
	for (i = 0; i < states->nports; i++) {
		port = &states->ports[i];
		snprintf(labels, sizeof(labels), "family=\"%u\",port=\"%u\"",
		    port->family, port->port);
		prometheus_seconds(to, "port_since_timestamp_seconds", labels,
		    port->since_ms, 3);
	}
}

void status_metrics(const struct status *status, bool running, struct buf *out)
{
	const struct prometheus to = {out, "egress25_agent_"};

	prometheus_gauge(&to, "up", "Whether the agent runs.", running);
	prometheus_begin(&to, "build_info", PROMETHEUS_GAUGE,
	    "The version of this program.");
	prometheus_sample(
	    &to, "build_info", "version=\"" EGRESS25_VERSION "\"", 1);
	if (status == NULL)
		return;
	write_work(status, &to);
	write_upload(status, &to);
	if (status->port_states.nports == 0)
		return;
	write_port_states(&status->port_states, &to);
	write_ports_since(&status->port_states, &to);
}
