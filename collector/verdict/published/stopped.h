/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_PUBLISHED_STOPPED_H
#define EGRESS25_COLLECTOR_VERDICT_PUBLISHED_STOPPED_H

/*
 * Whose filter it is (doc/verdict.md, section 7): the networks of the hops
 * between which blocked lines stop. It changes no state: that port 25 does not
 * get out is true of the lines, whoever stops it. Pure.
 */

#include "collector/record/network.h"
#include "collector/verdict/replay/replay.h"

struct stopped {
	enum network_stop in;
	uint32_t upstream; /* the AS behind which, of STOP_UPSTREAM; or 0 */
};

/* Where a failure of a line of AS `own` stops, between a hop of `after` and one
 * of `before`; 0 is an AS that is unknown. */
enum network_stop stopped_between(
    uint32_t own, uint32_t after, uint32_t before);

/*
 * Where the blocked lines of the replay's day stop: each line as most of its
 * recent failures do, the network as most of its lines do, of equally many the
 * one that charges it least. Only what lines of two operators say counts;
 * else it is STOP_UNKNOWN. 0 or -ENOMEM.
 */
int stopped_find(const struct replay *replay, struct stopped *stopped);

#endif
