/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/throttle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rows.h"

#define START INT64_C(7200000)
#define HOUR  INT64_C(3600000)

static struct throttle *throttle;

static int set_up(void **state)
{
	(void)state;
	throttle = calloc(1, sizeof(*throttle));
	if (throttle == NULL)
		return -1;
	throttle->seed = 25;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(throttle);
	return 0;
}

static int take(
    const char *text, int64_t by_address, int64_t by_prefix, int64_t at_ms)
{
	struct addr address;

	addr_parse(&address, text);
	return throttle_take(throttle,
	    (struct throttle_charge[]){
		{throttle_address_key(throttle, 1, &address), by_address,
		    by_address, 1},
		{throttle_prefix_key(throttle, 1, &address), by_prefix,
		    by_prefix, 1},
	    },
	    2, at_ms * 1000);
}

/* Ten an hour for an address, 20 for a prefix: `tries` from each address. */
static const struct row {
	const char *name, *first, *second;
	int tries;
	int passed_first, passed_second;
} rows[] = {
    {"ten of an address, and no more", "192.0.2.1", "192.0.2.1", 15, 10, 0},
    {"its neighbour has ten of its own", "192.0.2.1", "192.0.2.2", 10, 10, 10},
    {"another prefix as well", "192.0.2.1", "198.51.100.1", 15, 10, 10},
    {"IPv6 in one /64 is one", "2001:db8:1:1::1", "2001:db8:1:1:ff::2", 10, 10,
	0},
    {"IPv6 in one /48", "2001:db8:1:1::1", "2001:db8:1:2::1", 15, 10, 10},
    {"IPv4 in IPv6 is IPv4", "192.0.2.1", "::ffff:192.0.2.1", 10, 10, 0},
    {"who has no address is one", "", "", 15, 10, 0},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	int i, passed = 0;

	assert_int_equal(set_up(NULL), 0);
	for (i = 0; i < row->tries; i++)
		passed += take(row->first, 10, 20, START) == 0;
	assert_int_equal(passed, row->passed_first);
	for (passed = i = 0; i < row->tries; i++)
		passed += take(row->second, 10, 20, START) == 0;
	assert_int_equal(passed, row->passed_second);
	tear_down(NULL);
}

static void by_prefix(void **state)
{
	char address[32];
	int i, passed = 0;

	(void)state;
	for (i = 0; i < 200; i++) {
		snprintf(address, sizeof(address), "192.0.2.%d", i);
		passed += take(address, 10, 20, START) == 0;
	}
	assert_int_equal(passed, 20);
	assert_int_equal(take("192.0.3.1", 10, 20, START), 0);
}

static void given_back(void **state)
{
	int i, after_s;

	(void)state;
	for (i = 0; i < 10; i++)
		assert_int_equal(take("192.0.2.1", 10, 0, START), 0);
	after_s = take("192.0.2.1", 10, 0, START);
	assert_int_equal(after_s, 360);
	assert_int_not_equal(
	    take("192.0.2.1", 10, 0, START + after_s * 1000 - 1), 0);
	assert_int_equal(take("192.0.2.1", 10, 0, START + after_s * 1000), 0);
	assert_int_not_equal(
	    take("192.0.2.1", 10, 0, START + after_s * 1000), 0);
	for (i = 0; i < 10; i++)
		assert_int_equal(take("192.0.2.1", 10, 0, START + 2 * HOUR), 0);
}

/* Amounts of a name: 3600 an hour, of which 600 at once. */
static int take_amount(const char *name, int64_t amount, int64_t at_ms)
{
	const struct throttle_charge charge = {
	    throttle_key(throttle, 2, name), 3600, 600, amount};

	return throttle_take(throttle, &charge, 1, at_ms * 1000);
}

static void amounts(void **state)
{
	(void)state;
	assert_int_equal(take_amount("a", 600, START), 0);
	assert_int_equal(take_amount("a", 100, START), 100);
	assert_int_equal(take_amount("a", 100, START + 99999), 1);
	assert_int_equal(take_amount("a", 100, START + 100000), 0);
	assert_int_equal(take_amount("b", 600, START + 100000), 0);
	assert_int_equal(take_amount("c", 999999, START), 0);
	assert_int_equal(take_amount("c", 1, START), 1);
}

/* An hour of it: a burst, and then the rate. */
static void sustained(void **state)
{
	int64_t at_ms;
	int passed = 0;

	(void)state;
	for (at_ms = 0; at_ms < HOUR; at_ms += 83)
		passed += take_amount("a", 1, START + at_ms) == 0;
	assert_in_range(passed, 600 + 3590, 600 + 3600);
}

static void large_limits(void **state)
{
	const struct throttle_charge charge = {
	    throttle_key(throttle, 2, "a"), 1000000000, 1000000000, 1000000};
	int i, passed = 0;

	(void)state;
	for (i = 0; i < 1500; i++)
		passed += throttle_take(throttle, &charge, 1, START * 1000) ==
			  0;
	assert_int_equal(passed, 1000);
}

static void refused_costs_nothing(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		take("192.0.2.1", 10, 0, START);
	assert_int_equal(take("192.0.2.1", 10, 0, START + HOUR / 10), 0);
}

static void no_limit(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 10000; i++)
		assert_int_equal(take("192.0.2.1", 0, 0, START), 0);
}

/* Many others do not make it forget one that is at its limit. */
static void crowd(void **state)
{
	char address[40];
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		assert_int_equal(take("192.0.2.1", 10, 0, START), 0);
	for (i = 0; i < 20000; i++) {
		snprintf(address, sizeof(address), "2001:db8:%x:%x::1", i / 256,
		    i % 256);
		assert_int_equal(take(address, 10, 0, START), 0);
	}
	assert_int_not_equal(take("192.0.2.1", 10, 0, START), 0);
}

#define ADD(name, run) test_add_around(&list, name, run, set_up, tear_down)

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	ADD("a prefix has its limit, however many addresses it has", by_prefix);
	ADD("what was taken is given back evenly", given_back);
	ADD("being refused costs nothing", refused_costs_nothing);
	ADD("more than one is taken at a time, or none", amounts);
	ADD("twelve a second get the burst and then one a second", sustained);
	ADD("a billion an hour is counted as well", large_limits);
	ADD("0 is no limit", no_limit);
	ADD("a crowd does not make it forget", crowd);
	return test_run("throttle", &list);
}
