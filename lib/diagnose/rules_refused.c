/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/rules_refused.h"

#include <stdio.h>

#include "lib/diagnose/looks.h"
#include "lib/diagnose/owner.h"
#include "lib/diagnose/place.h"

/* --- RST --- */

static bool is_path_reset(const struct view *view, struct suspicion *early)
{
	return suspicion_of(view->evidence, view->port, view->known,
		   SUSPICION_EARLY_RESET, early) &&
	       view_is_beyond_doubt(view, early);
}

/* The target's own address answers as a hop there: a host with containers. */
static bool is_own_hop(const struct view *view, int ttl)
{
	const struct looks *looks;
	size_t i;

	for (i = 0; i < view->evidence->nports; i++) {
		looks = &view->evidence->ports[i].looks[ttl];
		if (looks->hop != NULL &&
		    !looks_by_router(view->evidence, looks))
			return true;
	}
	return false;
}

bool rule_refused(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;
	int ttl = evidence_answer_ttl(port);
	int seen = breaks_distance_seen(view->evidence, port);
	struct suspicion early;

	if (port->refused == 0)
		return false;
	if (port->connected + port->timeouts > 0) {
		view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return view_say(out,
		    "of %d connects %d were refused, %d passed and %d were not "
		    "answered: perhaps on one of two ways alone; another "
		    "endpoint would decide",
		    port->tries, port->refused, port->connected,
		    port->timeouts);
	}
	if (is_path_reset(view, &early)) {
		view_decide(out, OUTCOME_FILTERED, MECHANISM_RESET);
		place_early(view, out, early.ttl);
		return view_say(out,
		    "a reset comes already at hop %d; the endpoint is %d hops "
		    "away or more",
		    early.ttl, early.ttl + early.gap);
	}
	if (ttl == OBSERVE_ABSENT || seen == 0) {
		view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return view_say(out,
		    "refused; only a path trace of this port and of another "
		    "one would tell whether the endpoint or the path said so");
	}
	if (breaks_is_own_distance(view->evidence, port, ttl) ||
	    is_own_hop(view, ttl) ||
	    suspicion_accepts_from(view->evidence, port, ttl)) {
		view_decide(out, OUTCOME_ENDPOINT, MECHANISM_REFUSED);
		return view_say(out,
		    "the refusal comes from the endpoint's own distance "
		    "(%d hops)",
		    ttl);
	}
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return view_say(out,
	    "a reset comes at hop %d, nearer than packets to other ports go, "
	    "but not by a path known to be the same, or from where the "
	    "endpoint's balancer may be; other owners' endpoints would decide",
	    ttl);
}

/* --- ICMP --- */

static bool is_silent_everywhere(const struct view *view)
{
	size_t i;

	for (i = 0; i < view->evidence->nports; i++)
		if (evidence_answered(&view->evidence->ports[i]))
			return false;
	return true;
}

/* Every port of this address that got an ICMP error got "nobody there" from
 * the same router, and there are several. */
static bool is_down_by_icmp(const struct view *view)
{
	const struct icmp_seen *first;
	size_t i;

	if (view->port->icmp == NULL)
		return false;
	first = &view->port->icmp->icmp;
	if (!families_is_nobody_there(first) || !is_silent_everywhere(view))
		return false;
	for (i = 0; i < view->evidence->nports; i++) {
		const struct port_evidence *other = &view->evidence->ports[i];

		if (other->icmp != NULL &&
		    (!families_is_nobody_there(&other->icmp->icmp) ||
			!addr_equal(&other->icmp->icmp.from, &first->from)))
			return false;
	}
	return view->evidence->nports > 1;
}

/* The sender's TTL on this port's own way, which may be longer than others', or
 * else on any; 0: it answered nowhere. */
static int sender_hop(const struct view *view)
{
	const struct addr *from = suspicion_icmp_sender(view->port);
	const struct looks *looks = view->port->looks;
	int ttl;

	/* That may be any of many, or of this host. */
	if (addr_is_translators(from))
		return 0;
	for (ttl = 1; ttl <= OBSERVE_HOPS_MAX; ttl++)
		if (looks[ttl].hop != NULL &&
		    addr_equal(&looks[ttl].hop->address, from))
			return ttl;
	return round_hop_ttl(view->round, from);
}

/* The last TTL whose packets pass the sender, as far as is known; 0: unknown.
 * The sender may answer only now and then, so that the first ICMP came of a TTL
 * too high: nothing is made behind the hop that has its sender's address, nor
 * behind the endpoint. `*sender_is_hop`: it is by the sender's own hop. */
