/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/explain/explain_select.h"
#include "agent/explain/explain_sentence.h"
#include "lib/config/endpoints.h"

static const char *const port_state_words[PORT_STATES] = {
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
	return (unsigned)state < PORT_STATES ? port_state_words[state] : "";
}

/* Room for all the ports of one target more. */
static int make_room(struct explain_round *round)
{
	struct explain_item *grown;

	grown = realloc(
	    round->items, (round->count + DIAGNOSE_PORTS_MAX) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	round->items = grown;
	return 0;
}

static int rank_of(uint16_t port)
{
	static const uint16_t first[] = {25, 587, 465};
	int i;

	for (i = 0; i < 3; i++)
		if (first[i] == port)
			return i;
	return 3;
}

static bool comes_before(uint16_t a, uint16_t b)
{
	if (rank_of(a) != rank_of(b))
		return rank_of(a) < rank_of(b);
	return a < b;
}

static int compare_ports(const void *a, const void *b)
{
	const struct diagnosis *left = a, *right = b;

	if (left->port == right->port)
		return 0;
	return comes_before(left->port, right->port) ? -1 : 1;
}

static int add_target(struct explain_round *round,
    const struct endpoint_list *endpoints, const struct round_known *known,
    size_t index)
{
	const struct target_seen *target = &known->targets[index];
	struct diagnosis found[DIAGNOSE_PORTS_MAX];
	const struct endpoint *endpoint = NULL;
	size_t i, count;

	if (make_room(round) != 0)
		return -ENOMEM;
	if (endpoints != NULL)
		endpoint = endpoints_find(endpoints, target->endpoint);
	count = diagnose_target(
	    target, endpoint ? &endpoint->known : NULL, known, found);
	qsort(found, count, sizeof(*found), compare_ports);
	for (i = 0; i < count; i++) {
		round->items[round->count].target = index;
		round->items[round->count++].diagnosis = found[i];
	}
	return 0;
}

int explain_round(const struct report *report,
    const struct endpoint_list *endpoints, struct explain_round *round)
{
	struct round_known known;
	size_t i;

	memset(round, 0, sizeof(*round));
	round->report = report;
	round_know(&known, report->targets, report->ntargets);
	for (i = 0; i < report->ntargets; i++)
		if (add_target(round, endpoints, &known, i) != 0) {
			explain_free(round);
			return -ENOMEM;
		}
	return 0;
}

void explain_free(struct explain_round *round)
{
	free(round->items);
	memset(round, 0, sizeof(*round));
}

/* Put a port in its place, unless it is there. Returns the new count. */
static size_t insert_port(
    struct explain_port *ports, size_t count, size_t most, uint16_t port)
{
	size_t at = 0;

	while (at < count && comes_before(ports[at].port, port))
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

/* Endpoints that are down, that refuse, or of which nothing can be said do
 * not outweigh those that show what the network does. */
static void sum_up(const struct explain_round *round, struct explain_port *port)
{
	struct explain_selection of = {round, port->port, EXPLAIN_STOPPED, 0};
	const struct diagnosis *most = explain_commonest(&of);
	bool stopped = most != NULL;

	of.outcomes = 1u << OUTCOME_REACHABLE;
	if (stopped && explain_count(&of) > 0) {
		port->state = PORT_MIXED;
	} else {
		if (!stopped)
			most = explain_commonest(&of);
		of.outcomes = 1u << OUTCOME_ENDPOINT;
		if (most == NULL)
			most = explain_commonest(&of);
		of.outcomes = 1u << OUTCOME_UNKNOWN;
		if (most == NULL)
			most = explain_commonest(&of);
		port->state = state_of_outcome[most->outcome];
	}
	port->mechanism = most->mechanism;
	port->where = most->where;
}

size_t explain_ports(
    const struct explain_round *round, struct explain_port *out, size_t most)
{
	size_t i, count = 0;

	for (i = 0; i < round->count; i++)
		count = insert_port(
		    out, count, most, round->items[i].diagnosis.port);
	for (i = 0; i < count; i++)
		sum_up(round, &out[i]);
	for (i = 0; i < count; i++)
		explain_sentence(round, out, count, &out[i]);
	return count;
}

int explain_exit_code(const struct explain_port *ports, size_t count)
{
	size_t i, open = 0;

	for (i = 0; i < count; i++) {
		if (ports[i].state == PORT_OPEN)
			open++;
		else if (ports[i].state != PORT_ENDPOINT &&
			 ports[i].state != PORT_UNKNOWN)
			return 1;
	}
	return count > 0 && open == count ? 0 : 3;
}
