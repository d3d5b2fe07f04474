/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/net/syn.h"

#include "tests/support/rows.h"

static const struct row {
	const char *name;
	uint8_t header[40];
	size_t length;
	uint8_t ttl;
} rows[] = {
    {"the TTL of an IPv4 header", {[0] = 0x45, [8] = 57}, 40, 57},
    {"IPv4 with options", {[0] = 0x4f, [8] = 3}, 40, 3},
    {"the hop limit of an IPv6 header", {[0] = 0x60, [7] = 61, [8] = 9}, 40,
	61},
    {"a header of which half is missing", {[0] = 0x45, [8] = 57}, 10, 0},
    {"an IPv6 header of which half is missing", {[0] = 0x60, [7] = 61}, 39, 0},
    {"no header", {0}, 0, 0},
    {"no such version", {[0] = 0x50, [7] = 1, [8] = 2}, 40, 0},
};

static void run_row(void **state)
{
	const struct row *row = *state;

	assert_int_equal(syn_parse_ttl(row->header, row->length), row->ttl);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	return test_run("syn", &list);
}
