/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/demo/demo_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ASN    4200000000u
#define FIRST_RANGE  0x0a000000u /* 10.0.0.0: nobody's */
#define RANGE        8192u       /* addresses of a network */
#define FIRST_ROUTER 0xc6120000u /* 198.18.0.0: for benchmarks */
/* Of the first networks the pages can tell whose routers they are: there are so
 * many addresses for documentation, which count as public. */
#define FIRST_SHOWN    0xc6336400u /* 198.51.100.0 */
#define SHOWN_NETWORKS 80
#define MANY_LINES     18 /* parts of a network take more to tell */

size_t demo_draw(struct demo_world *world, size_t below)
{
	/* xorshift64* */
	world->random ^= world->random >> 12;
	world->random ^= world->random << 25;
	world->random ^= world->random >> 27;
	return (size_t)((world->random * 0x2545f4914f6cdd1du) >> 33) % below;
}

static const char *const first_names[] = {"Hanse", "Agua", "Velo", "Orbit",
    "Silva", "Omni", "Nord", "Fibra", "Atlas", "Kumo", "Delta", "Lumen", "Aero",
    "Boreal", "Cirrus", "Dune", "Estuar", "Fjord", "Granit", "Helio", "Isar",
    "Jura", "Krona", "Lagun", "Marea", "Nimbus", "Onda", "Polar", "Quarz",
    "Rhodan", "Sirio", "Tundra", "Ultra", "Vega", "Westa", "Zephyr"};
static const char *const last_names[] = {"fibre B.V.", "kabel AB", "link Ltd",
    "DSL a.s.", "LTE Pty", " Cloud Oy", " Servers", "mobil", " Datacenter S.A.",
    " Institute", " Business GmbH", "net"};
static const char countries[][3] = {"US", "US", "US", "BR", "BR", "DE", "DE",
    "JP", "IN", "GB", "FR", "NL", "MX", "AU", "FI", "AT", "KR", "DK", "ES",
    "TW", "IR", "VN", "CA", "CR", "SG", "MT", "PL", "IT", "ZA", "EG", "NG",
    "AR", "CL", "PE", "ID", "TH", "TR", "UA", "SE", "NO", "CH", "CZ"};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Of those that do something, in parts of a hundred. */
static const struct share {
	enum demo_policy policy;
	size_t percent;
} shares[] = {
    {DEMO_DROP_ACCESS, 42},
    {DEMO_DROP, 20},
    {DEMO_ICMP, 12},
    {DEMO_RESET, 7},
    {DEMO_BY_PREFIX, 8},
    {DEMO_BY_ENDPOINT, 2},
    {DEMO_REDIRECT, 4},
    {DEMO_STRIPPED, 2},
    {DEMO_UNSTEADY, 3},
};

/* How many networks of a country do something, in parts of a hundred: drawn
 * from its letters. */
static size_t filtering_in(const char country[3])
{
	size_t mixed = (size_t)(country[0] * 31 + country[1]) * 2654435761u;

	return 12 + mixed / 64 % 80;
}

static enum demo_policy draw_policy(
    struct demo_world *world, const char country[3])
{
	size_t at, i;

	if (demo_draw(world, 100) >= filtering_in(country))
		return DEMO_OPEN;
	at = demo_draw(world, 100);
	for (i = 0; i + 1 < COUNT(shares) && at >= shares[i].percent; i++)
		at -= shares[i].percent;
	return shares[i].policy;
}

/* A third has one line: too little to say anything. */
static size_t draw_lines(struct demo_world *world)
{
	size_t most = demo_draw(world, 3) == 0 ? DEMO_LINES_MAX - 3 : 3;

	if (demo_draw(world, 100) < 35)
		return 1;
	return 3 + demo_draw(world, most);
}

static void draw_change(struct demo_world *world, struct demo_network *network)
{
	network->after = draw_policy(world, network->country);
	network->changes = DEMO_DAYS / 4 +
			   (int)demo_draw(world, DEMO_DAYS * 2 / 3);
	network->mixed = demo_draw(world, 3) == 0 ? 4 : 0;
}