static int icmp_after(const struct view *view, bool *sender_is_hop)
{
	const struct path_seen *path = view->port->icmp_path;
	int sender = sender_hop(view);
	int ttl = path != NULL ? path->answer_ttl : 0;

	*sender_is_hop = sender > 0 && (ttl == 0 || ttl > sender);
	if (*sender_is_hop)
		return sender;
	if (ttl > 0 && ttl <= view->hops)
		return ttl - 1;
	return OBSERVE_ABSENT;
}

/* Where some tries got ICMP and others nothing, these left the host, too. */
static enum host_proof host_proof_of_icmp(const struct port_evidence *port)
{
	enum host_proof proof = host_proof_of_answer(port);

	if (proof == HOST_PROOF_NONE &&
	    host_proof_of_silence(port) == HOST_PROOF_LEFT)
		return HOST_PROOF_LEFT;
	return proof;
}

/* What the host's own counters and addresses say of it. */
static enum host_proof proof_of_icmp(const struct view *view)
{
	const struct addr *from = suspicion_icmp_sender(view->port);

	if (view->port->icmp != NULL && view->port->icmp->icmp.own)
		return HOST_PROOF_HELD;
	if (addr_is_translators(from))
		return HOST_PROOF_NONE;
	return round_hop_ttl(view->round, from) == 0
		   ? host_proof_of_icmp(view->port)
		   : HOST_PROOF_LEFT; /* to a router that is known */
}

static void place_icmp(const struct view *view, struct diagnosis *out)
{
	const struct addr *from = suspicion_icmp_sender(view->port);
	enum host_proof proof = proof_of_icmp(view);
	bool own = view->port->icmp != NULL && view->port->icmp->icmp.own;
	bool by_sender;
	int after = icmp_after(view, &by_sender);

	if (after == OBSERVE_ABSENT || view->family->translated || own) {
		place_unseen(view, out, proof);
		return;
	}
	place_between(view, out, after, after + 1, proof);
	if (!by_sender)
		return;
	out->after_address = *from;
	if (after == 1 && addr_is_private(from))
		out->where = WHERE_ACCESS;
}

/* Who says so stands nearer to this host than to the endpoint: he is no
 * firewall of its site, and no host of its container. At the entrance of a hop
 * it is said at the TTL that ends there. */
static bool is_from_near_here(const struct view *view)
{
	const struct path_seen *path = view->port->icmp_path;
	struct suspicion icmp = {.kind = SUSPICION_ICMP,
	    .let_in = suspicion_is_let_in(view->port, view->known)};
	bool by_sender;
	int after = icmp_after(view, &by_sender);

	if (after == OBSERVE_ABSENT)
		return false;
	icmp.place = by_sender || path == NULL ? after : path->answer_ttl;
	icmp.gap = breaks_distance_least(view->evidence, view->port) -
		   icmp.place;
	return suspicion_is_near_here(&icmp);
}

/* He stands beside no endpoint: this host says so itself, or he is near it, or
 * says so of three owners' endpoints. */
static bool is_no_sites_icmp(const struct view *view)
{
	return proof_of_icmp(view) == HOST_PROOF_HELD ||
	       is_from_near_here(view) ||
	       view_is_shown_elsewhere(view, SUSPICION_ICMP);
}

/* Another port shakes hands: whoever answers it, its packets pass. */
static bool is_another_connected(const struct view *view)
{
	size_t i;

	for (i = 0; i < view->evidence->nports; i++)
		if (&view->evidence->ports[i] != view->port &&
		    view->evidence->ports[i].connected > 0)
			return true;
	return false;
}

/* Another port's packets pass the place where this one's are turned back. */
static bool has_path_control(const struct view *view)
{
	const struct port_evidence *other;
	bool by_sender;
	int after = icmp_after(view, &by_sender);
	size_t i;

	if (after == OBSERVE_ABSENT)
		return false;
	for (i = 0; i < view->evidence->nports; i++) {
		other = &view->evidence->ports[i];
		if (other != view->port && looks_last_hop(other) > after + 1 &&
		    looks_same_way(view->port, other, after))
			return true;
	}
	return false;
}

/* "ICMP 3/13 from 192.0.2.1"; to a path trace, without type and code. */
static const char *name_icmp(const struct view *view, char *text, size_t size)
{
	const struct probe_seen *icmp = view->port->icmp;
	char from[ADDR_TEXT_SIZE];

	addr_format(suspicion_icmp_sender(view->port), from);
	if (icmp != NULL)
		snprintf(text, size, "ICMP %d/%d from %s", icmp->icmp.type,
		    icmp->icmp.code, from);
	else
		snprintf(text, size, "an ICMP error from %s", from);
	return text;
}

