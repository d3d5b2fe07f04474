/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/suspicions.h"

#include <string.h>

#include "lib/diagnose/breaks.h"
#include "lib/diagnose/counted.h"
#include "lib/diagnose/identity.h"
#include "lib/diagnose/looks.h"
#include "lib/diagnose/owner.h"
#include "lib/diagnose/receipts.h"

#define STALLS_ALONE  3
#define STALLS_BESIDE 2 /* each of two endpoints */

/* Of all SYNs to ports that answer: a path that loses one packet in ten answers
 * four in five. */
#define STEADY_PERCENT 65

/* Ports of one endpoint may be served at depths that differ by so much. */
#define DEPTHS_APART 1

/* One hop before its servers a balancer stands. */
#define HOPS_BEYOND_DOUBT 2

/* As far before its servers a site's own firewall may stand. */
#define HOPS_OF_SITE 4

/* The hop is the target, or beside it: a gateway that serves some ports itself
 * is. So is the first one, if the target is on this host's own link: whoever
 * has its address there sends other ports on, and there is no router between.
 */
static bool is_beside_target(
    const struct evidence *evidence, const struct hop_seen *hop, int ttl)
{
	const struct addr *target = &evidence->target->address;

	return owner_is_in_one_subnet(&hop->address, target) ||
	       (ttl == 1 && owner_is_on_one_link(&hop->address, target));
}

/* Another port's packets go farther than `ttl`, and are not answered there by
 * the target or from beside it. */
static bool goes_farther(
    const struct evidence *evidence, const struct port_evidence *other, int ttl)
{
	const struct hop_seen *hop = other->looks[ttl].hop;

	if (!other->traced || other->looks[ttl].asked == 0 ||
	    (hop != NULL && is_beside_target(evidence, hop, ttl)))
		return false;
	return evidence_answer_ttl(other) > ttl || looks_last_hop(other) > ttl;
}

/* By how much the ways of the two ports differ in length, of which each may
 * have several. */
static int lengths_apart(
    const struct port_evidence *port, const struct port_evidence *other)
{
	int apart = looks_apart(port, other), own = looks_apart(port, port);
	int others = looks_apart(other, other);

	apart = own > apart ? own : apart;
	return others > apart ? others : apart;
}

typedef bool same_way(const struct port_evidence *port,
    const struct port_evidence *other, int ttl);

/* An answer at `ttl` from nearer than the endpoint. The hop that counts is the
 * one at `hop_ttl`. */
static bool is_early(const struct evidence *evidence,
    const struct port_evidence *port, int ttl, same_way *same, int hop_ttl,
    struct suspicion *out)
{
	const struct port_evidence *other;
	const struct hop_seen *hop = NULL;
	bool found = false;
	size_t i;
	int gap, apart;

	out->ttl = ttl;
	out->place = ttl;
	/* Some of its own packets pass there: it is answered so by one of two
	 * ways, which may be as short as that. */
	if (ttl == OBSERVE_ABSENT ||
	    looks_by_router(evidence, &port->looks[ttl]))
		return false;
	for (i = 0; i < evidence->nports; i++) {
		other = &evidence->ports[i];
		if (other == port || !goes_farther(evidence, other, ttl) ||
		    !same(port, other, ttl - 1))
			continue;
		found = true;
		apart = lengths_apart(port, other);
		gap = breaks_least_of(evidence, other) - ttl - apart;
		if (gap > out->gap)
			out->gap = gap;
		out->router |= other->looks[ttl].hop != NULL && apart == 0;
		out->way |= looks_same_way(port, other, ttl - 1) ||
			    looks_translated_at_once(port, other, ttl - 1);
		if (hop_ttl > 0 && other->looks[hop_ttl].hop != NULL &&
		    !addr_is_translators(&other->looks[hop_ttl].hop->address) &&
		    (hop == NULL ||
			looks_comes_first(other->looks[hop_ttl].hop, hop)))
			hop = other->looks[hop_ttl].hop;
	}
	if (hop != NULL)
		out->hop = hop->address;
	return found && out->gap > 0;
}

bool suspicion_accepts_from(
    const struct evidence *evidence, const struct port_evidence *port, int ttl)
{
	size_t i;

	for (i = 0; i < evidence->nports; i++)
		if (&evidence->ports[i] != port &&
		    evidence_accept_ttl(&evidence->ports[i]) == ttl &&
		    looks_same_way(port, &evidence->ports[i], ttl - 1))
			return true;
	return false;
}

