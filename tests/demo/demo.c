/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A made-up fleet in a collector's store, for "./dev up --demo" and for the
 * tests of the pages: reports of 90 days, taken in as those of agents are.
 *
 *	demo asn|country|endpoints NETWORKS	print what the collector needs
 *	demo fill NETWORKS CONFIG		write the reports
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/demo/demo_fill.h"

#define SEED          25
#define TRANSIT_ASN   "65551"
#define TRANSIT_FIRST 0xcb007100u /* 203.0.113.0 */
#define RANGE_LAST    8191
#define HERE_FIRST    0x7f000000u /* 127.0.0.0/8 is in the first network, */
#define HERE_LAST     0x7fffffffu /* so that "My network" knows its reader */

static void print_range(uint32_t first, uint32_t last, const char *what)
{
	printf("%u.%u.%u.%u,%u.%u.%u.%u,%s\n", first >> 24, first >> 16 & 255,
	    first >> 8 & 255, first & 255, last >> 24, last >> 16 & 255,
	    last >> 8 & 255, last & 255, what);
}

static void print_range6(const char *prefix, size_t index, const char *what)
{
	printf("%s:%zx::,%s:%zx:ffff:ffff:ffff:ffff:ffff%s,%s\n", prefix, index,
	    prefix, index, strlen(prefix) == 4 ? ":ffff" : "", what);
}

/* The ranges of a network's lines and routers. */
static void print_ranges(const struct demo_world *world, bool is_asn)
{
	size_t i;

	for (i = 0; i < world->count; i++) {
		const struct demo_network *network = &world->networks[i];
		char what[128];

		if (is_asn)
			snprintf(what, sizeof(what), "%u,%s", network->asn,
			    network->name);
		else
			snprintf(what, sizeof(what), "%s", network->country);
		if (i == 0)
			print_range(HERE_FIRST, HERE_LAST, what);
		print_range(demo_range(i), demo_range(i) + RANGE_LAST, what);
		print_range(
		    demo_routers(i), demo_routers(i) + DEMO_ROUTERS - 1, what);
		print_range6("fd00", i, what);
		print_range6("2001:db8", i, what);
	}
	print_range(TRANSIT_FIRST, TRANSIT_FIRST + 255,
	    is_asn ? TRANSIT_ASN ",Transit Example" : "CH");
	printf("2001:db8:ffff::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,%s\n",
	    is_asn ? TRANSIT_ASN ",Transit Example" : "CH");
}

static void print_endpoints(void)
{
	int i;

	for (i = 0; i < DEMO_ENDPOINTS; i++)
		printf("[mx-%c]\nhost = mx-%c.example\ncontrol = 443\n"
		       "starttls = yes\nspki = " DEMO_SPKI "\n%s\n",
		    'a' + i, 'a' + i,
		    demo_is_known_to_serve((size_t)i) ? "ports = 25, 587, 465\n"
						      : "");
}

int main(int argc, char **argv)
{
	struct demo_world world;
	size_t count = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	int status = 0;

	if (count == 0 || count > DEMO_NETWORKS_MAX ||
	    !demo_world_draw(&world, SEED, count)) {
		fprintf(stderr, "usage: demo asn|country|endpoints NETWORKS\n"
				"       demo fill NETWORKS CONFIG\n");
		return 2;
	}
	if (strcmp(argv[1], "fill") == 0 && argc > 3)
		status = demo_fill(&world, argv[3]);
	else if (strcmp(argv[1], "endpoints") == 0)
		print_endpoints();
	else
		print_ranges(&world, strcmp(argv[1], "asn") == 0);
	demo_world_free(&world);
	return status;
}
