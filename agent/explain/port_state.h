/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_PORT_STATE_H
#define EGRESS25_AGENT_EXPLAIN_PORT_STATE_H

#include "lib/diagnose/diagnose.h"
#include "lib/report/vocabulary.h"

/* The state of a port over all endpoints and families (contract, section 2). */
enum port_state {
	PORT_OPEN,
	PORT_FILTERED,
	PORT_INTERCEPTED,
	PORT_LOCAL,
	PORT_ENDPOINT,
	PORT_UNKNOWN,
	PORT_MIXED,
	PORT_STATES
};

struct explain_port {
	uint16_t port;
	enum port_state state;
	enum mechanism mechanism; /* of the state; MECHANISM_COUNT: none */
	enum where where;
	bool here; /* it is this host itself that refuses, and it was asked */
	char because[600]; /* the sentence for a ticket */
};

const char *port_state_word(enum port_state state);

/* Filtered, intercepted, local, or so at some endpoints (mixed). */
bool port_state_is_stopped(enum port_state state);

/* The port's entry, or NULL. */
const struct explain_port *port_state_find(
    const struct explain_port *ports, size_t count, uint16_t port);

#endif