static void draw_network(struct demo_world *world, size_t index)
{
	struct demo_network *network = &world->networks[index];

	network->asn = FIRST_ASN + (uint32_t)index;
	snprintf(network->name, sizeof(network->name), "%s%s",
	    first_names[demo_draw(world, COUNT(first_names))],
	    last_names[demo_draw(world, COUNT(last_names))]);
	strcpy(network->country, countries[demo_draw(world, COUNT(countries))]);
	network->before = network->after = draw_policy(world, network->country);
	if (demo_draw(world, 100) < 8)
		draw_change(world, network);
	network->has_ipv6 = demo_draw(world, 100) < 40;
	network->opens_ipv6 = demo_draw(world, 100) < 25;
	network->stops_submission = demo_draw(world, 100) < 4;
	network->silent = demo_draw(world, 100) < 10
			      ? (int)demo_draw(world, DEMO_DAYS - 10)
			      : -1;
	network->nlines = draw_lines(world);
	if (network->after == DEMO_BY_PREFIX)
		network->nlines = MANY_LINES + demo_draw(world, 6);
}

/* Written by hand, so that the pages meet each for certain. */
static const struct demo_network by_hand[] = {
    {0, "Hansefibre B.V.", "NL", DEMO_OPEN, DEMO_DROP_ACCESS, 52, 4, 24, true,
	true, false, DEMO_LINES_MAX},
    {0,
	"Intermunicipal Association for the Telecommunication Networks of the "
	"Northern Archipelago",
	"NO", DEMO_BY_PREFIX, DEMO_BY_PREFIX, 0, 0, -1, true, false, false, 28},
    {0, "\xd7\xa8\xd7\xa9\xd7\xaa <b>& \xd7\xa6\xd7\xa4\xd7\x95\xd7\x9f", "MT",
	DEMO_REDIRECT, DEMO_REDIRECT, 0, 0, -1, false, false, false, 6},
    {0, "", "SG", DEMO_ICMP, DEMO_ICMP, 0, 0, -1, true, false, true, 6},
    {0, "Unsteadynet", "NL", DEMO_UNSTEADY, DEMO_UNSTEADY, 0, 0, -1, false,
	false, false, 10},
    {0, "Selectnet", "NL", DEMO_BY_ENDPOINT, DEMO_BY_ENDPOINT, 0, 0, -1, false,
	false, false, 10},
    {0, "Plainkabel AB", "NL", DEMO_STRIPPED, DEMO_STRIPPED, 0, 0, -1, true,
	false, false, 8},
    {0, "Openlink Ltd", "NL", DEMO_OPEN, DEMO_OPEN, 0, 0, -1, true, false,
	false, 12},
    {0, "Fewlines", "NL", DEMO_DROP, DEMO_DROP, 0, 0, -1, false, false, false,
	1},
    {0, "Resetmobil", "NL", DEMO_RESET, DEMO_RESET, 0, 0, -1, true, false,
	false, 7},
    {0, "Switchcloud", "NL", DEMO_LINK, DEMO_LINK, 0, 0, -1, true, false, false,
	8},
    {0, "Oneway Telecom", "NL", DEMO_NO_REPLY, DEMO_NO_REPLY, 0, 0, -1, false,
	false, false, 8},
    {0, "Traceless", "NL", DEMO_UNPLACED, DEMO_UNPLACED, 0, 0, -1, false, false,
	false, 8},
    {0, "Tricklenet", "NL", DEMO_THROTTLE, DEMO_THROTTLE, 0, 0, -1, false,
	false, false, 8},
    {0, "Cutline", "NL", DEMO_CUT, DEMO_CUT, 0, 0, -1, false, false, false, 8},
    {0, "Stallnet", "NL", DEMO_STALL, DEMO_STALL, 0, 0, -1, false, false, false,
	8},
    {0, "Keyswap Hotels", "NL", DEMO_KEY, DEMO_KEY, 0, 0, -1, false, false,
	false, 8},
    {0, "Oddlines", "NL", DEMO_BY_LINE, DEMO_BY_LINE, 0, 0, -1, false, false,
	false, 14},
    {0, "Throughnet", "NL", DEMO_UPSTREAM, DEMO_UPSTREAM, 0, 0, -1, false,
	false, false, 8},
};

bool demo_world_draw(struct demo_world *world, uint64_t seed, size_t count)
{
	size_t i;

	world->random = seed * 0x9e3779b97f4a7c15u + 1;
	world->count = count;
	world->networks = calloc(count, sizeof(*world->networks));
	if (world->networks == NULL)
		return false;
	for (i = 0; i < count; i++) {
		draw_network(world, i);
		if (i < COUNT(by_hand))
			world->networks[i] = by_hand[i];
		world->networks[i].asn = FIRST_ASN + (uint32_t)i;
	}
	return true;
}

void demo_world_free(struct demo_world *world)
{
	free(world->networks);
	memset(world, 0, sizeof(*world));
}

/* Lines from here on share a prefix, two by two: of such a prefix alone the
 * pages may say what is done in it. */
#define SHARED_FROM 16

