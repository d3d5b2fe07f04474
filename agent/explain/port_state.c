/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/port_state.h"

static const char *const words[PORT_STATES] = {
    [PORT_OPEN] = "open",
    [PORT_FILTERED] = "filtered",
    [PORT_INTERCEPTED] = "intercepted",
    [PORT_LOCAL] = "local",
    [PORT_ENDPOINT] = "endpoint",
    [PORT_UNKNOWN] = "unknown",
    [PORT_MIXED] = "mixed",
};

const char *port_state_word(enum port_state state)
{
	return (unsigned)state < PORT_STATES ? words[state] : "";
}

bool port_state_is_stopped(enum port_state state)
{
	return state == PORT_FILTERED || state == PORT_INTERCEPTED ||
	       state == PORT_LOCAL || state == PORT_MIXED;
}

const struct explain_port *port_state_find(
    const struct explain_port *ports, size_t count, uint16_t port)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (ports[i].port == port)
			return &ports[i];
	return NULL;
}
