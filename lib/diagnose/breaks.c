/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/breaks.h"

#include <string.h>

#include "lib/diagnose/looks.h"

#define LOOKS_FOR_SILENCE 3 /* so many, and it is not one that was lost */
#define CHANCE_THINNED    0.02

/* The farthest router on `other`; one that answered `port` sooner stands no
 * farther than that: the way of `other` is longer, not the endpoint's. */
static int farthest_router_on(const struct evidence *evidence,
    const struct port_evidence *port, const struct port_evidence *other)
{
	int ttl, at, farthest = 0;

	for (ttl = 1; ttl <= OBSERVE_HOPS_MAX; ttl++) {
		if (!looks_by_router(evidence, &other->looks[ttl]))
			continue;
		for (at = 1; at < ttl; at++)
			if (looks_same_hop(port, at, other, ttl))
				break;
		if (at > farthest)
			farthest = at;
	}
	return farthest;
}

int breaks_distance_seen(
    const struct evidence *evidence, const struct port_evidence *port)
{
	int hops = evidence_control_hops(evidence, port), router;
	size_t i;

	for (i = 0; evidence->traced && i < evidence->nports; i++) {
		if (&evidence->ports[i] == port ||
		    evidence->ports[i].nearest != NULL)
			continue;
		router = farthest_router_on(
		    evidence, port, &evidence->ports[i]);
		if (router > 0 && router + 1 > hops)
			hops = router + 1;
	}
	return hops > 0 ? hops : 0;
}

/* A far side that answers from there may do so from nearer, if the SYNs of
 * lower TTLs may have been lost. */
static int least_of_answer(const struct port_evidence *port)
{
	int ttl = evidence_answer_ttl(port);
	const struct looks *looks;

	for (; ttl > 1; ttl--) {
		looks = &port->looks[ttl - 1];
		if (looks->hop != NULL || looks->asked >= LOOKS_FOR_SILENCE)
			break;
	}
	return ttl;
}

int breaks_least_of(
    const struct evidence *evidence, const struct port_evidence *port)
{
	int ttl;

	if (!port->traced)
		return 0; /* most ports; no TTL has a look */
	if (port->nearest != NULL)
		return least_of_answer(port);
	for (ttl = OBSERVE_HOPS_MAX; ttl > 0; ttl--)
		if (looks_by_router(evidence, &port->looks[ttl]))
			return ttl + 1;
	return 0;
}

int breaks_distance_least(
    const struct evidence *evidence, const struct port_evidence *port)
{
	int least = 0, ttl;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		if (&evidence->ports[i] == port)
			continue;
		ttl = breaks_least_of(evidence, &evidence->ports[i]);
		if (ttl > least)
			least = ttl;
	}
	return least;
}

/* An answer at `ttl` comes from behind the hop that is the last one before a
 * port which is answered from as far as any. */
static bool is_behind_last_hop(
    const struct evidence *evidence, const struct port_evidence *port, int ttl)
{
	int seen = breaks_distance_seen(evidence, port), far;
	size_t i;

	for (i = 0; ttl > 1 && i < evidence->nports; i++) {
		far = evidence_answer_ttl(&evidence->ports[i]);
		if (&evidence->ports[i] != port && far > 1 && far >= seen &&
		    looks_same_hop(port, ttl - 1, &evidence->ports[i], far - 1))
			return true;
	}
	return false;
}

bool breaks_is_own_distance(
    const struct evidence *evidence, const struct port_evidence *port, int ttl)
{
	int seen = breaks_distance_seen(evidence, port);

	if (is_behind_last_hop(evidence, port, ttl))
		return true;
	if (seen == 0 || ttl < seen)
		return false;
	return ttl == seen ||
	       evidence_control_hops(evidence, port) != OBSERVE_ABSENT;
}

/* Ports whose packets go the way of `port` up to its last hop; of each, the
 * TTLs at which it is behind that hop. If no hop answered on `port`, nothing
 * shows its way: it is then compared with control ports alone, because it is
 * mail ports that people send through a tunnel. False: there are none. */
static bool find_fellows(const struct evidence *evidence,
    const struct port_evidence *port, int after,
    uint32_t behind[EVIDENCE_PORTS_MAX])
{
	const struct port_evidence *other;
	bool any = false;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		other = &evidence->ports[i];
		behind[i] = 0;
		if (other != port && other->traced &&
		    looks_same_way(port, other, after) &&
		    (after > 0 || looks_is_control(other)))
			behind[i] = looks_behind(port, other, after);
		any |= behind[i] != 0;
	}
	return any;
}

