/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_BASE_THROTTLE_H
#define EGRESS25_COLLECTOR_BASE_THROTTLE_H

/*
 * How often strangers may do something: so many times an hour for an address,
 * and so many for the prefix around it (/24 or /48). All of it may come at
 * once; it is given back evenly. In bounded memory: where there are more
 * addresses than places, the one that did least of late is forgotten. Pure;
 * whoever shares one locks it.
 */

#include "lib/base/addr.h"

#define THROTTLE_PLACES (1 << 15)

/* What an address or prefix may do again is there at `full_ms`. */
struct throttle_place {
	uint64_t key;
	int64_t full_ms;
};

struct throttle {
	uint64_t seed; /* that nobody knows, so that nobody picks places */
	struct throttle_place places[THROTTLE_PLACES];
};

struct throttle_limits {
	int64_t by_address, by_prefix; /* an hour; 0: no limit */
};

/* 0: go on; otherwise nothing is counted, and the answer is after how many
 * seconds to try again. */
int throttle_take(struct throttle *throttle, const struct addr *address,
    const struct throttle_limits *limits, int64_t now_ms);

#endif
