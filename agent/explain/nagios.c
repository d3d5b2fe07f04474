/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/nagios.h"

#include "agent/explain/explain_select.h"
#include "lib/report/words.h"

static const char *const status_words[NAGIOS_COUNT] = {
    [NAGIOS_OK] = "OK",
    [NAGIOS_WARNING] = "WARNING",
    [NAGIOS_CRITICAL] = "CRITICAL",
    [NAGIOS_UNKNOWN] = "UNKNOWN",
};

static const enum nagios_status status_of_state[PORT_STATES] = {
    [PORT_OPEN] = NAGIOS_OK,
    [PORT_FILTERED] = NAGIOS_CRITICAL,
    [PORT_INTERCEPTED] = NAGIOS_CRITICAL,
    [PORT_LOCAL] = NAGIOS_CRITICAL,
    [PORT_ENDPOINT] = NAGIOS_WARNING,
    [PORT_UNKNOWN] = NAGIOS_UNKNOWN,
    [PORT_MIXED] = NAGIOS_WARNING,
};

static enum nagios_status status_of(const struct explain_port *port)
{
	if (port->state == PORT_ENDPOINT &&
	    port->mechanism == MECHANISM_REFUSED)
		return NAGIOS_OK;
	return status_of_state[port->state];
}

enum nagios_status nagios_status(const struct explain_port *ports, size_t count)
{
	static const int ranks[NAGIOS_COUNT] = {
	    [NAGIOS_OK] = 0,
	    [NAGIOS_UNKNOWN] = 1,
	    [NAGIOS_WARNING] = 2,
	    [NAGIOS_CRITICAL] = 3,
	};
	enum nagios_status worst = NAGIOS_OK, status;
	size_t i;

	if (count == 0)
		return NAGIOS_UNKNOWN;
	for (i = 0; i < count; i++) {
		status = status_of(&ports[i]);
		if (ranks[status] > ranks[worst])
			worst = status;
	}
	return worst;
}

/* The fastest handshake on a port, in us; OBSERVE_ABSENT: none. */
static int64_t fastest(const struct explain_round *round, uint16_t port)
{
	const struct target_seen *target;
	const struct probe_seen *probe;
	int64_t best = OBSERVE_ABSENT, us;
	size_t i, k;

	for (i = 0; i < round->report->ntargets; i++) {
		target = &round->report->targets[i];
		for (k = 0; k < target->nprobes; k++) {
			probe = &target->probes[k];
			us = probe->us[STAGE_CONNECT];
			if (probe->port != port || us == OBSERVE_ABSENT ||
			    (probe->ended == STAGE_CONNECT &&
				probe->failure != FAILURE_NONE))
				continue;
			if (best == OBSERVE_ABSENT || us < best)
				best = us;
		}
	}
	return best;
}

static void add_data(
    const struct explain_round *round, uint16_t port, struct buf *out)
{
	struct explain_selection open = {
	    round, port, 1u << OUTCOME_REACHABLE, 0, true};
	struct explain_selection all = {round, port, ~0u, 0, true};
	int64_t us = fastest(round, port);

	buf_printf(out, " 'open_%u'=%zu;;;0;%zu", port, explain_count(&open),
	    explain_count(&all));
	if (us != OBSERVE_ABSENT)
		buf_printf(out, " 'connect_%u'=%lld.%03lldms;;;0;", port,
		    (long long)(us / 1000), (long long)(us % 1000));
}

static void add_port(const struct explain_port *port, struct buf *out)
{
	const char *mechanism = mechanism_word(port->mechanism);

	buf_printf(out, "%u %s", port->port, port_state_word(port->state));
	if (port->state != PORT_OPEN && *mechanism != '\0')
		buf_printf(out, " (%s)", mechanism);
}

void nagios_line(const struct explain_round *round,
    const struct explain_port *ports, size_t count, struct buf *out)
{
	size_t i;

	buf_printf(
	    out, "EGRESS25 %s - ", status_words[nagios_status(ports, count)]);
	if (count == 0)
		buf_append_text(out, "nothing was measured");
	for (i = 0; i < count; i++) {
		buf_append_text(out, i > 0 ? ", " : "");
		add_port(&ports[i], out);
	}
	buf_append_text(out, " |");
	for (i = 0; i < count; i++)
		add_data(round, ports[i].port, out);
	buf_append_char(out, '\n');
}

void nagios_error(const char *sentence, struct buf *out)
{
	buf_append_text(out, "EGRESS25 UNKNOWN - ");
	/* What follows a bar would be read as performance data. */
	for (; *sentence != '\0'; sentence++)
		buf_append_char(out, *sentence == '|' ? '/' : *sentence);
	buf_append_char(out, '\n');
}
