/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_THROTTLE_H
#define EGRESS25_COLLECTOR_INTAKE_THROTTLE_H

/*
 * A rate limiter (leaky bucket) for actions of unknown clients: so many an
 * hour for one address and so many for the /24 or /48 around it. A burst may
 * use the whole hour's allowance at once; it is then given back evenly. Memory
 * is bounded: a full table forgets the address with the least recent use.
 * Pure; callers that share a throttle lock it.
 */

#include "lib/base/addr.h"

#define THROTTLE_ENTRIES (1 << 15)

/* One address or prefix: its whole allowance is available at `full_ms`. */
struct throttle_entry {
	uint64_t key;
	int64_t full_ms;
};

struct throttle {
	uint64_t seed; /* random, so that nobody can choose collisions */
	struct throttle_entry entries[THROTTLE_ENTRIES];
};

struct throttle_limits {
	int64_t by_address, by_prefix; /* per hour; 0: no limit */
};

/* Count one action of `address`. 0: allowed. Else it was not counted, and the
 * result is the number of seconds until it would be allowed. `now_ms` is
 * monotonic. */
int throttle_take(struct throttle *throttle, const struct addr *address,
    const struct throttle_limits *limits, int64_t now_ms);

#endif
