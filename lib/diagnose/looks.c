/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/looks.h"

#include <stdlib.h>
#include <string.h>

#define PATH_CONTROL 443 /* a control that may be traced and never tried */

bool looks_comes_first(const struct hop_seen *a, const struct hop_seen *b)
{
	return memcmp(&a->address, &b->address, sizeof(a->address)) < 0;
}

bool looks_is_control(const struct port_evidence *port)
{
	return port->mode == MODE_CONNECT &&
	       (port->tries > 0 || port->port == PATH_CONTROL);
}

static void add_hop(struct port_evidence *port, const struct hop_seen *hop,
    const struct addr *target)
{
	struct looks *looks = &port->looks[hop->ttl];
	bool has_address = hop->address.family != 0;

	looks->asked += hop->asked > 0 ? hop->asked : 1;
	looks->answered += hop->asked > 0 ? hop->answered : has_address;
	if (has_address &&
	    (looks->hop == NULL || looks_comes_first(hop, looks->hop)))
		looks->hop = hop;
	looks->own |= has_address && addr_equal(&hop->address, target);
}

void looks_add(struct port_evidence *port, const struct path_seen *path,
    const struct addr *target)
{
	size_t i;

	for (i = 0; i < path->nhops; i++)
		if (path->hops[i].ttl >= 1 &&
		    path->hops[i].ttl <= OBSERVE_HOPS_MAX)
			add_hop(port, &path->hops[i], target);
}

int looks_last_hop(const struct port_evidence *port)
{
	int ttl;

	if (!port->traced)
		return 0; /* most ports; no TTL has a look */
	for (ttl = OBSERVE_HOPS_MAX; ttl > 0; ttl--)
		if (port->looks[ttl].hop != NULL)
			return ttl;
	return 0;
}

bool looks_by_router(const struct evidence *evidence, const struct looks *looks)
{
	return looks->hop != NULL &&
	       !addr_equal(&looks->hop->address, &evidence->target->address);
}

int looks_farthest_router(
    const struct evidence *evidence, const struct port_evidence *except)
{
	int ttl, farthest = 0;
	size_t i;

	for (i = 0; evidence->traced && i < evidence->nports; i++) {
		if (&evidence->ports[i] == except ||
		    !evidence->ports[i].traced ||
		    evidence->ports[i].nearest != NULL)
			continue;
		for (ttl = OBSERVE_HOPS_MAX; ttl > farthest; ttl--)
			if (looks_by_router(
				evidence, &evidence->ports[i].looks[ttl]))
				farthest = ttl;
	}
	return farthest;
}

/* It was answered, and so that the way can be told: what answers in the
 * target's own name may stand on any way, and so may a translator's word, but
 * for that of the first hop. */
static bool tells_way(const struct looks *looks)
{
	return looks->hop != NULL && !looks->own &&
	       (looks->hop->ttl == 1 ||
		   !addr_is_translators(&looks->hop->address));
}

static bool can_be_compared(const struct looks *a, const struct looks *b)
{
	return tells_way(a) && tells_way(b);
}

static bool are_same(const struct looks *a, const struct looks *b)
{
	return addr_equal(&a->hop->address, &b->hop->address);
}

bool looks_same_hop(const struct port_evidence *port, int ttl,
    const struct port_evidence *other, int other_ttl)
{
	const struct looks *a = &port->looks[ttl];
	const struct looks *b = &other->looks[other_ttl];

	return can_be_compared(a, b) && are_same(a, b);
}

bool looks_same_way(const struct port_evidence *port,
    const struct port_evidence *other, int ttl)
{
	int at;

	for (at = ttl; at > 0; at--) {
		if (other->looks[at].asked == 0)
			return false;
		if (!can_be_compared(&other->looks[at], &port->looks[at]))
			continue;
		if (are_same(&other->looks[at], &port->looks[at]))
			return true;
		if (at < ttl)
			return false;
	}
	return ttl < 1;
}

bool looks_no_other_way(const struct port_evidence *port,
    const struct port_evidence *other, int ttl)
{
	const struct looks *a, *b;
	int at;

	for (at = 1; at <= ttl; at++) {
		a = &port->looks[at];
		b = &other->looks[at];
		if (a->asked == 0 || b->asked == 0 ||
		    (can_be_compared(a, b) && !are_same(a, b)))
			return false;
	}
	return true;
}

