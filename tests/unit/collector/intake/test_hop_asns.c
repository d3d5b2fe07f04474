/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/hop_asns.h"

#include <stdio.h>

#include "tests/support/rows.h"

#define TARGET "203.0.114.25" /* of nobody */

/* Who answered at TTL 4; of the geo data 192.0.2.0/24 is AS64496, the agent's,
 * 198.51.100.0/24 is AS64497, 203.0.114.0/24 is nobody's. The endpoint answers
 * port 443 at TTL 9 unless said otherwise. */
static const struct row {
	const char *name;
	const char *after;         /* the last hop that answered on port 25 */
	int after_hop, before_hop; /* of the diagnosis */
	const char *hops[3];       /* at TTL 4 on ports 443, 587, 25 */
	const char *next;          /* at TTL 5 on port 443 */
	uint32_t asn_after, asn_before;
} rows[] = {
    {"each hop is of its network", "192.0.2.1", 3, 4, {"198.51.100.1"}, NULL,
	64496, 64497},
    {"a private hop is of none", "192.168.1.1", 1, 4, {"10.0.0.1"}, NULL, 0, 0},
    {"a public one of nobody too", "203.0.114.1", 3, 4, {"203.0.114.2"}, NULL,
	0, 0},
    {"a silent hop is of none", "192.0.2.1", 3, 4, {""}, NULL, 64496, 0},
    {"silent hops before another network hide the border", "192.0.2.1", 2, 4,
	{"198.51.100.1"}, NULL, 64496, 0},
    {"silent hops inside the own network hide nothing", "192.0.2.1", 2, 4,
	{"192.0.2.9"}, NULL, 64496, 64496},
    {"nor do those after the customer's own router", "192.168.1.1", 1, 4,
	{"192.0.2.9"}, NULL, 0, 64496},
    {"nor those inside another network", "198.51.100.1", 2, 4, {"198.51.100.9"},
	NULL, 64497, 64497},
    {"it may stop at one of two hops of one network", "192.0.2.1", 3, 5,
	{"198.51.100.1"}, "198.51.100.2", 64496, 64497},
    {"it may stop at one of two hops of two networks", "192.0.2.1", 3, 5,
	{"192.0.2.9"}, "198.51.100.2", 64496, 0},
    {"this host is no hop", "", 0, 4, {"192.0.2.9"}, NULL, 0, 64496},
    {"no later hop is known", "192.0.2.1", 3, OBSERVE_ABSENT, {"198.51.100.1"},
	NULL, 64496, 0},
    {"two controls that agree", "192.0.2.1", 3, 4,
	{"198.51.100.1", "198.51.100.9"}, NULL, 64496, 64497},
    {"two controls through different networks", "192.0.2.1", 3, 4,
	{"198.51.100.1", "192.0.2.9"}, NULL, 64496, 0},
    {"one through a network that is unknown", "192.0.2.1", 3, 4,
	{"198.51.100.1", "10.0.0.1"}, NULL, 64496, 0},
    {"the port's own hop tells nothing", "192.0.2.1", 3, 4,
	{"198.51.100.1", "", "192.0.2.9"}, NULL, 64496, 64497},
};

static struct geo *open_geo(void)
{
	char path[300];
	struct geo *geo;
	struct err err;

	snprintf(path, sizeof(path), "%s/geolite2-asn.mmdb", GEO_FOLDER);
	assert_int_equal(geo_open(path, "", &geo, &err), 0);
	return geo;
}

static void add_path(struct target_seen *target, uint16_t port, const char *hop,
    const char *next, int answer_ttl)
{
	struct path_seen path = {
	    .port = port,
	    .answer_ttl = answer_ttl,
	    .answer = ANSWER_SYN_ACK,
	    .nhops = 2,
	    .hops = {{.ttl = 4}, {.ttl = 5}},
	};

	if (hop != NULL)
		addr_parse(&path.hops[0].address, hop);
	if (next != NULL)
		addr_parse(&path.hops[1].address, next);
	assert_int_equal(target_seen_add_path(target, &path), 0);
}

static void find(void **state)
{
	const struct row *row = *state;
	struct diagnosis diagnosis = {
	    .port = 25,
	    .after_hop = row->after_hop,
	    .before_hop = row->before_hop,
	};
	struct target_seen target = {.family = 4};
	struct geo *geo = open_geo();
	struct hop_asns asns;

	addr_parse(&target.address, TARGET);
	addr_parse(&diagnosis.after_address, row->after);
	add_path(&target, 443, row->hops[0], row->next, 9);
	add_path(&target, 587, row->hops[1], NULL, 9);
	add_path(&target, 25, row->hops[2], NULL, OBSERVE_ABSENT);
	hop_asns_find(geo, &target, &diagnosis, 64496, &asns);
	assert_int_equal(asns.after, row->asn_after);
	assert_int_equal(asns.before, row->asn_before);
	target_seen_free(&target);
	geo_close(geo);
}

static void endpoint(void **state)
{
	struct diagnosis diagnosis = {
	    .port = 25, .after_hop = 3, .before_hop = 4};
	struct target_seen target = {.family = 4};
	struct geo *geo = open_geo();
	struct hop_asns asns;

	(void)state;
	addr_parse(&target.address, "198.51.100.25");
	addr_parse(&diagnosis.after_address, "192.0.2.1");
	add_path(&target, 443, "", NULL, 4);
	hop_asns_find(geo, &target, &diagnosis, 64496, &asns);
	assert_int_equal(asns.before, 64497);
	target_seen_free(&target);
	geo_close(geo);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, find);
	test_add(&list, "the endpoint that answers is the next hop", endpoint);
	return test_run("hop_asns", &list);
}
