/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/port_states.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How much an outcome weighs where the addresses of an endpoint differ; 0: it
 * tells nothing of the network. */
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

static struct outlook_seen *find_seen(const struct outlook *outlook,
    const char *endpoint, uint8_t family, uint16_t port)
{
	struct outlook_seen *seen;
	size_t i;

	for (i = 0; i < outlook->nseen; i++) {
		seen = &outlook->seen[i];
		if (seen->port == port && seen->family == family &&
		    strcmp(seen->endpoint, endpoint) == 0)
			return seen;
	}
	return NULL;
}

int outlook_add_seen(struct outlook *outlook, const struct outlook_seen *seen)
{
	struct outlook_seen *known = find_seen(
	    outlook, seen->endpoint, seen->family, seen->port);
	struct outlook_seen *grown;

	if (known != NULL) {
		*known = *seen;
		return 0;
	}
	grown = realloc(outlook->seen, (outlook->nseen + 1) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	outlook->seen = grown;
	grown[outlook->nseen++] = *seen;
	return 0;
}

static int compare_ports(const void *a, const void *b)
{
	const struct outlook_port *left = a, *right = b;

	if (left->family != right->family)
		return left->family - right->family;
	return left->port - right->port;
}

static struct outlook_port *find_port(
    const struct outlook *outlook, uint8_t family, uint16_t port)
{
	size_t i;

	for (i = 0; i < outlook->nports; i++)
		if (outlook->ports[i].family == family &&
		    outlook->ports[i].port == port)
			return &outlook->ports[i];
	return NULL;
}

int outlook_add_port(struct outlook *outlook, const struct outlook_port *port)
{
	struct outlook_port *known = find_port(
	    outlook, port->family, port->port);
	struct outlook_port *grown;

	if (known != NULL) {
		*known = *port;
		return 0;
	}
	grown = realloc(outlook->ports, (outlook->nports + 1) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	outlook->ports = grown;
	grown[outlook->nports++] = *port;
	qsort(grown, outlook->nports, sizeof(*grown), compare_ports);
	return 0;
}

/* --- one endpoint of a round --- */

static const struct target_seen *target_of(
    const struct explain_round *round, size_t item)
{
	return &round->report->targets[round->items[item].target];
}

static bool is_same_place(const struct explain_round *round, size_t a, size_t b)
{
	const struct target_seen *left = target_of(round, a);
	const struct target_seen *right = target_of(round, b);

	return left->family == right->family &&
	       round->items[a].diagnosis.port ==
		   round->items[b].diagnosis.port &&
	       strcmp(left->endpoint, right->endpoint) == 0;
}

/* Of the items of its endpoint, family and port, the first one that weighs
 * most: that one speaks for them. */
static bool speaks(const struct explain_round *round, size_t item)
{
	int own = weight(round->items[item].diagnosis.outcome), other;
	size_t i;

	for (i = 0; i < round->count; i++) {
		if (i == item || !is_same_place(round, i, item))
			continue;
		other = weight(round->items[i].diagnosis.outcome);
		if (other > own || (other == own && i < item))
			return false;
	}
	return own > 0;
}

static bool is_news(const struct outlook *outlook,
    const struct target_seen *target, const struct diagnosis *diagnosis)
{
	const struct outlook_seen *seen = find_seen(
	    outlook, target->endpoint, target->family, diagnosis->port);

	return seen != NULL && (seen->outcome != diagnosis->outcome ||
				   seen->mechanism != diagnosis->mechanism);
}

struct outlook_word outlook_judge(const struct outlook *outlook,
    const struct explain_round *round, const char *endpoint)
{
	struct outlook_word word = {false, false};
	const struct diagnosis *diagnosis;
	bool refused = false, reached = false;
	size_t i;

	for (i = 0; i < round->count; i++) {
		if (strcmp(target_of(round, i)->endpoint, endpoint) != 0)
			continue;
		diagnosis = &round->items[i].diagnosis;
		if (diagnosis->mechanism == MECHANISM_REJECTED)
			word.turned_away = true;
		else if (diagnosis->outcome == OUTCOME_REACHABLE)
			reached = true;
		if (diagnosis->mechanism == MECHANISM_REFUSED)
			refused = true;
		if (speaks(round, i) &&
		    is_news(outlook, target_of(round, i), diagnosis))
			word.changed = true;
	}
	word.turned_away |= refused && !reached;
	return word;
}

/* --- all of a round --- */

static enum port_state state_of(
    const struct outlook *outlook, uint8_t family, uint16_t port)
{
	static const enum port_state states[OUTCOME_COUNT] = {
	    [OUTCOME_LOCAL] = PORT_LOCAL,
	    [OUTCOME_FILTERED] = PORT_FILTERED,
	    [OUTCOME_INTERCEPTED] = PORT_INTERCEPTED,
	};
	enum outcome worst = OUTCOME_UNKNOWN;
	bool reached = false;
	size_t i;

	for (i = 0; i < outlook->nseen; i++) {
		const struct outlook_seen *seen = &outlook->seen[i];

		if (seen->family != family || seen->port != port)
			continue;
		if (seen->outcome == OUTCOME_REACHABLE)
			reached = true;
		else if (weight(seen->outcome) > weight(worst))
			worst = seen->outcome;
	}
	if (weight(worst) == 0)
		return reached ? PORT_OPEN : PORT_UNKNOWN;
	return reached ? PORT_MIXED : states[worst];
}

static int update_port(
    struct outlook *outlook, uint8_t family, uint16_t port, int64_t now_ms)
{
	const struct outlook_port *known = find_port(outlook, family, port);
	struct outlook_port fresh = {
	    .family = family,
	    .port = port,
	    .state = state_of(outlook, family, port),
	    .since_ms = now_ms,
	    .last_ms = now_ms,
	};

	if (known != NULL && known->state == fresh.state)
		fresh.since_ms = known->since_ms;
	return outlook_add_port(outlook, &fresh);
}

static int take_item(struct outlook *outlook, const struct explain_round *round,
    size_t item, int64_t now_ms)
{
	const struct diagnosis *diagnosis = &round->items[item].diagnosis;
	const struct target_seen *target = target_of(round, item);
	struct outlook_seen seen = {
	    .family = target->family,
	    .port = diagnosis->port,
	    .outcome = diagnosis->outcome,
	    .mechanism = diagnosis->mechanism,
	    .at_ms = now_ms,
	};

	memcpy(seen.endpoint, target->endpoint, sizeof(seen.endpoint));
	return outlook_add_seen(outlook, &seen);
}

int outlook_take(
    struct outlook *outlook, const struct explain_round *round, int64_t now_ms)
{
	int error = 0;
	size_t i;

	for (i = 0; error == 0 && i < round->count; i++)
		if (speaks(round, i))
			error = take_item(outlook, round, i, now_ms);
	for (i = 0; error == 0 && i < round->count; i++)
		if (speaks(round, i))
			error = update_port(outlook,
			    target_of(round, i)->family,
			    round->items[i].diagnosis.port, now_ms);
	return error;
}

void outlook_forget(struct outlook *outlook)
{
	outlook->nseen = 0;
	outlook->nports = 0;
}

void outlook_free(struct outlook *outlook)
{
	free(outlook->seen);
	free(outlook->ports);
	memset(outlook, 0, sizeof(*outlook));
}
