/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/status_metrics.h"

#include <inttypes.h>

static void begin(
    struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out,
	    "# HELP egress25_agent_%s %s\n# TYPE egress25_agent_%s %s\n", name,
	    help, name, type);
}

static void number(struct buf *out, const char *name, const char *type,
    const char *help, int64_t value)
{
	begin(out, name, type, help);
	buf_printf(out, "egress25_agent_%s %" PRId64 "\n", name, value);
}

static void append_seconds(struct buf *out, int64_t ms)
{
	buf_printf(out, "%" PRId64 ".%03d\n", ms / 1000, (int)(ms % 1000));
}

/* A time; nothing if it was never. */
static void timestamp(
    struct buf *out, const char *name, const char *help, int64_t ms)
{
	if (ms <= 0)
		return;
	begin(out, name, "gauge", help);
	buf_printf(out, "egress25_agent_%s ", name);
	append_seconds(out, ms);
}

static void write_work(const struct status *status, struct buf *out)
{
	timestamp(out, "start_timestamp_seconds", "When the agent started.",
	    status->started_ms);
	timestamp(out, "round_timestamp_seconds",
	    "When the last whole round ended.", status->round_ended_ms);
	number(out, "round_addresses", "gauge", "Addresses that it visited.",
	    status->round_addresses);
	timestamp(out, "next_visit_timestamp_seconds",
	    "When the next visit is due.", status->next_ms);
	number(out, "plan_syns", "gauge",
	    "SYNs sent for plans on the day of the last visit, UTC.",
	    status->day_syns);
	number(out, "plan_syns_most", "gauge",
	    "SYNs that plans may cost a day.", status->day_most);
}

static void write_upload(const struct status *status, struct buf *out)
{
	number(out, "spool_reports", "gauge",
	    "Reports that wait for the collector.", status->spool_reports);
	number(out, "spool_dropped_total", "counter",
	    "Reports dropped because the spool was full.",
	    status->spool_dropped);
	timestamp(out, "upload_timestamp_seconds",
	    "When the collector last acknowledged a report.",
	    status->upload_ms);
	number(out, "upload_failing", "gauge",
	    "Whether the last upload failed.", status->upload_error[0] != '\0');
}

/* A port's state is the one of its states that is 1. */
static void write_ports(const struct port_states *states, struct buf *out)
{
	const struct port_states_port *port;
	size_t i;
	int state;

	if (states->nports == 0)
		return;
	begin(out, "port_state", "gauge",
	    "What this network does to a port: the state that is 1.");
	for (i = 0; i < states->nports; i++) {
		port = &states->ports[i];
		for (state = 0; state < PORT_STATES; state++)
			buf_printf(out,
			    "egress25_agent_port_state{family=\"%u\","
			    "port=\"%u\",state=\"%s\"} %d\n",
			    port->family, port->port,
			    port_state_word((enum port_state)state),
			    port->state == (enum port_state)state);
	}
	begin(out, "port_since_timestamp_seconds", "gauge",
	    "Since when a port is in its state.");
	for (i = 0; i < states->nports; i++) {
		port = &states->ports[i];
		buf_printf(out,
		    "egress25_agent_port_since_timestamp_seconds"
		    "{family=\"%u\",port=\"%u\"} ",
		    port->family, port->port);
		append_seconds(out, port->since_ms);
	}
}

void status_metrics(const struct status *status, bool running, struct buf *out)
{
	number(out, "up", "gauge", "Whether the agent runs.", running);
	begin(out, "build_info", "gauge", "The version of this program.");
	buf_append_text(out,
	    "egress25_agent_build_info{version=\"" EGRESS25_VERSION "\"} 1\n");
	if (status == NULL)
		return;
	write_work(status, out);
	write_upload(status, out);
	write_ports(&status->port_states, out);
}
