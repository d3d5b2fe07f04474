/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_NAGIOS_H
#define EGRESS25_AGENT_EXPLAIN_NAGIOS_H

/* One line with performance data, as the Monitoring Plugins Development
 * Guidelines have it. Pure. */

#include "agent/explain/explain_round.h"
#include "agent/explain/port_state.h"
#include "lib/base/buf.h"

/* The values are the exit codes. */
enum nagios_status {
	NAGIOS_OK,
	NAGIOS_WARNING,
	NAGIOS_CRITICAL,
	NAGIOS_UNKNOWN,
	NAGIOS_COUNT
};

/* OK: every asked port is open, or refused by the endpoint itself. CRITICAL:
 * one is filtered, intercepted or local. WARNING: one is so at some endpoints
 * only, or the endpoint itself is at fault. UNKNOWN: it cannot be told. The
 * worst of all ports counts: CRITICAL, then WARNING, then UNKNOWN. */
enum nagios_status nagios_status(
    const struct explain_port *ports, size_t count);

/* Append "EGRESS25 OK - 25 open, 587 open | ..." and a line end. Performance
 * data, for each port: how many addresses are reachable (of how many), and the
 * fastest TCP handshake in ms. */
void nagios_line(const struct explain_round *round,
    const struct explain_port *ports, size_t count, struct buf *out);

/* The line for an error that kept the check from running. */
void nagios_error(const char *sentence, struct buf *out);

#endif
