/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_DEMO_DEMO_WORLD_H
#define EGRESS25_TESTS_DEMO_DEMO_WORLD_H

/*
 * A made-up Internet: networks with names, countries and address ranges of
 * their own, what each does to port 25 and since when, and the lines in them.
 * Drawn from a seed: the same seed is the same world. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEMO_DAYS      90
#define DEMO_ENDPOINTS 6
#define DEMO_LINES_MAX 14

/* What is done to port 25. */
enum demo_policy {
	DEMO_OPEN,
	DEMO_DROP,      /* after the provider's first router */
	DEMO_ICMP,      /* a router of the provider says so */
	DEMO_REDIRECT,  /* a proxy after the first router answers */
	DEMO_BY_PREFIX, /* dropped in half of the prefixes */
	DEMO_POLICIES
};

struct demo_network {
	uint32_t asn;
	char name[48];
	char country[3];
	enum demo_policy before, after; /* the day `changes` */
	int changes;
	bool has_ipv6;
	size_t nlines;
};

struct demo_world {
	struct demo_network *networks; /* owned */
	size_t count;
	uint64_t random;
};

/* Draw a world. False: out of memory. */
bool demo_world_draw(struct demo_world *world, uint64_t seed, size_t count);
void demo_world_free(struct demo_world *world);

/* A number below `below`. */
size_t demo_draw(struct demo_world *world, size_t below);

/* What network does to port 25 for that line on that day, 0 the oldest. */
enum demo_policy demo_policy_of(
    const struct demo_network *network, size_t line, int day);

/* The first address of network `index`, as a number (a /20 each). */
uint32_t demo_range(size_t index);

/* The same of its routers (a /28 each). */
uint32_t demo_routers(size_t index);

/* The address of a line, and of the provider's router `hop`, as text. */
void demo_address(size_t network, size_t line, int family, char text[48]);
void demo_router(size_t network, int hop, int family, char text[48]);

#endif
