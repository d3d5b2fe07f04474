/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_BREAKS_H
#define EGRESS25_LIB_DIAGNOSE_BREAKS_H

/* Where one port's packets stop while another's go on: the path as control. */

#include "lib/diagnose/evidence.h"

/* The chance that is left for loss and rate limits to have made a break. */
#define BREAKS_CHANCE_MOST 0.004

/* Where a port's packets stop, by the other ports' packets that go on. */
struct path_break {
	int after; /* the last hop that answered on this port; 0: none */
	/* The first TTL that this port's packets surely do not reach: routers
	 * up to there answered other ports so often that it is no chance that
	 * they never answered this one. OBSERVE_ABSENT: there is none. */
	int before;
	/* The same, with a router that may be the endpoint's own, the last one
	 * before it; and that router. */
	int before_with_last;
	const struct hop_seen *last_router; /* NULL: none */
	bool contrast; /* some router answered others, and not this port */
	/* Up to `after` a router answers other ports far more often than this
	 * one: most of its packets do not get there, and some do. */
	bool thinned;
};

/* The endpoint's distance as it was seen, by controls that answered and by
 * routers that other ports' packets passed; 0: nothing tells. */
int breaks_distance_seen(
    const struct evidence *evidence, const struct port_evidence *port);

/* The least distance of the endpoint by this port alone. */
int breaks_least_of(
    const struct evidence *evidence, const struct port_evidence *port);

/* The least distance that it can have: as seen, less what lost SYNs may have
 * added to it. */
int breaks_distance_least(
    const struct evidence *evidence, const struct port_evidence *port);

/* An answer on `port` from that TTL comes from the endpoint's own distance: a
 * control is no farther, or the packets to other ports end just there, or the
 * last hop before it is that of a control, by a way of another length. */
bool breaks_is_own_distance(
    const struct evidence *evidence, const struct port_evidence *port, int ttl);

/* Every TTL up to `ttl` was asked on this port: no hop before it can have been
 * missed. */
bool breaks_asked_up_to(const struct port_evidence *port, int ttl);

/* Compare a port that nothing answered with all others that go the same
 * way. */
void breaks_find(const struct evidence *evidence,
    const struct port_evidence *port, struct path_break *out);

#endif