/* This host made the error, perhaps in the name of the address that was asked:
 * it serves that one itself, or has changed the destination. */
static bool is_made_here(const struct port_evidence *port)
{
	const struct path_seen *path = port->icmp_path;

	if (port->icmp == NULL || (path != NULL && path->answer_ttl > 1))
		return false;
	return port->icmp->icmp.own ||
	       host_proof_of_answer(port) == HOST_PROOF_HELD;
}

/* It comes from where the endpoint is, or from one hop before: a gateway that
 * sends other ports on. False also where nothing tells how far that is. */
static bool is_by_target(const struct view *view, int ttl)
{
	int seen = breaks_distance_seen(view->evidence, view->port);

	return seen > 0 && ttl != OBSERVE_ABSENT &&
	       (ttl + 1 >= seen || is_own_hop(view, ttl) ||
		   breaks_is_own_distance(view->evidence, view->port, ttl) ||
		   suspicion_accepts_from(view->evidence, view->port, ttl));
}

/* The address that was asked said so: the endpoint, this host for it, or
 * somebody between them. */
static bool decide_by_target(
    const struct view *view, struct diagnosis *out, const char *icmp)
{
	const struct path_seen *path = view->port->icmp_path;
	int ttl = path != NULL ? path->answer_ttl : OBSERVE_ABSENT;
	struct suspicion early;

	if (is_made_here(view->port)) {
		view_decide(out, OUTCOME_LOCAL, MECHANISM_ICMP);
		place_unseen(view, out, HOST_PROOF_HELD);
		return view_say(out,
		    "this host itself answers in the endpoint's name: %s",
		    icmp);
	}
	if (suspicion_of(view->evidence, view->port, view->known,
		SUSPICION_EARLY_ICMP, &early) &&
	    view_is_beyond_doubt(view, &early)) {
		view_decide(out, OUTCOME_FILTERED, MECHANISM_ICMP);
		place_early(view, out, ttl);
		return view_say(out,
		    "%s, in the endpoint's name, comes already at hop %d; the "
		    "endpoint is %d hops away or more",
		    icmp, ttl, ttl + early.gap);
	}
	if (is_by_target(view, ttl)) {
		view_decide(out, OUTCOME_ENDPOINT, MECHANISM_REFUSED);
		return view_say(out, "the endpoint itself answers: %s", icmp);
	}
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return view_say(out,
	    "%s, the address that was asked; only a path trace of this port "
	    "and of another one would tell whether the endpoint or the path "
	    "said so",
	    icmp);
}

/* Another address said so, and packets to other ports pass. */
static bool decide_by_another(
    const struct view *view, struct diagnosis *out, const char *icmp)
{
	const struct addr *from = suspicion_icmp_sender(view->port);

	if (is_no_sites_icmp(view)) {
		view_decide(out, OUTCOME_FILTERED, MECHANISM_ICMP);
		place_icmp(view, out);
		return view_say(out,
		    "%s on port %u; packets to other ports pass", icmp,
		    view->port->port);
	}
	if (owner_is_neighbour(from, &view->evidence->target->address)) {
		view_decide(out, OUTCOME_ENDPOINT, MECHANISM_REFUSED);
		return view_say(
		    out, "a host beside the endpoint answers: %s", icmp);
	}
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return view_say(out,
	    "%s on port %u, perhaps from the endpoint's own site, and packets "
	    "to other ports pass; other owners' endpoints would decide",
	    icmp, view->port->port);
}

bool rule_unreachable(const struct view *view, struct diagnosis *out)
{
	const struct addr *from = suspicion_icmp_sender(view->port);
	char icmp[100];

	if (from == NULL)
		return false;
	name_icmp(view, icmp, sizeof(icmp));
	if (addr_equal(from, &view->evidence->target->address))
		return decide_by_target(view, out, icmp);
	if (view->control != NULL || is_another_connected(view) ||
	    has_path_control(view))
		return decide_by_another(view, out, icmp);
	if (is_down_by_icmp(view)) {
		view_decide(out, OUTCOME_ENDPOINT, MECHANISM_DOWN);
		return view_say(
		    out, "nobody is there, on every port: %s", icmp);
	}
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return view_say(out,
	    "%s, and no packets to other ports pass it; a port that answers "
	    "would decide",
	    icmp);
}