/* How often a router at `ttl` answered the fellow that it answered most often.
 * NULL: none of them. */
static const struct looks *best_control(const struct evidence *evidence,
    const uint32_t behind[EVIDENCE_PORTS_MAX], int ttl)
{
	const struct looks *looks, *best = NULL;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		looks = &evidence->ports[i].looks[ttl];
		if (!(behind[i] >> ttl & 1) ||
		    !looks_by_router(evidence, looks))
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
 * so many looks. The larger of two estimates: that it answers each as often,
 * where one look more counts as failed, since a few looks are few; and look by
 * look, of all rates at which it may answer (Jeffreys' prior), since one answer
 * to one look does not stand for a router that answers every other one. */
static double chance_of(const struct looks *control, int asked)
{
	double silent = 1 - (double)control->answered / (control->asked + 1);
	double missed = control->asked - control->answered + .5;
	double alike = 1, by_look = 1;
	int i;

	for (i = 0; i < asked; i++) {
		alike *= silent;
		by_look *= (missed + i) / (control->asked + 1 + i);
	}
	return alike > by_look ? alike : by_look;
}

bool breaks_asked_up_to(const struct port_evidence *port, int ttl)
{
	for (; ttl > 0; ttl--)
		if (port->looks[ttl].asked == 0)
			return false;
	return true;
}

/* That a router which answers so often answers no more than `answered` of so
 * many looks; again with one look more that failed. */
static double chance_of_few(
    const struct looks *control, int answered, int asked)
{
	double each = (double)control->answered / (control->asked + 1);
	double odds = each / (1 - each), exactly = 1, sum;
	int i;

	for (i = 0; i < asked; i++)
		exactly *= 1 - each;
	sum = exactly;
	for (i = 1; i <= answered; i++) {
		exactly *= odds * (asked - i + 1) / i;
		sum += exactly;
	}
	return sum;
}

/* Some packets of `port` get past a place at which most of them end: the router
 * at `ttl` answers `other` more often than chance allows. */
static bool is_thinned_at(const struct evidence *evidence,
    const struct port_evidence *port, const struct port_evidence *other,
    int ttl)
{
	const struct looks *own = &port->looks[ttl];
	const struct looks *control = &other->looks[ttl];

	return own->asked > 0 && looks_by_router(evidence, control) &&
	       (own->hop == NULL || looks_same_hop(port, ttl, other, ttl)) &&
	       chance_of_few(control, own->answered, own->asked) <
		   CHANCE_THINNED;
}

static bool is_thinned(const struct evidence *evidence,
    const struct port_evidence *port, int after)
{
	const struct port_evidence *other;
	size_t i;
	int ttl;

	for (i = 0; i < evidence->nports; i++) {
		other = &evidence->ports[i];
		if (other == port || !other->traced ||
		    !looks_same_way(port, other, after))
			continue;
		for (ttl = 1; ttl <= after; ttl++)
			if (is_thinned_at(evidence, port, other, ttl))
				return true;
	}
	return false;
}

/* Multiply; at the TTL where chance is used up, the packets have stopped. */
static void add_contrast(double *chance, double by, int ttl, int *before)
{
	*chance *= by;
	if (*before == OBSERVE_ABSENT && *chance <= BREAKS_CHANCE_MOST)
		*before = ttl;
}

void breaks_find(const struct evidence *evidence,
    const struct port_evidence *port, struct path_break *out)
{
	int distance, ttl;
	double chance = 1, chance_with_last = 1, by;
	uint32_t behind[EVIDENCE_PORTS_MAX];
	const struct looks *control;

	memset(out, 0, sizeof(*out));
	out->before = OBSERVE_ABSENT;
	out->before_with_last = OBSERVE_ABSENT;
	if (!evidence->traced)
		return;
	out->after = looks_last_hop(port);
	out->thinned = is_thinned(evidence, port, out->after);
	if (!find_fellows(evidence, port, out->after, behind))
		return;
	distance = breaks_distance_least(evidence, port);
	for (ttl = out->after + 1; ttl <= OBSERVE_HOPS_MAX; ttl++) {
		control = best_control(evidence, behind, ttl);
		if (control == NULL)
			continue;
		out->contrast = true;
		by = chance_of(control, port->looks[ttl].asked);
		add_contrast(
		    &chance_with_last, by, ttl, &out->before_with_last);
		if (ttl < distance - 1)
			add_contrast(&chance, by, ttl, &out->before);
		else
			out->last_router = control->hop;
	}
}
