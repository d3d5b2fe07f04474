/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/explain.h"

#include <string.h>

#include "agent/explain/explain_select.h"
#include "agent/explain/explain_sentence.h"

/* Put a port in its place, unless it is there. Returns the new count. */
static size_t insert_port(
    struct explain_port *ports, size_t count, size_t most, uint16_t port)
{
	size_t at = 0;

	while (at < count && explain_port_before(ports[at].port, port))
		at++;
	if (at < count && ports[at].port == port)
		return count;
	if (count == most)
		return count;
	memmove(&ports[at + 1], &ports[at], (count - at) * sizeof(*ports));
	memset(&ports[at], 0, sizeof(*ports));
	ports[at].port = port;
	return count + 1;
}

static const enum port_state state_of_outcome[OUTCOME_COUNT] = {
    [OUTCOME_REACHABLE] = PORT_OPEN,
    [OUTCOME_FILTERED] = PORT_FILTERED,
    [OUTCOME_INTERCEPTED] = PORT_INTERCEPTED,
    [OUTCOME_LOCAL] = PORT_LOCAL,
    [OUTCOME_ENDPOINT] = PORT_ENDPOINT,
    [OUTCOME_UNKNOWN] = PORT_UNKNOWN,
};

/* The commonest diagnosis of the asked endpoints with the best of these
 * outcomes: endpoints that are down, that refuse, or of which nothing can be
 * said do not outweigh those that show what the network does. */
static const struct diagnosis *commonest_of_asked(
    const struct explain_round *round, uint16_t port)
{
	static const enum outcome ranks[] = {
	    OUTCOME_REACHABLE, OUTCOME_ENDPOINT, OUTCOME_UNKNOWN};
	struct explain_selection of = {round, port, 0, 0, true};
	const struct diagnosis *most = NULL;
	size_t i;

	for (i = 0; most == NULL && i < sizeof(ranks) / sizeof(*ranks); i++) {
		of.outcomes = 1u << ranks[i];
		most = explain_commonest(&of);
	}
	return most;
}

/* All of the asked endpoints that refuse are this host itself. */
static bool is_here(const struct explain_round *round, uint16_t port)
{
	const struct explain_selection of = {
	    round, port, 1u << OUTCOME_ENDPOINT, 1u << MECHANISM_REFUSED, true};
	const struct explain_item *item;
	size_t at = 0;
	bool any = false;

	while ((item = explain_next(&of, &at)) != NULL) {
		if (!target_seen_is_self(explain_target(round, item)))
			return false;
		any = true;
	}
	return any;
}

/* What stops a port counts wherever it was seen; a reference that is reached
 * does not make an asked endpoint reachable. */
static void sum_up(const struct explain_round *round, struct explain_port *port)
{
	struct explain_selection of = {
	    round, port->port, EXPLAIN_STOPPED, 0, false};
	const struct diagnosis *most = explain_commonest(&of);
	bool stopped = most != NULL;

	of.outcomes = 1u << OUTCOME_REACHABLE;
	if (!stopped)
		most = commonest_of_asked(round, port->port);
	if (stopped && explain_count(&of) > 0)
		port->state = PORT_MIXED;
	else
		port->state = state_of_outcome[most->outcome];
	port->mechanism = most->mechanism;
	port->where = most->where;
	port->here = port->state == PORT_ENDPOINT &&
		     port->mechanism == MECHANISM_REFUSED &&
		     is_here(round, port->port);
}

size_t explain_ports(
    const struct explain_round *round, struct explain_port *out, size_t most)
{
	size_t i, count = 0;

	for (i = 0; i < round->count; i++)
		if (!explain_is_reference(round, &round->items[i]))
			count = insert_port(
			    out, count, most, round->items[i].diagnosis.port);
	for (i = 0; i < count; i++)
		sum_up(round, &out[i]);
	for (i = 0; i < count; i++)
		explain_sentence(round, out, count, &out[i]);
	return count;
}

/* A refusal by the endpoint itself proves that the network lets the port
 * through. */
static bool is_fine(const struct explain_port *port)
{
	return port->state == PORT_OPEN ||
	       (port->state == PORT_ENDPOINT &&
		   port->mechanism == MECHANISM_REFUSED);
}

int explain_exit_code(const struct explain_port *ports, size_t count)
{
	size_t i, fine = 0;

	for (i = 0; i < count; i++) {
		if (port_state_is_stopped(ports[i].state))
			return 1;
		fine += is_fine(&ports[i]);
	}
	return count > 0 && fine == count ? 0 : 3;
}
