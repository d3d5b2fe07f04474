/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/place.h"

#include "lib/diagnose/looks.h"

static void set_host(struct diagnosis *out)
{
	out->outcome = OUTCOME_LOCAL;
	out->where = WHERE_HOST;
	out->after_hop = 0;
}

/* Its trace ended at that TTL or before, by an answer. */
static bool is_answered_by(const struct port_evidence *port, int ttl)
{
	return (port->nearest != NULL && port->nearest->answer_ttl <= ttl) ||
	       (port->icmp_path != NULL && port->icmp_path->answer_ttl <= ttl);
}

/* Whom hops are silent for. */
enum company { CONTROLS, ALL_PORTS };

/* The hops between the two were asked on every port that was traced, and are
 * silent for these: of one that answers now and then nobody knows whether it is
 * before the break. */
static bool are_silent(
    const struct view *view, int after, int before, enum company company)
{
	const struct port_evidence *port;
	size_t i;
	int ttl;

	for (i = 0; i < view->evidence->nports; i++) {
		port = &view->evidence->ports[i];
		for (ttl = after + 1; port->traced && ttl < before; ttl++)
			if ((port->looks[ttl].asked == 0 &&
				!is_answered_by(port, ttl)) ||
			    ((company == ALL_PORTS || looks_is_control(port)) &&
				port->looks[ttl].hop != NULL))
				return false;
	}
	return true;
}

/* A control port was traced. */
static bool has_traced_control(const struct view *view)
{
	size_t i;

	for (i = 0; i < view->evidence->nports; i++)
		if (view->evidence->ports[i].traced &&
		    looks_is_control(&view->evidence->ports[i]))
			return true;
	return false;
}

/* No hop lies between them of which it is not known on which side of the break
 * it is. */
static bool is_just_behind(const struct view *view, int after, int before)
{
	return before <= after + 1 ||
	       (has_traced_control(view) &&
		   are_silent(view, after, before, CONTROLS));
}

/* A router answered at TTL 1, on whatever port. */
static bool is_first_known(const struct view *view)
{
	size_t i;

	for (i = 0; i < view->evidence->nports; i++)
		if (looks_by_router(
			view->evidence, &view->evidence->ports[i].looks[1]))
			return true;
	return false;
}

/* Between the host and the first router that answers. If that is hop 1, there
 * is but a link between them; silent hops may be the provider's, also one that
 * turns back what comes in. */
static enum where before_first_hop(const struct view *view, int before)
{
	if (before == 1 && is_first_known(view))
		return WHERE_LINK;
	/* What stops behind silent hops is compared with controls alone. */
	if (before > 1 ? !are_silent(view, 0, before, CONTROLS)
		       : !are_silent(view, 0, 2, ALL_PORTS))
		return WHERE_NETWORK;
	switch (view->evidence->target->own_address) {
	case OWN_PUBLIC:
		return WHERE_PATH;
	case OWN_PRIVATE:
		return WHERE_ACCESS;
	default:
		return WHERE_NETWORK;
	}
}

/* The first TTL at which a translator answered, if all that its packets passed
 * so far may be the home router's: what is behind a translator in it may be it,
 * too. 0: none. */
static int home_translator(const struct view *view, int after)
{
	struct addr hop;
	int ttl, first = 0;

	for (ttl = 1; ttl <= after; ttl++) {
		hop = looks_address(view->evidence, view->port, ttl);
		if (addr_is_translators(&hop))
			first = first > 0 ? first : ttl;
		else if (hop.family != 0 && !addr_is_private(&hop))
			return 0;
	}
	return first;
}

/* Behind the translator a home router forwards once more, and then there is the
 * provider's first router. */
#define HOPS_OF_ACCESS 2

static enum where behind_hop(const struct view *view, int after, int before)
{
	struct addr first = looks_address(view->evidence, view->port, 1);
	int translator = home_translator(view, after);

	if (translator > 0)
		return first.family != 0 &&
			       after <= translator + HOPS_OF_ACCESS &&
			       is_just_behind(view, after, before)
			   ? WHERE_ACCESS
			   : WHERE_NETWORK;
	if (after > 1)
		return WHERE_PATH;
	if (first.family == 0)
		return WHERE_NETWORK;
	if (!addr_is_private(&first))
		return WHERE_PATH;
	return is_just_behind(view, 1, before) ? WHERE_ACCESS : WHERE_NETWORK;
}

/* All that its packets passed so far may be this host's own translator: the
 * routers behind it have no address of this family. */
static bool is_within_translator(const struct view *view, int after)
{
	struct addr hop;
	int ttl;

	for (ttl = 1; ttl <= after || ttl == 1; ttl++) {
		hop = looks_address(view->evidence, view->port, ttl);
		if (hop.family == 0 ? ttl == 1 : !addr_is_translators(&hop))
			return false;
	}
	return true;
}

void place_between(const struct view *view, struct diagnosis *out, int after,
    int before, enum host_proof proof)
{
	out->after_hop = after;
	out->before_hop = before;
	out->after_address = looks_address(view->evidence, view->port, after);
	if (is_within_translator(view, after) && proof != HOST_PROOF_HELD)
		out->where = WHERE_HOST_OR_PATH;
	else if (after > 0)
		out->where = behind_hop(view, after, before);
	else if (proof == HOST_PROOF_HELD)
		set_host(out);
	else if (proof == HOST_PROOF_LEFT)
		out->where = before_first_hop(view, before);
	else
		out->where = WHERE_HOST_OR_PATH;
}

int place_before(const struct view *view, int ttl)
{
	const struct port_evidence *other;
	size_t i;

	for (; ttl <= OBSERVE_HOPS_MAX; ttl++)
		for (i = 0; i < view->evidence->nports; i++) {
			other = &view->evidence->ports[i];
			if (other != view->port &&
			    (other->looks[ttl].hop != NULL ||
				evidence_answer_ttl(other) == ttl))
				return ttl;
		}
	return OBSERVE_ABSENT;
}

void place_early(const struct view *view, struct diagnosis *out, int ttl)
{
	enum host_proof proof = host_proof_of_answer(view->port);

	if (ttl == 1 || !view->port->looks[1].own) {
		place_between(view, out, ttl - 1, ttl, proof);
		return;
	}
	/* Whoever changed the destination did so before hop 1 was reached, and
	 * that it left this host does not say who. */
	place_between(view, out, 0, ttl,
	    proof == HOST_PROOF_HELD ? proof : HOST_PROOF_NONE);
}

void place_unseen(
    const struct view *view, struct diagnosis *out, enum host_proof proof)
{
	if (proof == HOST_PROOF_HELD)
		set_host(out);
	else if (proof == HOST_PROOF_LEFT || view->path.after > 0)
		out->where = WHERE_NETWORK;
	else
		out->where = WHERE_HOST_OR_PATH;
}

void place_far_end(const struct view *view, struct diagnosis *out, int distance)
{
	out->where = WHERE_FAR_END;
	out->after_hop = view->path.after;
	out->after_address = looks_address(
	    view->evidence, view->port, view->path.after);
	out->before_hop = distance;
}
