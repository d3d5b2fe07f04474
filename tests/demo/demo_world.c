/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/demo/demo_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ASN    4200000000u
#define FIRST_RANGE  0x0a000000u /* 10.0.0.0: nobody's */
#define RANGE        4096u       /* addresses of a network */
#define FIRST_ROUTER 0xc6120000u /* 198.18.0.0: for benchmarks */
#define ROUTERS      16u

size_t demo_draw(struct demo_world *world, size_t below)
{
	/* xorshift64* */
	world->random ^= world->random >> 12;
	world->random ^= world->random << 25;
	world->random ^= world->random >> 27;
	return (size_t)((world->random * 0x2545f4914f6cdd1du) >> 33) % below;
}

static const char *const first_names[] = {"Hanse", "Agua", "Velo", "Orbit",
    "Silva", "Omni", "Nord", "Fibra", "Atlas", "Kumo", "Delta", "Lumen"};
static const char *const last_names[] = {"fibre B.V.", "kabel AB", "link Ltd",
    "DSL a.s.", "LTE Pty", "Cloud Oy", "Servers", "mobil", "Datacenter S.A.",
    "Institute", "Business GmbH", "net"};
static const char countries[][3] = {"US", "US", "US", "BR", "BR", "DE", "DE",
    "JP", "IN", "GB", "FR", "NL", "MX", "AU", "FI", "AT", "KR", "DK", "ES",
    "TW", "IR", "VN", "CA", "CR", "SG", "MT", "PL", "IT", "ZA", "EG", "NG",
    "AR", "CL", "PE", "ID", "TH", "TR", "UA", "SE", "NO", "CH", "CZ"};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* In parts of a hundred. */
static const struct share {
	enum demo_policy policy;
	size_t percent;
} shares[] = {
    {DEMO_OPEN, 52},
    {DEMO_DROP, 28},
    {DEMO_ICMP, 11},
    {DEMO_BY_PREFIX, 6},
    {DEMO_REDIRECT, 3},
};

static enum demo_policy draw_policy(struct demo_world *world)
{
	size_t at = demo_draw(world, 100), i;

	for (i = 0; i + 1 < COUNT(shares) && at >= shares[i].percent; i++)
		at -= shares[i].percent;
	return shares[i].policy;
}

static void draw_network(struct demo_world *world, size_t index)
{
	struct demo_network *network = &world->networks[index];

	network->asn = FIRST_ASN + (uint32_t)index;
	snprintf(network->name, sizeof(network->name), "%s%s",
	    first_names[demo_draw(world, COUNT(first_names))],
	    last_names[demo_draw(world, COUNT(last_names))]);
	strcpy(network->country, countries[demo_draw(world, COUNT(countries))]);
	network->before = network->after = draw_policy(world);
	if (demo_draw(world, 100) < 8) {
		network->after = draw_policy(world);
		network->changes = DEMO_DAYS / 4 +
				   (int)demo_draw(world, DEMO_DAYS * 2 / 3);
	}
	network->has_ipv6 = demo_draw(world, 100) < 40;
	network->nlines = demo_draw(world, 100) < 35
			      ? 1
			      : 3 + demo_draw(world, demo_draw(world, 3) == 0
							 ? DEMO_LINES_MAX - 3
							 : 3);
}

bool demo_world_draw(struct demo_world *world, uint64_t seed, size_t count)
{
	size_t i;

	world->random = seed * 0x9e3779b97f4a7c15u + 1;
	world->count = count;
	world->networks = calloc(count, sizeof(*world->networks));
	if (world->networks == NULL)
		return false;
	for (i = 0; i < count; i++)
		draw_network(world, i);
	return true;
}

void demo_world_free(struct demo_world *world)
{
	free(world->networks);
	memset(world, 0, sizeof(*world));
}

enum demo_policy demo_policy_of(
    const struct demo_network *network, size_t line, int day)
{
	enum demo_policy policy = day < network->changes ? network->before
							 : network->after;

	if (policy != DEMO_BY_PREFIX)
		return policy;
	return line % 2 == 0 ? DEMO_DROP : DEMO_OPEN;
}

uint32_t demo_range(size_t index)
{
	return FIRST_RANGE + (uint32_t)index * RANGE;
}

uint32_t demo_routers(size_t index)
{
	return FIRST_ROUTER + (uint32_t)index * ROUTERS;
}

static void write_ipv4(uint32_t address, char text[48])
{
	snprintf(text, 48, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
	    address >> 8 & 255, address & 255);
}

void demo_address(size_t network, size_t line, int family, char text[48])
{
	if (family == 4)
		write_ipv4(
		    demo_range(network) + (uint32_t)line * 256 + 7, text);
	else
		snprintf(text, 48, "fd00:%zx:%zx::7", network, line);
}

void demo_router(size_t network, int hop, int family, char text[48])
{
	if (family == 4)
		write_ipv4(demo_routers(network) + (uint32_t)hop, text);
	else
		snprintf(text, 48, "2001:db8:%zx::%x", network, (unsigned)hop);
}
