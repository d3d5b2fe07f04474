/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/port_states.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Which outcome wins if the addresses of an endpoint differ; 0: it says nothing
 * about the network. */
static int weight(enum outcome outcome)
{
	static const int weights[OUTCOME_COUNT] = {
	    [OUTCOME_REACHABLE] = 1,
	    [OUTCOME_LOCAL] = 2,
	    [OUTCOME_FILTERED] = 3,
	    [OUTCOME_INTERCEPTED] = 4,
	};

	return (unsigned)outcome < OUTCOME_COUNT ? weights[outcome] : 0;
}

static struct port_states_seen *find_seen(const struct port_states *states,
    const char *endpoint, uint8_t family, uint16_t port)
{
	struct port_states_seen *seen;
	size_t i;

	for (i = 0; i < states->nseen; i++) {
		seen = &states->seen[i];
		if (seen->port == port && seen->family == family &&
		    strcmp(seen->endpoint, endpoint) == 0)
			return seen;
	}
	return NULL;
}

int port_states_add_seen(
    struct port_states *states, const struct port_states_seen *seen)
{
	struct port_states_seen *known = find_seen(
	    states, seen->endpoint, seen->family, seen->port);
	struct port_states_seen *grown;

	if (known != NULL) {
		*known = *seen;
		return 0;
	}
	grown = realloc(states->seen, (states->nseen + 1) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	states->seen = grown;
	grown[states->nseen++] = *seen;
	return 0;
}

static int compare_ports(const void *a, const void *b)
{
	const struct port_states_port *left = a, *right = b;

	if (left->family != right->family)
		return left->family - right->family;
	return left->port - right->port;
}

static struct port_states_port *find_port(
    const struct port_states *states, uint8_t family, uint16_t port)
{
	size_t i;

	for (i = 0; i < states->nports; i++)
		if (states->ports[i].family == family &&
		    states->ports[i].port == port)
			return &states->ports[i];
	return NULL;
}

int port_states_add_port(
    struct port_states *states, const struct port_states_port *port)
{
	struct port_states_port *known = find_port(
	    states, port->family, port->port);
	struct port_states_port *grown;