/* Load balancing aside. */
static bool no_other_way(const struct port_evidence *port,
    const struct port_evidence *other, int ttl)
{
	return looks_same_way(port, other, ttl) ||
	       looks_no_other_way(port, other, ttl);
}

/* The target itself says, by ICMP from there, that it has no such port. */
static bool is_target_there(const struct evidence *evidence, int ttl)
{
	const struct path_seen *path;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		path = evidence->ports[i].icmp_path;
		if (path != NULL && path->answer_ttl <= ttl &&
		    addr_equal(&path->answer_from, &evidence->target->address))
			return true;
	}
	return false;
}

static bool resets_early(const struct evidence *evidence,
    const struct port_evidence *port, struct suspicion *out)
{
	int ttl = port->nearest != NULL && port->nearest->answer == ANSWER_RST
		      ? port->nearest->answer_ttl
		      : OBSERVE_ABSENT;

	return port->refused > 0 &&
	       is_early(evidence, port, ttl, no_other_way, ttl - 1, out) &&
	       !suspicion_accepts_from(evidence, port, ttl) &&
	       !is_target_there(evidence, ttl);
}

/* Who writes the target's address into an ICMP error may be anybody before
 * it. */
static bool errs_early(const struct evidence *evidence,
    const struct port_evidence *port, struct suspicion *out)
{
	const struct path_seen *path = port->icmp_path;

	return !evidence_answered(port) && path != NULL &&
	       addr_equal(&path->answer_from, &evidence->target->address) &&
	       is_early(evidence, port, path->answer_ttl, no_other_way,
		   path->answer_ttl - 1, out) &&
	       !suspicion_accepts_from(evidence, port, path->answer_ttl);
}

const struct addr *suspicion_icmp_sender(const struct port_evidence *port)
{
	if (port->icmp != NULL)
		return port->unreachable > 0 ? &port->icmp->icmp.from : NULL;
	if (port->timeouts < EVIDENCE_SILENT_TRIES || port->icmp_path == NULL ||
	    port->connected > 0 || port->nearest != NULL ||
	    port->icmp_path->answer_from.family == 0)
		return NULL;
	return &port->icmp_path->answer_from;
}

/* Who says so is not asked here: he may stand before the endpoint, and where
 * that is only the rule knows. */
static bool has_icmp(const struct evidence *evidence,
    const struct port_evidence *port, struct suspicion *out)
{
	const struct addr *from = suspicion_icmp_sender(port);

	if (from == NULL || addr_equal(from, &evidence->target->address))
		return false;
	out->hop = *from;
	return true;
}

/* A destination that is changed at once hides the hops before. */
static bool same_hops(const struct port_evidence *port,
    const struct port_evidence *other, int ttl)
{
	return looks_same_hops(port, other, ttl) ||
	       looks_translated_at_once(port, other, ttl);
}

static bool accepts_early(const struct evidence *evidence,
    const struct port_evidence *port, struct suspicion *out)
{
	int ttl = evidence_accept_ttl(port);

	return port->connected > 0 &&
	       is_early(evidence, port, ttl, same_hops, ttl, out);
}

bool suspicion_is_let_in(
    const struct port_evidence *port, const struct endpoint_known *known)
{
	return port->port == 25 || endpoint_serves(known, port->port);
}

bool suspicion_is_near_here(const struct suspicion *what)
{
	bool served = what->kind == SUSPICION_STOPS_SERVED;

	if (what->let_in && what->gap > HOPS_OF_SITE)
		return true;
	return what->gap >= HOPS_BEYOND_DOUBT &&
	       what->gap + served > what->place;
}

bool suspicion_is_own_distance(
    const struct evidence *evidence, const struct port_evidence *port)
{
	return breaks_is_own_distance(
	    evidence, port, evidence_accept_ttl(port));
}

/* Behind that TTL a router answers some port: the endpoint does not begin
 * there, and whoever answers in its name sends what he likes elsewhere. */
static bool goes_on_by_routers(const struct evidence *evidence, int ttl)
{
	const struct looks *looks;
	size_t i;
	int at;

	for (i = 0; i < evidence->nports; i++)
		for (at = ttl; at <= OBSERVE_HOPS_MAX; at++) {
			looks = &evidence->ports[i].looks[at];
			if (looks->hop != NULL && !looks->own)
				return true;
		}
	return false;
}

