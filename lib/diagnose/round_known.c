/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/round_known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/diagnose/families.h"
#include "lib/diagnose/identity.h"
#include "lib/diagnose/looks.h"
#include "lib/diagnose/owner.h"

/* So many hops behind a balancer ports may be served. */
#define BALANCERS_HOPS 2

/* Of one owner, so many endpoints are compared with another one's. */
#define PEERS_MAX 8

struct round_suspicion {
	struct suspicion what;
	uint16_t port;
	uint8_t family;
	uint32_t target;
};

struct round_hop {
	struct addr address;
	uint32_t target;
	int ttl;
	bool last; /* the endpoint answered at the next TTL */
};

/* --- other addresses of an endpoint --- */

static bool is_sibling(const struct target_seen *a, const struct target_seen *b)
{
	return a->family == b->family &&
	       !addr_equal(&a->address, &b->address) &&
	       strcmp(a->endpoint, b->endpoint) == 0;
}

static bool lacks_starttls(const struct evidence *evidence, uint16_t number)
{
	const struct port_evidence *port;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		port = &evidence->ports[i];
		if (port->port == number)
			return port->done == 0 &&
			       port->bare + port->starttls_refused > 0;
	}
	return false;
}

bool round_siblings_lack_starttls(
    const struct round_known *round, size_t target, uint16_t port)
{
	size_t i;

	for (i = 0; i < round->ntargets; i++)
		if (is_sibling(&round->targets[i], &round->targets[target]) &&
		    !lacks_starttls(&round->evidence[i], port))
			return false;
	return true;
}

/* --- gathering --- */

static int gather(struct round_known *round)
{
	size_t i, room = 0, used = 0;

	for (i = 0; i < round->ntargets; i++)
		room += evidence_room(&round->targets[i]);
	round->evidence = calloc(round->ntargets + 1, sizeof(*round->evidence));
	round->ports = malloc((room + 1) * sizeof(*round->ports));
	if (round->evidence == NULL || round->ports == NULL)
		return -ENOMEM;
	for (i = 0; i < round->ntargets; i++) {
		evidence_gather(&round->targets[i], round->ports + used,
		    &round->evidence[i]);
		used += round->evidence[i].nports;
	}
	return 0;
}

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int compare_suspicions(const void *left, const void *right)
{
	const struct round_suspicion *a = left, *b = right;
	int by = order(a->what.kind, b->what.kind);

	if (by == 0)
		by = order(a->port, b->port);
	if (by == 0)
		by = order(a->family, b->family);
	return by != 0 ? by : order(a->what.ttl, b->what.ttl);
}

static int compare_hops(const void *left, const void *right)
{
	const struct round_hop *a = left, *b = right;

	return memcmp(&a->address, &b->address, sizeof(a->address));
}

/* It lacks STARTTLS, and another address of the endpoint does not. */
static bool is_one_of_a_pool(const struct round_known *round, size_t target,
    const struct port_evidence *port, int kind)
{
	return (kind == SUSPICION_NO_STARTTLS || kind == SUSPICION_STRIPPED) &&
	       !identity_is_masked(&round->evidence[target], port) &&
	       !round_siblings_lack_starttls(round, target, port->port);
}

static void note_port(
    struct round_known *round, size_t target, const struct port_evidence *port)
{
	const struct endpoint_known *known = round_endpoint(round, target);
	struct round_suspicion *entry;
	int kind;

	for (kind = 0; kind < SUSPICIONS; kind++) {
		entry = &round->suspicions[round->nsuspicions];
		if (!suspicion_of(&round->evidence[target], port, known,
			(enum suspicion_kind)kind, &entry->what) ||
		    is_one_of_a_pool(round, target, port, kind))
			continue;
		entry->port = port->port;
		entry->family = round->targets[target].family;
		entry->target = (uint32_t)target;
		round->nsuspicions++;
	}
}

static int find_suspicions(struct round_known *round, size_t nports)
{
	const struct evidence *evidence;
	size_t i, k;

	round->suspicions = malloc(
	    (nports * SUSPICIONS + 1) * sizeof(*round->suspicions));
	if (round->suspicions == NULL)
		return -ENOMEM;
	for (i = 0; i < round->ntargets; i++) {
		evidence = &round->evidence[i];
		for (k = 0; k < evidence->nports; k++)
			note_port(round, i, &evidence->ports[k]);
	}
	qsort(round->suspicions, round->nsuspicions, sizeof(*round->suspicions),
	    compare_suspicions);
	return 0;
}

static void note_hops(
    struct round_known *round, size_t target, const struct port_evidence *port)
{
	struct round_hop *entry;
	int ttl;

	for (ttl = 1; port->traced && ttl <= OBSERVE_HOPS_MAX; ttl++) {
		if (port->looks[ttl].hop == NULL ||
		    addr_is_translators(&port->looks[ttl].hop->address))
			continue;
		entry = &round->hops[round->nhops++];
		entry->address = port->looks[ttl].hop->address;
		entry->target = (uint32_t)target;
		entry->ttl = ttl;
		entry->last = port->nearest != NULL &&
			      port->nearest->answer_ttl == ttl + 1;
	}
}

