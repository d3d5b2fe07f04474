/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/families.h"

#include <string.h>

#include "lib/diagnose/looks.h"

#define NEAR_PORTS_LEAST     2
#define SPEAKING_OF_NO_ROUTE 2 /* targets, if it is not the first router */

/* Of ICMP destination unreachable: "network unreachable" (RFC 792), "no route
 * to destination" (RFC 4443). */
#define NO_ROUTE_CODE 0

/* Sums over a family. */
struct sums {
	int near, near_controls, far; /* ports answered at TTL 1, farther */
	int targets, speaking; /* speaking: a router says nobody is there */
	bool other_icmp;       /* of another kind, or from another router */
	bool no_net;           /* it says that a whole net is out of reach */
	bool first_hop;        /* that router is the first one */
};

bool families_is_nobody_there(const struct icmp_seen *icmp)
{
	if (icmp->from.family == 4)
		return icmp->type == 3 && (icmp->code == 0 || icmp->code == 1);
	return icmp->type == 1 && (icmp->code == 0 || icmp->code == 3);
}

/* A private address may well be on this link, or this host's own: that it
 * answers at TTL 1 says nothing of a translator. */
static void add_port(const struct port_evidence *port, bool is_private,
    struct sums *sums, struct family_known *out)
{
	int ttl = evidence_answer_ttl(port);

	if (evidence_answered(port))
		out->answered = true;
	if (ttl == 1 && is_private)
		return;
	if (ttl == 1) {
		sums->near++;
		sums->near_controls += port->mode == MODE_CONNECT;
	} else if (ttl != OBSERVE_ABSENT) {
		sums->far++;
	}
}

/* An ICMP error is from the first router if that is the hop at TTL 1, or if it
 * came of that TTL; without any trace, if it tells that a whole net is out of
 * reach. */
static bool is_first_hops(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const struct icmp_seen *icmp = &port->icmp->icmp;
	int ttl = looks_hop_with(evidence, &icmp->from);

	if (ttl > 0)
		return ttl == 1;
	if (port->icmp_path != NULL)
		return port->icmp_path->answer_ttl == 1;
	return !port->traced && icmp->code == NO_ROUTE_CODE;
}

/* A port that got no ICMP says nothing: routers send them at a limited
 * rate. */
static bool says_nobody_there(const struct evidence *evidence,
    struct sums *sums, struct family_known *out)
{
	const struct port_evidence *port;
	const struct icmp_seen *icmp;
	bool says = false;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		port = &evidence->ports[i];
		if (port->icmp == NULL)
			continue;
		icmp = &port->icmp->icmp;
		if (out->no_route_from.family == 0)
			out->no_route_from = icmp->from;
		if (!families_is_nobody_there(icmp) ||
		    !addr_equal(&icmp->from, &out->no_route_from))
			sums->other_icmp = true;
		if (is_first_hops(evidence, port))
			sums->first_hop = true;
		else
			out->routed = true;
		sums->no_net |= icmp->code == NO_ROUTE_CODE;
		says = true;
	}
	return says;
}

static void add_target(const struct evidence *evidence, struct sums *sums,
    struct family_known *out)
{
	size_t i;

	if (evidence->nports == 0 || evidence->target->address.family == 0)
		return;
	for (i = 0; i < evidence->nports; i++)
		add_port(&evidence->ports[i],
		    addr_is_private(&evidence->target->address), sums, out);
	sums->targets++;
	sums->speaking += says_nobody_there(evidence, sums, out);
	if (looks_farthest_router(evidence, NULL) > 1)
		out->routed = true;
}

void families_look(const struct evidence *evidence, size_t ntargets,
    uint8_t family, struct family_known *out)
{
	struct sums sums = {0};
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < ntargets; i++)
		if (evidence[i].target->family == family)
			add_target(&evidence[i], &sums, out);
	out->translated = sums.near >= NEAR_PORTS_LEAST &&
			  sums.near_controls > 0 && sums.far == 0 &&
			  !out->routed;
	out->no_route = sums.targets > 0 && sums.speaking == sums.targets &&
			!sums.other_icmp && !out->answered &&
			(sums.first_hop ||
			    (sums.no_net &&
				sums.targets >= SPEAKING_OF_NO_ROUTE));
}
