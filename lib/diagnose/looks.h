/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_LOOKS_H
#define EGRESS25_LIB_DIAGNOSE_LOOKS_H

/*
 * How far the packets of one port go, and those of another: the path as a
 * control. A TTL that no path lists was not asked, and says nothing.
 */

#include "lib/diagnose/port_evidence.h"

/* An order of hops by address, so that the choice among several does not hang
 * on the order of the paths. */
bool looks_comes_first(const struct hop_seen *a, const struct hop_seen *b);

/* A control port, which nobody sends another way, as mail ports are sent
 * through tunnels. */
bool looks_is_control(const struct port_evidence *port);

/* A router answered these looks, not the target's own address. */
bool looks_by_router(
    const struct evidence *evidence, const struct looks *looks);

/* Add a path's hops to its port's looks; the path is to `target`. */
void looks_add(struct port_evidence *port, const struct path_seen *path,
    const struct addr *target);

/* The last TTL at which a hop answered on this port; 0: none did. */
int looks_last_hop(const struct port_evidence *port);

/* The farthest TTL at which a router (not the target's own address) answered
 * on any port that the endpoint did not answer, but `except` (which may be
 * NULL); 0: none did. Of a port that it answered, the answer tells, and a hop
 * behind it is on another path. */
int looks_farthest_router(
    const struct evidence *evidence, const struct port_evidence *except);

/* A router answered one port at one TTL and the other at another. */
bool looks_same_hop(const struct port_evidence *port, int ttl,
    const struct port_evidence *other, int other_ttl);

/* Both ports' packets go the same way up to hop `ttl`: the hop there answered
 * both from the same address, or (load balancing, rate limits) the last one
 * before it that answered both did. */
bool looks_same_way(const struct port_evidence *port,
    const struct port_evidence *other, int ttl);

/* The hops up to `ttl` were all asked on both ports, and those that answered
 * both are the same. Perhaps none did. */
bool looks_no_other_way(const struct port_evidence *port,
    const struct port_evidence *other, int ttl);

/* The same, and some did answer both. */
bool looks_same_hops(const struct port_evidence *port,
    const struct port_evidence *other, int ttl);

/* The TTLs, a bit each, at which a hop of `other` is surely behind hop `after`
 * of `port`. Of two ways one may be longer: where a router answered both ports,
 * so many TTLs later on `other`, all of its hops may stand so much nearer; and
 * hops from where the endpoint answered it are on the longer way. */
uint32_t looks_behind(const struct port_evidence *port,
    const struct port_evidence *other, int after);

/* The most TTLs between two at which one router answered, the first time on
 * `port` and the second on `other`, or the other way round. On one port it
 * shows two ways of unequal length, by so much or more. */
int looks_apart(
    const struct port_evidence *port, const struct port_evidence *other);

/* What answered this port at TTL 1 did so in the target's own name, and a
 * router answered `other` there: this port's packets get another destination
 * on this host or at hop 1. No later hop is known to differ. */
bool looks_translated_at_once(const struct port_evidence *port,
    const struct port_evidence *other, int ttl);

/* Some hop of this port differs from another port's at the same TTL. */
bool looks_paths_differ(
    const struct evidence *evidence, const struct port_evidence *port);

/* The TTL at which `address` answered as a hop on a path of the target; 0: it
 * never did. */
int looks_hop_with(const struct evidence *evidence, const struct addr *address);

/* What answered at `ttl` on this port, else on a control port or on another one
 * that goes the same way; an absent address if nothing did. Never the target's
 * own address: a router that redirects a packet gives an ICMP error the source
 * that the packet was meant for (Linux does). */
struct addr looks_address(
    const struct evidence *evidence, const struct port_evidence *port, int ttl);

#endif