	if (known != NULL) {
		*known = *port;
		return 0;
	}
	grown = realloc(states->ports, (states->nports + 1) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	states->ports = grown;
	grown[states->nports++] = *port;
	qsort(grown, states->nports, sizeof(*grown), compare_ports);
	return 0;
}

/* --- one endpoint of a round --- */

static const struct target_seen *target_of(
    const struct explain_round *round, size_t item)
{
	return &round->report->targets[round->items[item].target];
}

static bool is_same_port(const struct explain_round *round, size_t a, size_t b)
{
	const struct target_seen *left = target_of(round, a);
	const struct target_seen *right = target_of(round, b);

	return left->family == right->family &&
	       round->items[a].diagnosis.port ==
		   round->items[b].diagnosis.port &&
	       strcmp(left->endpoint, right->endpoint) == 0;
}

/* Whether this item is the worst of its endpoint, family and port (the first of
 * equals), and so represents them. */
static bool represents(const struct explain_round *round, size_t item)
{
	int own = weight(round->items[item].diagnosis.outcome), other;
	size_t i;

	for (i = 0; i < round->count; i++) {
		if (i == item || !is_same_port(round, i, item))
			continue;
		other = weight(round->items[i].diagnosis.outcome);
		if (other > own || (other == own && i < item))
			return false;
	}
	return own > 0;
}

static bool differs_from_last(const struct port_states *states,
    const struct target_seen *target, const struct diagnosis *diagnosis)
{
	const struct port_states_seen *seen = find_seen(
	    states, target->endpoint, target->family, diagnosis->port);

	return seen != NULL && (seen->outcome != diagnosis->outcome ||
				   seen->mechanism != diagnosis->mechanism);
}

struct port_states_news port_states_compare(const struct port_states *states,
    const struct explain_round *round, const char *endpoint)
{
	struct port_states_news news = {false, false};
	const struct diagnosis *diagnosis;
	bool refused = false, reached = false;
	size_t i;

	for (i = 0; i < round->count; i++) {
		if (strcmp(target_of(round, i)->endpoint, endpoint) != 0)
			continue;
		diagnosis = &round->items[i].diagnosis;
		if (diagnosis->mechanism == MECHANISM_REJECTED)
			news.turned_away = true;
		else if (diagnosis->outcome == OUTCOME_REACHABLE)
			reached = true;
		if (diagnosis->mechanism == MECHANISM_REFUSED)
			refused = true;
		if (represents(round, i) &&
		    differs_from_last(states, target_of(round, i), diagnosis))
			news.changed = true;
	}
	news.turned_away |= refused && !reached;
	return news;
}

/* --- a whole round --- */

static enum port_state state_of(
    const struct port_states *states, uint8_t family, uint16_t port)
{
	static const enum port_state failed[OUTCOME_COUNT] = {
	    [OUTCOME_LOCAL] = PORT_LOCAL,
	    [OUTCOME_FILTERED] = PORT_FILTERED,
	    [OUTCOME_INTERCEPTED] = PORT_INTERCEPTED,
	};
	enum outcome worst = OUTCOME_UNKNOWN;
	bool reached = false;
	size_t i;

	for (i = 0; i < states->nseen; i++) {
		const struct port_states_seen *seen = &states->seen[i];

		if (seen->family != family || seen->port != port)
			continue;
		if (seen->outcome == OUTCOME_REACHABLE)
			reached = true;
		else if (weight(seen->outcome) > weight(worst))
			worst = seen->outcome;
	}
	if (weight(worst) == 0)
		return reached ? PORT_OPEN : PORT_UNKNOWN;
	return reached ? PORT_MIXED : failed[worst];
}

static int update_port(
    struct port_states *states, uint8_t family, uint16_t port, int64_t now_ms)
{
	const struct port_states_port *known = find_port(states, family, port);
	struct port_states_port fresh = {
	    .family = family,
	    .port = port,
	    .state = state_of(states, family, port),
	    .since_ms = now_ms,
	    .last_ms = now_ms,
	};

	if (known != NULL && known->state == fresh.state)
		fresh.since_ms = known->since_ms;
	return port_states_add_port(states, &fresh);
}

static int take_item(struct port_states *states,
    const struct explain_round *round, size_t item, int64_t now_ms)
{
	const struct diagnosis *diagnosis = &round->items[item].diagnosis;
	const struct target_seen *target = target_of(round, item);
	struct port_states_seen seen = {
	    .family = target->family,
	    .port = diagnosis->port,
	    .outcome = diagnosis->outcome,
	    .mechanism = diagnosis->mechanism,
	    .at_ms = now_ms,
	};

	memcpy(seen.endpoint, target->endpoint, sizeof(seen.endpoint));
	return port_states_add_seen(states, &seen);
}

int port_states_update(struct port_states *states,
    const struct explain_round *round, int64_t now_ms)
{
	int error = 0;
	size_t i;

	for (i = 0; error == 0 && i < round->count; i++)
		if (represents(round, i))
			error = take_item(states, round, i, now_ms);
	for (i = 0; error == 0 && i < round->count; i++)
		if (represents(round, i))
			error = update_port(states, target_of(round, i)->family,
			    round->items[i].diagnosis.port, now_ms);
	return error;
}

void port_states_forget(struct port_states *states, uint8_t family)
{
	size_t i, kept = 0;

	for (i = 0; i < states->nseen; i++)
		if (states->seen[i].family != family)
			states->seen[kept++] = states->seen[i];
	states->nseen = kept;
	for (i = kept = 0; i < states->nports; i++)
		if (states->ports[i].family != family)
			states->ports[kept++] = states->ports[i];
	states->nports = kept;
}

void port_states_free(struct port_states *states)
{
	free(states->seen);
	free(states->ports);
	memset(states, 0, sizeof(*states));
}