bool suspicion_is_own_name(
    const struct evidence *evidence, const struct port_evidence *port)
{
	int ttl = evidence_accept_ttl(port);
	const struct port_evidence *other;
	size_t i;

	if (goes_on_by_routers(evidence, ttl))
		return false;
	for (i = 0; ttl > 1 && i < evidence->nports; i++) {
		other = &evidence->ports[i];
		/* In its name also answers who changes the destination before
		 * that. */
		if (other != port && other->looks[ttl].own &&
		    other->looks[ttl - 1].hop != NULL &&
		    !other->looks[ttl - 1].own &&
		    evidence_answer_ttl(other) > ttl &&
		    looks_same_way(port, other, ttl - 1))
			return true;
	}
	return false;
}

/* It does not break off itself, and answers from where `port` does, or from one
 * hop before: so `port` is answered from the endpoint's own distance too. */
static bool goes_on(
    const struct port_evidence *port, const struct port_evidence *other)
{
	int ttl = evidence_answer_ttl(other), own = evidence_accept_ttl(port);

	return other != port && ttl != OBSERVE_ABSENT && ttl <= own &&
	       ttl + DEPTHS_APART >= own &&
	       other->refused + other->done + other->rejected +
		       other->no_starttls + other->starttls_refused >
		   0;
}

const struct port_evidence *suspicion_port_that_goes_on(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const struct port_evidence *found = NULL, *other;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		other = &evidence->ports[i];
		if (goes_on(port, other) &&
		    (found == NULL || other->port < found->port))
			found = other;
	}
	return found;
}

/* Every dialogue ended so, of those that `ended` counts. What is answered from
 * TTL 1 may be a translator on this host. */
static bool always_ends(const struct evidence *evidence,
    const struct port_evidence *port, int ended)
{
	return ended > 0 && port->done + port->rejected == 0 &&
	       evidence_accept_ttl(port) > 1 &&
	       suspicion_port_that_goes_on(evidence, port) != NULL;
}

bool suspicion_breaks_surely(const struct port_evidence *port, bool alone)
{
	return port->reset_after > 0 ||
	       port->stalled_after >= (alone ? STALLS_ALONE : STALLS_BESIDE);
}

/* A peer that still takes packets is slow, not cut off. */
static bool breaks(
    const struct evidence *evidence, const struct port_evidence *port)
{
	return port->alive == 0 && suspicion_breaks_surely(port, false) &&
	       always_ends(
		   evidence, port, port->stalled_after + port->reset_after);
}

/* The resets come also where the endpoint has seen a SYN alone: what followed
 * it had a TTL that ends before the nearest place where the endpoint can be. Of
 * two ways, one may be so short. */
static bool resets_on_the_way(
    const struct evidence *evidence, const struct port_evidence *port)
{
	return port->reset_ttl > 0 &&
	       port->reset_ttl < breaks_least_of(evidence, port) &&
	       looks_apart(port, port) == 0;
}

/* No dialogue came of any connection. This only clears endpoints: another port
 * need not show that it is the path. */
static bool stalls(const struct port_evidence *port)
{
	return port->stalled_after > 0 && port->done + port->rejected == 0 &&
	       evidence_accept_ttl(port) != 1;
}

/* Few SYNs to the ports that answered were lost, or few to one of them that was
 * counted: what vanishes is not lost with others by chance, nor because a full
 * table of connections has no room for new ones. */
static bool others_pass(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const struct port_evidence *other;
	int answered = 0, lost = 0;
	size_t i;

	if (counted_steady_control(evidence, port) != NULL)
		return true;
	for (i = 0; i < evidence->nports; i++) {
		other = &evidence->ports[i];
		if (other == port || other->connected + other->refused == 0)
			continue;
		answered += other->tries - other->timeouts;
		lost += other->syns_lost;
	}
	return answered * 100 >= (answered + lost) * STEADY_PERCENT;
}

static bool vanishes(const struct evidence *evidence,
    const struct port_evidence *port, const struct endpoint_known *known)
{
	return evidence_is_silent(port) && endpoint_serves(known, port->port) &&
	       evidence_control(evidence, port) != NULL &&
	       others_pass(evidence, port);
}

/* Its packets end behind the last hop that answered, and before the first one
 * that surely does not answer them. Who did it may be as far as that: hops
 * between the two are silent. */
static bool stops(const struct evidence *evidence,
    const struct port_evidence *port, const struct endpoint_known *known,
    struct suspicion *out)
{
	struct path_break path;

