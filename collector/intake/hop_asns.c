/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/hop_asns.h"

#include "lib/base/public_unicast.h"

static uint32_t asn_of(struct geo *geo, const struct addr *address)
{
	struct geo_found found;

	if (!public_unicast_is(address))
		return 0;
	geo_lookup(geo, address, &found);
	return found.asn;
}

/* Who answered at that TTL on the path. NULL: nobody did. */
static const struct addr *answered_at(
    const struct target_seen *target, const struct path_seen *path, int ttl)
{
	size_t i;

	for (i = 0; i < path->nhops; i++)
		if (path->hops[i].ttl == ttl &&
		    path->hops[i].address.family != 0)
			return &path->hops[i].address;
	if (path->answer_ttl != ttl)
		return NULL;
	return path->answer == ANSWER_ICMP ? &path->answer_from
					   : &target->address;
}

/* The hops between which it stops, as other ports show them. */
struct later_hops {
	uint32_t asn; /* of all of them; 0: of none, or they differ */
	int first;    /* the TTL of the first; OBSERVE_ABSENT: none */
	bool differ;
};

/* Take what answered other ports at that TTL. */
static void look_at(struct geo *geo, const struct target_seen *target,
    uint16_t port, int ttl, struct later_hops *later)
{
	const struct addr *hop;
	uint32_t asn;
	size_t i;

	for (i = 0; i < target->npaths; i++) {
		hop = target->paths[i].port == port
			  ? NULL
			  : answered_at(target, &target->paths[i], ttl);
		if (hop == NULL)
			continue;
		asn = asn_of(geo, hop);
		if (later->first == OBSERVE_ABSENT) {
			later->first = ttl;
			later->asn = asn;
		}
		later->differ |= asn != later->asn;
	}
}

static uint32_t find_before(struct geo *geo, const struct target_seen *target,
    const struct diagnosis *diagnosis, uint32_t own, uint32_t after)
{
	struct later_hops later = {.first = OBSERVE_ABSENT};
	int from = diagnosis->after_hop > 0 ? diagnosis->after_hop + 1 : 1, ttl;

	for (ttl = from; ttl <= diagnosis->before_hop; ttl++)
		look_at(geo, target, diagnosis->port, ttl, &later);
	if (later.differ ||
	    (later.first > from && later.asn != own && later.asn != after))
		return 0;
	return later.asn;
}

void hop_asns_find(struct geo *geo, const struct target_seen *target,
    const struct diagnosis *diagnosis, uint32_t own, struct hop_asns *asns)
{
	asns->after = diagnosis->after_hop > 0
			  ? asn_of(geo, &diagnosis->after_address)
			  : 0;
	asns->before = find_before(geo, target, diagnosis, own, asns->after);
}