static size_t prefix_of(size_t line)
{
	return line < SHARED_FROM ? line
				  : SHARED_FROM + (line - SHARED_FROM) / 2;
}

bool demo_is_silent(const struct demo_network *network, int day)
{
	return network->silent >= 0 &&
	       (day == network->silent || day == network->silent + 1);
}

static enum demo_policy policy_on(const struct demo_network *network, int day)
{
	if (day >= network->changes)
		return network->after;
	return day >= network->changes - network->mixed ? DEMO_BY_PREFIX
							: network->before;
}

/* What is odd about the first lines of a network. */
static const struct odd_line {
	enum demo_policy policy;
	int port; /* 0: all */
} odd_lines[] = {
    {DEMO_HOST_DROPS, 25},
    {DEMO_HOST_DENIES, 25},
    {DEMO_HOST_OR_PATH, 25},
    {DEMO_NOT_SERVED, 587},
    {DEMO_BROKEN, 465},
    {DEMO_REFUSED, 25},
    {DEMO_REJECTED, 25},
    {DEMO_DOWN, 0},
    /* at the endpoint that is not known to serve it */
    {DEMO_NOT_SERVED, 587},
    {DEMO_NOT_SERVED, 587},
    {DEMO_NOT_SERVED, 587},
};

static enum demo_policy policy_of_line(const struct demo_visit *visit, int port)
{
	const struct odd_line *odd;

	if (visit->line >= COUNT(odd_lines))
		return DEMO_OPEN;
	odd = &odd_lines[visit->line];
	if (odd->port != 0 && odd->port != port)
		return DEMO_OPEN;
	if (odd->policy == DEMO_NOT_SERVED &&
	    demo_is_known_to_serve(visit->endpoint))
		return DEMO_OPEN;
	return odd->policy;
}

bool demo_is_known_to_serve(size_t endpoint)
{
	return endpoint + 1 < DEMO_ENDPOINTS;
}

bool demo_takes_two(enum demo_policy policy)
{
	return policy == DEMO_UNPLACED || policy == DEMO_THROTTLE ||
	       policy == DEMO_NO_REPLY || policy == DEMO_CUT ||
	       policy == DEMO_STALL || policy == DEMO_DOWN ||
	       policy == DEMO_STRIPPED || policy == DEMO_KEY ||
	       policy == DEMO_UPSTREAM;
}

bool demo_is_daily(const struct demo_network *network)
{
	return network->after == DEMO_UNSTEADY;
}

enum demo_policy demo_policy_of(
    struct demo_world *world, const struct demo_visit *visit, int port)
{
	const struct demo_network *network = &world->networks[visit->network];
	enum demo_policy policy = policy_on(network, visit->day);
	bool passes = port != 25 && !(port == 587 && network->stops_submission);

	if (policy == DEMO_BY_LINE)
		return policy_of_line(visit, port);
	if (passes || (visit->family == 6 && network->opens_ipv6))
		return DEMO_OPEN;
	switch (policy) {
	case DEMO_BY_PREFIX:
		return prefix_of(visit->line) % 2 == 0 ? DEMO_DROP_ACCESS
						       : DEMO_OPEN;
	case DEMO_BY_ENDPOINT:
		return visit->endpoint < 2 ? DEMO_OPEN : DEMO_DROP;
	case DEMO_UNSTEADY:
		return (visit->day + (int)visit->line) % 2 == 0 ? DEMO_DROP
								: DEMO_OPEN;
	default:
		return policy;
	}
}

uint32_t demo_range(size_t index)
{
	return FIRST_RANGE + (uint32_t)index * RANGE;
}

uint32_t demo_routers(size_t index)
{
	return index < SHOWN_NETWORKS
		   ? FIRST_SHOWN + (uint32_t)index * DEMO_ROUTERS
		   : FIRST_ROUTER + (uint32_t)index * DEMO_ROUTERS;
}

static void write_ipv4(uint32_t address, char text[48])
{
	snprintf(text, 48, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
	    address >> 8 & 255, address & 255);
}

void demo_address(size_t network, size_t line, int family, char text[48])
{
	if (family == 4)
		write_ipv4(demo_range(network) +
			       (uint32_t)prefix_of(line) * 256 + 7 +
			       (uint32_t)line,
		    text);
	else
		snprintf(text, 48, "fd00:%zx:%zx::%zx", network,
		    prefix_of(line), 7 + line);
}

void demo_router(size_t network, int hop, int family, char text[48])
{
	if (family == 4)
		write_ipv4(demo_routers(network) + (uint32_t)hop - 2, text);
	else
		snprintf(text, 48, "2001:db8:%zx::%x", network, (unsigned)hop);
}