bool looks_same_hops(const struct port_evidence *port,
    const struct port_evidence *other, int ttl)
{
	int at;

	if (!looks_no_other_way(port, other, ttl))
		return false;
	for (at = 1; at <= ttl; at++)
		if (can_be_compared(&port->looks[at], &other->looks[at]))
			return true;
	return ttl < 1;
}

int looks_apart(
    const struct port_evidence *port, const struct port_evidence *other)
{
	int a, b, most = 0;

	for (a = 1; a <= OBSERVE_HOPS_MAX; a++)
		for (b = 1; port->looks[a].hop != NULL && b <= OBSERVE_HOPS_MAX;
		     b++)
			if (abs(a - b) > most &&
			    looks_same_hop(port, a, other, b))
				most = abs(a - b);
	return most;
}

/* By so many TTLs that router, which answered `other` at `at`, answered `port`
 * sooner; 0: it did not, or at several TTLs, as one behind which many hops are
 * hidden. */
static int sooner_by(
    const struct port_evidence *port, const struct port_evidence *other, int at)
{
	int ttl, met = at, times = 0;

	if (other->looks[at].hop == NULL)
		return 0;
	for (ttl = 1; ttl <= OBSERVE_HOPS_MAX; ttl++)
		if (looks_same_hop(port, ttl, other, at)) {
			met = ttl;
			times++;
		}
	return times == 1 && met < at ? at - met : 0;
}

uint32_t looks_behind(const struct port_evidence *port,
    const struct port_evidence *other, int after)
{
	int end = other->nearest != NULL ? other->nearest->answer_ttl
					 : OBSERVE_HOPS_MAX + 1;
	int ttl, by, longer = 0;
	uint32_t behind = 0;

	for (ttl = 1; port->traced && ttl <= OBSERVE_HOPS_MAX; ttl++) {
		by = sooner_by(port, other, ttl);
		longer = by > longer ? by : longer;
	}
	for (ttl = after + longer + 1; ttl < end; ttl++)
		behind |= (uint32_t)1 << ttl;
	return behind;
}

bool looks_translated_at_once(const struct port_evidence *port,
    const struct port_evidence *other, int ttl)
{
	return port->looks[1].own && other->looks[1].hop != NULL &&
	       !other->looks[1].own && looks_no_other_way(port, other, ttl);
}

bool looks_paths_differ(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const struct looks *a, *b;
	size_t i;
	int ttl;

	for (i = 0; port->traced && i < evidence->nports; i++)
		for (ttl = 1;
		     evidence->ports[i].traced && ttl <= OBSERVE_HOPS_MAX;
		     ttl++) {
			a = &port->looks[ttl];
			b = &evidence->ports[i].looks[ttl];
			if (looks_by_router(evidence, a) &&
			    looks_by_router(evidence, b) &&
			    !addr_equal(&a->hop->address, &b->hop->address))
				return true;
		}
	return false;
}

int looks_hop_with(const struct evidence *evidence, const struct addr *address)
{
	int ttl;
	size_t i;

	for (ttl = 1; ttl <= OBSERVE_HOPS_MAX; ttl++)
		for (i = 0; i < evidence->nports; i++) {
			const struct looks *looks = &evidence->ports[i]
							 .looks[ttl];

			if (looks->hop != NULL &&
			    addr_equal(&looks->hop->address, address))
				return ttl;
		}
	return 0;
}

struct addr looks_address(
    const struct evidence *evidence, const struct port_evidence *port, int ttl)
{
	const struct hop_seen *hop = NULL;
	const struct port_evidence *other;
	struct addr absent = {0};
	size_t i;

	if (ttl < 1 || ttl > OBSERVE_HOPS_MAX)
		return absent;
	if (looks_by_router(evidence, &port->looks[ttl]))
		return port->looks[ttl].hop->address;
	for (i = 0; i < evidence->nports; i++) {
		other = &evidence->ports[i];
		if (looks_by_router(evidence, &other->looks[ttl]) &&
		    (looks_is_control(other) ||
			looks_same_way(port, other, ttl)) &&
		    (hop == NULL ||
			looks_comes_first(other->looks[ttl].hop, hop)))
			hop = other->looks[ttl].hop;
	}
	return hop != NULL ? hop->address : absent;
}
