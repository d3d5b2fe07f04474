/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_DEMO_DEMO_WORLD_H
#define EGRESS25_TESTS_DEMO_DEMO_WORLD_H

/*
 * A made-up Internet: networks with names, countries and address ranges of
 * their own, what each does to the mail ports and since when, and the lines in
 * them. Drawn from a seed: the same seed is the same world. The first network
 * is the one of this machine, and it and a few next to it are written by hand:
 * a change that all see, names that are long, of another script, or missing.
 * Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEMO_DAYS         90
#define DEMO_ENDPOINTS    6
#define DEMO_ROUTERS      3
#define DEMO_LINES_MAX    14 /* but of a network that is to be told in parts */
#define DEMO_NETWORKS_MAX 2048 /* there are so many /19 in 10.0.0.0/8 */

/* The key of every endpoint. */
#define DEMO_SPKI                          \
	"25252525252525252525252525252525" \
	"25252525252525252525252525252525"

/* What is done to a port. */
enum demo_policy {
	DEMO_OPEN,
	DEMO_DROP_ACCESS, /* after the customer's own router */
	DEMO_DROP,        /* after the provider's first router */
	DEMO_UPSTREAM,    /* after a router of the transit's */
	DEMO_ICMP,        /* a router of the provider says so */
	DEMO_RESET,       /* the same router resets it */
	DEMO_REDIRECT,    /* a proxy after the first router answers */
	DEMO_STRIPPED,    /* STARTTLS is taken out of the dialogue */
	DEMO_LINK,        /* dropped before the customer's router */
	DEMO_NO_REPLY,    /* the endpoint's answers do not come back */
	DEMO_UNPLACED,    /* dropped, and no trace shows where */
	DEMO_THROTTLE,    /* one SYN in five passes */
	DEMO_CUT,         /* reset after the handshake */
	DEMO_STALL,       /* silent after the handshake */
	DEMO_KEY,         /* TLS ends at another key */
	/* of a single line's host */
	DEMO_HOST_DROPS,
	DEMO_HOST_DENIES,
	DEMO_HOST_OR_PATH, /* it is the host or the link: nothing tells */
	/* of the endpoint */
	DEMO_NOT_SERVED,
	DEMO_BROKEN,
	DEMO_REFUSED,
	DEMO_REJECTED,
	DEMO_DOWN,
	/* each report has one of the above */
	DEMO_BY_PREFIX,   /* dropped in half of the prefixes */
	DEMO_BY_ENDPOINT, /* dropped to all but two of the endpoints */
	DEMO_UNSTEADY,    /* dropped on one day, open on the next */
	DEMO_BY_LINE,     /* open, and on each of some lines its own fault */
};

struct demo_network {
	uint32_t asn;
	char name[96]; /* "": none */
	char country[3];
	enum demo_policy before, after; /* the day `changes` */
	int changes;
	int mixed;  /* for so many days before, it is so in parts */
	int silent; /* the first of two days without a report; -1: none */
	bool has_ipv6, opens_ipv6; /* nothing is done to IPv6 */
	bool stops_submission;     /* port 587 too */
	size_t nlines;
};

/* Which visit is meant. */
struct demo_visit {
	size_t network, line, endpoint;
	int day; /* 0: the oldest */
	int family;
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

/* What is done to the port at that visit: up to DEMO_DOWN. */
enum demo_policy demo_policy_of(
    struct demo_world *world, const struct demo_visit *visit, int port);

/* Is the endpoint listed with its ports, and so known to serve them? The last
 * one is not. */
bool demo_is_known_to_serve(size_t endpoint);

/* Does it take two endpoints to show that? */
bool demo_takes_two(enum demo_policy policy);

/* Must its lines report daily of late? */
bool demo_is_daily(const struct demo_network *network);

/* Has the network no report on that day? */
bool demo_is_silent(const struct demo_network *network, int day);

/* The first address of network `index`, as a number (a /19 each). */
uint32_t demo_range(size_t index);

/* The same of its DEMO_ROUTERS routers: hop 2 is the first. */
uint32_t demo_routers(size_t index);

/* The address of a line, and of the provider's router `hop`, as text. */
void demo_address(size_t network, size_t line, int family, char text[48]);
void demo_router(size_t network, int hop, int family, char text[48]);

#endif
