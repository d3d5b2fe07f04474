/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_THROTTLE_H
#define EGRESS25_COLLECTOR_INTAKE_THROTTLE_H

/*
 * A rate limiter (token bucket) for actions of agents and of unknown clients:
 * so many an hour for each. A burst may use part of an hour's allowance at
 * once; it is then given back evenly. Memory is bounded: a full table forgets
 * the least recent use. Pure; callers that share a throttle lock it.
 */

#include <stddef.h>

#include "lib/base/addr.h"

#define THROTTLE_ENTRIES (1 << 15)

/* A client: its whole allowance is available at `full_us`. */
struct throttle_entry {
	uint64_t key;
	int64_t full_us;
};

struct throttle {
	uint64_t seed; /* random, so that nobody can choose collisions */
	struct throttle_entry entries[THROTTLE_ENTRIES];
};

/* The key of a name; of an address, which in IPv6 is the /64 that one host has
 * all of (RFC 4291, 2.5.1); or of the /24 or /48 around one. `purpose` keeps
 * what is counted apart. */
uint64_t throttle_key(
    const struct throttle *throttle, int purpose, const char *name);
uint64_t throttle_address_key(
    const struct throttle *throttle, int purpose, const struct addr *address);
uint64_t throttle_prefix_key(
    const struct throttle *throttle, int purpose, const struct addr *address);

/* What is taken from whom. */
struct throttle_charge {
	uint64_t key;
	int64_t an_hour; /* the limit; 0: none */
	int64_t burst;   /* that may be taken at once */
	int64_t amount;  /* more than `burst` counts as `burst` */
};

/* Take all charges or none. 0: taken. Else the number of seconds until they
 * could be. `now_us` is monotonic. */
int throttle_take(struct throttle *throttle,
    const struct throttle_charge *charges, size_t count, int64_t now_us);

/* Take a charge, whatever is left: who overdraws waits the longer. */
void throttle_spend(struct throttle *throttle,
    const struct throttle_charge *charge, int64_t now_us);

#endif
