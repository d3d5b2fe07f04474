/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/address_count.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

#define MOST 3

static struct addr address_of(const char *text)
{
	struct addr address;

	assert_true(addr_parse(&address, text));
	return address;
}

/* `first` has all the connections that it may have: has `second` room? */
static const struct row {
	const char *name, *first, *second;
	bool has_room;
} rows[] = {
    {"an address has so many, and no more", "192.0.2.1", "192.0.2.1", false},
    {"its neighbour has its own", "192.0.2.1", "192.0.2.2", true},
    {"IPv4 in IPv6 is IPv4", "192.0.2.1", "::ffff:192.0.2.1", false},
    {"a /64 is one host", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", false},
    {"the next /64 is another", "2001:db8:1:2::1", "2001:db8:1:3::1", true},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	const struct addr first = address_of(row->first);
	const struct addr second = address_of(row->second);
	struct address_count *counts = address_count_new();
	int i;

	for (i = 0; i < MOST; i++)
		assert_true(address_count_take(counts, &first, MOST));
	assert_int_equal(
	    address_count_take(counts, &second, MOST), row->has_room);
	if (row->has_room)
		address_count_give(counts, &second);
	address_count_give(counts, &first);
	assert_true(address_count_take(counts, &first, MOST));
	assert_false(address_count_take(counts, &first, MOST));
	assert_true(address_count_take(counts, &first, 0));
	address_count_free(counts);
}

/* More than there are buckets: all are told apart, and forgotten. */
static void many(void **state)
{
	struct address_count *counts = address_count_new();
	struct addr address = address_of("10.0.0.0");
	int i, turn;

	(void)state;
	for (turn = 0; turn < 2; turn++) {
		for (i = 0; i < 10000; i++) {
			address.bytes[2] = (uint8_t)(i >> 8);
			address.bytes[3] = (uint8_t)i;
			assert_true(address_count_take(counts, &address, 1));
			assert_false(address_count_take(counts, &address, 1));
		}
		for (i = 0; i < 10000; i++) {
			address.bytes[2] = (uint8_t)(i >> 8);
			address.bytes[3] = (uint8_t)i;
			address_count_give(counts, &address);
		}
	}
	address_count_free(counts);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "ten thousand addresses are told apart", many);
	return test_run("address_count", &list);
}