static int find_hops(struct round_known *round)
{
	size_t i, k, room = 0;

	for (i = 0; i < round->ntargets; i++)
		for (k = 0; k < round->targets[i].npaths; k++)
			room += round->targets[i].paths[k].nhops;
	round->hops = malloc((room + 1) * sizeof(*round->hops));
	if (round->hops == NULL)
		return -ENOMEM;
	for (i = 0; i < round->ntargets; i++)
		for (k = 0; k < round->evidence[i].nports; k++)
			note_hops(round, i, &round->evidence[i].ports[k]);
	qsort(round->hops, round->nhops, sizeof(*round->hops), compare_hops);
	return 0;
}

int round_know(struct round_known *round, const struct target_seen *targets,
    size_t ntargets, const struct endpoint_known *const *known)
{
	size_t i, nports = 0;
	int error;

	memset(round, 0, sizeof(*round));
	round->targets = targets;
	round->ntargets = ntargets;
	round->known = known;
	error = gather(round);
	for (i = 0; error == 0 && i < ntargets; i++)
		nports += round->evidence[i].nports;
	if (error == 0)
		error = find_suspicions(round, nports);
	if (error == 0)
		error = find_hops(round);
	if (error < 0) {
		round_free(round);
		return error;
	}
	families_look(round->evidence, ntargets, 4, &round->v4);
	families_look(round->evidence, ntargets, 6, &round->v6);
	return 0;
}

void round_free(struct round_known *round)
{
	free(round->evidence);
	free(round->ports);
	free(round->suspicions);
	free(round->hops);
	memset(round, 0, sizeof(*round));
}

/* --- looking up --- */

const struct endpoint_known *round_endpoint(
    const struct round_known *round, size_t target)
{
	static const struct endpoint_known nothing;

	if (round->known == NULL || round->known[target] == NULL)
		return &nothing;
	return round->known[target];
}

const struct family_known *round_family(
    const struct round_known *round, uint8_t family)
{
	return family == 4 ? &round->v4 : &round->v6;
}

bool round_are_beacons(const struct round_known *round, size_t a, size_t b)
{
	return endpoint_signs(round_endpoint(round, a)) &&
	       endpoint_signs(round_endpoint(round, b));
}

/* What both show is not the doing of one of them, or of one hoster's. */
static bool are_apart(
    const struct round_known *round, size_t target, size_t other)
{
	const struct endpoint_known *a = round_endpoint(round, target);
	const struct endpoint_known *b = round_endpoint(round, other);

	if (round_are_beacons(round, target, other))
		return owner_differs_of_beacons(
		    &round->targets[target], a, &round->targets[other], b);
	return owner_differs(&round->targets[target], &round->targets[other]);
}