	if (!port->traced ||
	    !(evidence_is_silent(port) || counted_was_shut_meanwhile(port)))
		return false;
	breaks_find(evidence, port, &path);
	if (path.thinned || path.before_with_last == OBSERVE_ABSENT ||
	    !breaks_asked_up_to(port, path.before_with_last))
		return false;
	out->let_in = suspicion_is_let_in(port, known);
	out->place = path.before_with_last - 1;
	out->gap = breaks_distance_least(evidence, port) - out->place;
	if (path.after > 0 && port->looks[path.after].hop != NULL)
		out->hop = port->looks[path.after].hop->address;
	return true;
}

/* At which TTL that router answered any port; OBSERVE_HOPS_MAX: unknown. */
static int router_ttl(
    const struct evidence *evidence, const struct addr *router)
{
	const struct hop_seen *hop;
	size_t i;
	int ttl;

	for (ttl = 1; ttl < OBSERVE_HOPS_MAX; ttl++)
		for (i = 0; i < evidence->nports; i++) {
			hop = evidence->ports[i].looks[ttl].hop;
			if (hop != NULL && addr_equal(&hop->address, router))
				return ttl;
		}
	return OBSERVE_HOPS_MAX;
}

/* Who turns some away on the way that others go may be the endpoint's balancer,
 * of whose servers some are down; who resets them on another one, of two
 * uplinks, is not. */
static int throttle_place(
    const struct evidence *evidence, const struct port_evidence *port)
{
	int ttl;

	switch (counted_how(evidence, port)) {
	case COUNTED_RESET:
		ttl = port->nearest->answer_ttl;
		return looks_no_other_way(port,
			   counted_steady_control(evidence, port), ttl - 1)
			   ? ttl
			   : 0;
	case COUNTED_PROHIBITED:
		return router_ttl(evidence, &port->icmp->icmp.from);
	case COUNTED_VANISHES:
	default:
		return 0;
	}
}

static bool is_throttled(const struct evidence *evidence,
    const struct port_evidence *port, struct suspicion *out)
{
	if (!counted_is_throttled(evidence, port, COUNTED_AT_THREE))
		return false;
	out->unsure = !counted_is_throttled(evidence, port, COUNTED_AT_TWO);
	out->counted = counted_sum_of(evidence, port);
	out->place = throttle_place(evidence, port);
	if (out->place > 0)
		out->gap = breaks_distance_least(evidence, port) - out->place;
	return true;
}

bool suspicion_of(const struct evidence *evidence,
    const struct port_evidence *port, const struct endpoint_known *known,
    enum suspicion_kind kind, struct suspicion *out)
{
	memset(out, 0, sizeof(*out));
	out->kind = kind;
	switch (kind) {
	case SUSPICION_VANISHES:
		return vanishes(evidence, port, known);
	case SUSPICION_STOPS:
		return stops(evidence, port, known, out);
	case SUSPICION_STOPS_SERVED:
		return endpoint_serves(known, port->port) &&
		       stops(evidence, port, known, out);
	case SUSPICION_ANSWERED:
		return port->connected > 0;
	case SUSPICION_EARLY_RESET:
		return resets_early(evidence, port, out);
	case SUSPICION_EARLY_ACCEPT:
		return accepts_early(evidence, port, out);
	case SUSPICION_EARLY_ICMP:
		return errs_early(evidence, port, out);
	case SUSPICION_ICMP:
		return has_icmp(evidence, port, out);
	case SUSPICION_BREAKS:
		return breaks(evidence, port);
	case SUSPICION_BROKEN:
		return breaks(evidence, port) &&
		       (port->reset_after == 0 ||
			   resets_on_the_way(evidence, port));
	case SUSPICION_STALLS:
		return stalls(port);
	case SUSPICION_BREAKS_HERE:
		return endpoint_passes_others(known, port->port) &&
		       breaks(evidence, port);
	case SUSPICION_THROTTLED:
		return is_throttled(evidence, port, out);
	case SUSPICION_NO_RECEIPT:
		return receipts_lack(evidence, port);
	case SUSPICION_FOREIGN_KEY:
		return identity_foreign_key_at_beacon(evidence, known, port);
	case SUSPICION_NO_STARTTLS:
		return endpoint_signs(known) &&
		       identity_lacks_starttls(evidence, known, port);
	case SUSPICION_OTHER_KEY:
		return !endpoint_signs(known) &&
		       identity_foreign_key_by_nobody(evidence, known, port);
	case SUSPICION_STRIPPED:
		return !endpoint_signs(known) &&
		       identity_lacks_starttls(evidence, known, port);
	default:
		return false;
	}
}
