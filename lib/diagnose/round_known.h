/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_ROUND_KNOWN_H
#define EGRESS25_LIB_DIAGNOSE_ROUND_KNOWN_H

/*
 * What the diagnosis of one target needs of the others in its round, found
 * once: what they show tells an endpoint's fault from the network's.
 */

#include "lib/diagnose/families.h"
#include "lib/diagnose/suspicions.h"

struct round_suspicion; /* one of a port of a target */
struct round_hop;       /* one on a path to a target */

struct round_known {
	const struct target_seen *targets; /* borrowed */
	size_t ntargets;
	const struct endpoint_known *const *known; /* borrowed; NULL: none */
	struct evidence *evidence;                 /* owned, one a target */
	struct port_evidence *ports;               /* owned, theirs */
	struct round_suspicion *suspicions;        /* owned, sorted */
	size_t nsuspicions;
	struct round_hop *hops; /* owned, sorted */
	size_t nhops;
	struct family_known v4, v6;
	bool wordless; /* no sentences are asked for: set after round_know() */
};

/* Look at a whole round. `known`, with a pointer a target, and each of them may
 * be NULL: nothing is known beforehand. 0 or -ENOMEM, after which nothing is
 * owned. End with round_free(). */
int round_know(struct round_known *round, const struct target_seen *targets,
    size_t ntargets, const struct endpoint_known *const *known);
void round_free(struct round_known *round);

/* Never NULL. */
const struct endpoint_known *round_endpoint(
    const struct round_known *round, size_t target);

/* Both sign receipts. */
bool round_are_beacons(const struct round_known *round, size_t a, size_t b);

const struct family_known *round_family(
    const struct round_known *round, uint8_t family);

/* An endpoint of another owner (of two beacons, in another network, too) shows
 * the same on that port, over the same family: the same kind and, for early
 * answers, from the same TTL and behind the same hop; of STARTTLS that lacks,
 * at all of its addresses. Two others, where two owners' endpoints may do it by
 * themselves. */
bool round_shows_elsewhere(const struct round_known *round, size_t target,
    uint16_t port, const struct suspicion *suspicion);

/* Every other address of the same endpoint, over the same family, lacks
 * STARTTLS on that port in this round too. A pool in which one offers it, or
 * shows nothing, may vary. */
bool round_siblings_lack_starttls(
    const struct round_known *round, size_t target, uint16_t port);

/* The hop is on the path to an endpoint of another owner, too. */
bool round_hop_is_shared(
    const struct round_known *round, size_t target, const struct addr *address);

/* The hop is the last one before another address that answered. */
bool round_hop_is_last(
    const struct round_known *round, size_t target, const struct addr *address);

/* The lowest TTL at which that hop answered; 0: it never did. */
int round_hop_ttl(const struct round_known *round, const struct addr *address);

#endif