/* The first entry of that address; `nhops` or another one's: there is none. */
static size_t find_hop(
    const struct round_known *round, const struct addr *address)
{
	size_t low = 0, high = round->nhops, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (memcmp(&round->hops[middle].address, address,
			sizeof(*address)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_on_path(
    const struct round_known *round, size_t target, const struct addr *address)
{
	size_t i = find_hop(round, address);

	for (; i < round->nhops && addr_equal(&round->hops[i].address, address);
	     i++)
		if (round->hops[i].target == target)
			return true;
	return false;
}

/* Some router at that TTL or behind it is on both paths: what answers there is
 * not the endpoints' own. */
static bool share_a_router_from(
    const struct round_known *round, size_t target, size_t other, int ttl)
{
	const struct evidence *evidence = &round->evidence[target];
	const struct looks *looks;
	size_t i;
	int at;

	for (i = 0; i < evidence->nports; i++)
		for (at = ttl; at <= OBSERVE_HOPS_MAX; at++) {
			looks = &evidence->ports[i].looks[at];
			if (looks_by_router(evidence, looks) &&
			    is_on_path(round, other, &looks->hop->address))
				return true;
		}
	return false;
}

/* The packets to both end behind the same router, and others' to both go on by
 * one that both have: it stands before either site, or before both. */
static bool stop_together(const struct round_known *round, size_t target,
    const struct suspicion *a, const struct round_suspicion *b)
{
	return addr_equal(&a->hop, &b->what.hop) &&
	       share_a_router_from(round, target, b->target, a->place + 1);
}

/* Two early answers, from behind the same hop, or from so much nearer that it
 * may be silent. Each endpoint may have a balancer of its own there, if the
 * paths are not known to go on together: the answers must come from before it
 * then, as they do from beside this host. */
static bool are_behind_one_hop(const struct round_known *round, size_t target,
    const struct suspicion *a, const struct round_suspicion *b)
{
	bool known = a->hop.family != 0 && b->what.hop.family != 0;

	if (a->kind == SUSPICION_STOPS || a->kind == SUSPICION_STOPS_SERVED)
		return stop_together(round, target, a, b);
	if (a->kind == SUSPICION_ICMP)
		return addr_equal(&a->hop, &b->what.hop);
	if (a->ttl == 0)
		return true;
	if (known && !addr_equal(&a->hop, &b->what.hop))
		return false;
	if (!known && (a->gap < 2 || b->what.gap < 2))
		return false;
	if (a->ttl == 1 ||
	    (a->gap > BALANCERS_HOPS && b->what.gap > BALANCERS_HOPS))
		return true;
	return share_a_router_from(round, target, b->target, a->ttl);
}

/* Endpoints of two owners may stand behind one balancer, which answers a port
 * itself, in their names, before them: a hoster's own network has some hops,
 * but it does not begin near this host. It may so reset what goes to servers
 * that are down. Beacons may stand in it, too, in two prefixes. And two servers
 * may be full at once, or go by one list of clients: that others get through
 * says nothing of this moment, or of this client. Of one hoster's mail hosts,
 * which serve 25, its firewall may let no other port in. And what is lost at
 * two may be chance that is none at three. */
static bool needs_a_third(
    const struct suspicion *a, const struct round_suspicion *b)
{
	if (a->kind == SUSPICION_BREAKS_HERE || a->kind == SUSPICION_ICMP ||
	    a->unsure || b->what.unsure)
		return true;
	return (a->ttl > 1 || (a->kind == SUSPICION_STOPS && b->port != 25) ||
		   (a->kind == SUSPICION_THROTTLED &&
		       (a->place > 1 || b->what.place > 1))) &&
	       !suspicion_is_near_here(a) && !suspicion_is_near_here(&b->what);
}

/* Of what each of them counted, few enough passed in all. `c` may be NULL. */
static bool show_it_together(const struct suspicion *a,
    const struct suspicion *b, const struct suspicion *c)
{
	const struct counted_sum *const sums[] = {
	    &a->counted, &b->counted, c != NULL ? &c->counted : NULL};

	return a->kind != SUSPICION_THROTTLED ||
	       counted_are_throttled(sums, c != NULL ? 3 : 2);
}

/* With one of those that were kept, a third owner's, it shows what `suspicion`
 * is. */
static bool is_third(const struct round_known *round,
    const struct suspicion *suspicion, const struct round_suspicion *other,
    const struct round_suspicion *const *kept, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (are_apart(round, other->target, kept[i]->target) &&
		    show_it_together(suspicion, &other->what, &kept[i]->what))
			return true;
	return false;
}

/* Of these suspicions, `count` of one kind, port, family and TTL: another
 * owner's; two of them, where two owners' endpoints may do it by themselves. */
static bool is_among(const struct round_known *round, size_t target,
    const struct suspicion *suspicion, const struct round_suspicion *others,
    size_t count)
{
	const struct round_suspicion *kept[PEERS_MAX], *other;
	size_t nkept = 0, i;
	bool alone, third;

	for (i = 0; i < count; i++) {
		other = &others[i];
		if (!are_apart(round, target, other->target))
			continue;
		alone = !needs_a_third(suspicion, other) &&
			show_it_together(suspicion, &other->what, NULL);
		third = is_third(round, suspicion, other, kept, nkept);
		/* One more of the owner of those that are kept. */
		if (!alone && !third && nkept == PEERS_MAX)
			continue;
		if (!are_behind_one_hop(round, target, suspicion, other))
			continue;
		if (alone || third)
			return true;
		kept[nkept++] = other;
	}
	return false;
}

bool round_shows_elsewhere(const struct round_known *round, size_t target,
    uint16_t port, const struct suspicion *suspicion)
{
	struct round_suspicion key = {.what = *suspicion, .port = port};
	size_t low = 0, high = round->nsuspicions, middle;

	key.family = round->targets[target].family;
	while (low < high) {
		middle = (low + high) / 2;
		if (compare_suspicions(&round->suspicions[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (high = low;
	     high < round->nsuspicions &&
	     compare_suspicions(&round->suspicions[high], &key) == 0;
	     high++)
		;
	return is_among(
	    round, target, suspicion, &round->suspicions[low], high - low);
}

bool round_hop_is_shared(
    const struct round_known *round, size_t target, const struct addr *address)
{
	size_t i = find_hop(round, address);

	for (; i < round->nhops && addr_equal(&round->hops[i].address, address);
	     i++)
		if (are_apart(round, target, round->hops[i].target))
			return true;
	return false;
}

bool round_hop_is_last(
    const struct round_known *round, size_t target, const struct addr *address)
{
	size_t i = find_hop(round, address);

	for (; i < round->nhops && addr_equal(&round->hops[i].address, address);
	     i++)
		if (round->hops[i].last &&
		    !addr_equal(&round->targets[target].address,
			&round->targets[round->hops[i].target].address))
			return true;
	return false;
}

int round_hop_ttl(const struct round_known *round, const struct addr *address)
{
	size_t i = find_hop(round, address);
	int lowest = 0;

	for (; i < round->nhops && addr_equal(&round->hops[i].address, address);
	     i++)
		if (lowest == 0 || round->hops[i].ttl < lowest)
			lowest = round->hops[i].ttl;
	return lowest;
}
