/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/status_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/base/day.h"
#include "lib/base/rfc3339.h"

#define SPAN_SIZE 32

/* "41 s", "7 min", "5 h", "3 d". */
static const char *span(int64_t ms, char text[SPAN_SIZE])
{
	static const struct {
		int64_t ms, most;
		const char *unit;
	} units[] = {
	    {1000, 120, "s"},
	    {60000, 120, "min"},
	    {3600000, 48, "h"},
	    {86400000, INT64_MAX, "d"},
	};
	size_t i = 0;

	if (ms < 0)
		ms = 0;
	while (ms / units[i].ms >= units[i].most)
		i++;
	snprintf(
	    text, SPAN_SIZE, "%" PRId64 " %s", ms / units[i].ms, units[i].unit);
	return text;
}

static void say_head(
    const struct status *status, bool running, int64_t now_ms, struct buf *out)
{
	char text[SPAN_SIZE];

	if (running)
		buf_printf(out,
		    "The agent is running (process %" PRId64 ", for %s): %s.\n",
		    status->pid, span(now_ms - status->started_ms, text),
		    status->doing);
	else
		buf_printf(out,
		    "No agent is running here. The last one wrote this %s "
		    "ago:\n",
		    span(now_ms - status->written_ms, text));
	buf_printf(out, "  agent        %s\n",
	    status->agent[0] ? status->agent : "not enrolled yet");
	buf_printf(out, "  collector    %s\n",
	    status->collector[0]
		? status->collector
		: "none configured: reports stay in the spool");
}

static void say_round(
    const struct status *status, int64_t now_ms, struct buf *out)
{
	char text[SPAN_SIZE], took[SPAN_SIZE];

	if (status->round_ended_ms == 0)
		buf_append_text(out, "  last round   none yet\n");
	else
		buf_printf(out,
		    "  last round   %s ago, %" PRId64 " addresses in %s\n",
		    span(now_ms - status->round_ended_ms, text),
		    status->round_addresses,
		    span(
			status->round_ended_ms - status->round_began_ms, took));
}

static void say_next(
    const struct status *status, bool running, int64_t now_ms, struct buf *out)
{
	bool is_today = now_ms / DAY_MS == status->day_ms / DAY_MS;
	char text[SPAN_SIZE];

	if (running && status->next_ms > now_ms)
		buf_printf(out, "  next visit   in %s\n",
		    span(status->next_ms - now_ms, text));
	else if (running && status->next_ms != 0)
		buf_append_text(out, "  next visit   now\n");
	if (status->plan_taken_ms == 0) {
		buf_append_text(
		    out, "  plan         none: visiting the endpoints file\n");
		return;
	}
	buf_printf(out, "  plan         the collector's, %s old",
	    span(now_ms - status->plan_taken_ms, text));
	if (status->plan_until_ms > now_ms)
		buf_printf(out, ", for another %s\n",
		    span(status->plan_until_ms - now_ms, text));
	else
		buf_append_text(out, ", expired\n");
	buf_printf(out,
	    "               %" PRId64 " of at most %" PRId64
	    " SYNs and %" PRId64 " of at most %" PRId64
	    " DNS questions sent today (UTC)\n",
	    is_today ? status->day_syns : 0, status->day_most,
	    is_today ? status->day_questions : 0, status->day_questions_most);
}

static void say_upload(
    const struct status *status, bool running, int64_t now_ms, struct buf *out)
{
	char text[SPAN_SIZE];

	buf_printf(out,
	    "  spool        %" PRId64 " waiting, %" PRId64
	    " dropped because it was full\n",
	    status->spool_reports, status->spool_dropped);
	if (status->upload_ms == 0)
		buf_append_text(out, "  last upload  none yet\n");
	else
		buf_printf(out, "  last upload  %s ago\n",
		    span(now_ms - status->upload_ms, text));
	if (status->upload_error[0] == '\0')
		return;
	buf_printf(out, "  upload error %s ago: %s\n",
	    span(now_ms - status->upload_failed_ms, text),
	    status->upload_error);
	if (running && status->upload_retry_ms > now_ms)
		buf_printf(out, "  next upload  in %s\n",
		    span(status->upload_retry_ms - now_ms, text));
}

static void say_ports(
    const struct port_states *states, int64_t now_ms, struct buf *out)
{
	const struct port_states_port *port;
	char since[RFC3339_SIZE], seen[SPAN_SIZE];
	size_t i;

	if (states->nports == 0) {
		buf_append_text(
		    out, "Nothing is known about this network yet.\n");
		return;
	}
	buf_append_text(out,
	    "FAMILY  PORT   STATE        SINCE                 LAST SEEN\n");
	for (i = 0; i < states->nports; i++) {
		port = &states->ports[i];
		buf_printf(out, "IPv%-4u %-6u %-12s %.19sZ  %s ago\n",
		    port->family, port->port, port_state_word(port->state),
		    rfc3339_format(port->since_ms, since),
		    span(now_ms - port->last_ms, seen));
	}
}

void status_text(
    const struct status *status, bool running, int64_t now_ms, struct buf *out)
{
	say_head(status, running, now_ms, out);
	say_round(status, now_ms, out);
	say_next(status, running, now_ms, out);
	say_upload(status, running, now_ms, out);
	say_ports(&status->port_states, now_ms, out);
}
