/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_BREAKS_H
#define EGRESS25_LIB_DIAGNOSE_BREAKS_H

/* Where one port's packets stop while another's go on: the path as control. */

#include "lib/diagnose/evidence.h"

/* Where a port's packets stop, by the other ports' packets that go on. */
struct path_break {
	int after;  /* the last hop that answered on this port; 0: none */
	int before; /* the first later TTL at which another port was answered,
		     * or OBSERVE_ABSENT */
	/* Every TTL up to `before` was asked on this port: no hop between the
	 * two can have been missed. */
	bool closed;
	/* The chance that a port which is let through shows this contrast to
	 * another port at routers behind the break; 1: there is none. */
	double chance;
	/* The same, with a router that may be the endpoint's own: the last
	 * one before it. */
	double chance_with_last;
	const struct hop_seen *last_router; /* that one, or NULL */
};

/* The least distance that the endpoint can have, by controls that answered and
 * by routers that other ports' packets passed; 0: nothing tells. */
int breaks_distance_least(
    const struct evidence *evidence, const struct port_evidence *port);

/* An answer on `port` from that TTL comes from the endpoint's own distance: a
 * control is no farther, or the packets to other ports end just there. */
bool breaks_is_own_distance(
    const struct evidence *evidence, const struct port_evidence *port, int ttl);

/* Compare a port that nothing answered with all others that go the same
 * way. */
void breaks_find(const struct evidence *evidence,
    const struct port_evidence *port, struct path_break *out);

#endif
