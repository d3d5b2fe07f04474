/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/breaks.h"

#include <string.h>

#include "lib/diagnose/looks.h"

int breaks_distance_least(
    const struct evidence *evidence, const struct port_evidence *port)
{
	int hops = evidence_control_hops(evidence, port);
	int router = looks_farthest_router(evidence, port);

	if (router > 0 && router + 1 > hops)
		return router + 1;
	return hops > 0 ? hops : 0;
}

bool breaks_is_own_distance(
    const struct evidence *evidence, const struct port_evidence *port, int ttl)
{
	int least = breaks_distance_least(evidence, port);

	if (least == 0 || ttl < least)
		return false;
	return ttl == least ||
	       evidence_control_hops(evidence, port) != OBSERVE_ABSENT;
}

/* Ports whose packets go the way of `port` up to its last hop. */
static void find_fellows(const struct evidence *evidence,
    const struct port_evidence *port, int after,
    bool fellows[EVIDENCE_PORTS_MAX])
{
	const struct port_evidence *other;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		other = &evidence->ports[i];
		fellows[i] = other != port && other->traced &&
			     looks_same_way(port, other, after);
	}
}

/* How often a router at `ttl` answered the fellow that it answered most often.
 * NULL: none of them. */
static const struct looks *best_control(const struct evidence *evidence,
    const bool fellows[EVIDENCE_PORTS_MAX], int ttl)
{
	const struct looks *looks, *best = NULL;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		looks = &evidence->ports[i].looks[ttl];
		if (!fellows[i] || !looks_by_router(evidence, looks))
			continue;
		if (best == NULL || looks->answered > best->answered ||
		    (looks->answered == best->answered &&
			looks->asked < best->asked) ||
		    (looks->answered == best->answered &&
			looks->asked == best->asked &&
			looks_comes_first(looks->hop, best->hop)))
			best = looks;
	}
	return best;
}

/* That a router which answers one port so often never answers another one in
 * so many looks. One look more counts as failed: a few looks are few. */
static double chance_of(const struct looks *control, int asked)
{
	double silent = 1 - (double)control->answered / (control->asked + 1);
	double chance = 1;

	while (asked-- > 0 && chance > 1e-9)
		chance *= silent;
	return chance;
}

/* Another port was answered by the endpoint itself at this TTL. */
static bool is_answered_at(
    const struct evidence *evidence, const struct port_evidence *port, int ttl)
{
	size_t i;

	for (i = 0; i < evidence->nports; i++)
		if (&evidence->ports[i] != port &&
		    evidence_answer_ttl(&evidence->ports[i]) == ttl)
			return true;
	return false;
}

static bool asked_up_to(const struct port_evidence *port, int ttl)
{
	for (; ttl > 0; ttl--)
		if (port->looks[ttl].asked == 0)
			return false;
	return true;
}

void breaks_find(const struct evidence *evidence,
    const struct port_evidence *port, struct path_break *out)
{
	int distance = breaks_distance_least(evidence, port), ttl;
	bool fellows[EVIDENCE_PORTS_MAX];
	const struct looks *control;
	double chance;

	memset(out, 0, sizeof(*out));
	out->after = looks_last_hop(port);
	out->before = OBSERVE_ABSENT;
	out->chance = 1;
	out->chance_with_last = 1;
	find_fellows(evidence, port, out->after, fellows);
	for (ttl = out->after + 1; ttl <= OBSERVE_HOPS_MAX; ttl++) {
		control = best_control(evidence, fellows, ttl);
		if (out->before == OBSERVE_ABSENT &&
		    (control != NULL || is_answered_at(evidence, port, ttl)))
			out->before = ttl;
		if (control == NULL)
			continue;
		chance = chance_of(control, port->looks[ttl].asked);
		out->chance_with_last *= chance;
		if (ttl < distance - 1)
			out->chance *= chance;
		else
			out->last_router = control->hop;
	}
	out->closed = out->before != OBSERVE_ABSENT &&
		      asked_up_to(port, out->before);
}
