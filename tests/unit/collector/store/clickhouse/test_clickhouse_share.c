/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_share.h"

#include <string.h>

#include "tests/support/rows.h"

#define ROWS 100000

static const struct rollup_row hostile = {.day = 20000,
    .asn = 64500,
    .family = 4,
    .port = 25,
    .prefix = "192.0.2.0/24",
    .agent = "0123456789abcdef"};

/* One agent has another pair of ASes in each row; how many are read. */
static size_t flood(struct share *share, struct rollup_row *last)
{
	struct rollup_row row = hostile;
	size_t taken = 0;
	uint32_t n;

	for (n = 0; n < ROWS; n++) {
		row.after_asn = n;
		taken += share_takes(share, n == 0 ? NULL : last, &row);
		*last = row;
	}
	return taken;
}

static void bounded(void **state)
{
	struct rollup_row last;
	struct share share = {0};

	(void)state;
	assert_int_equal(flood(&share, &last), SHARE_MOST);
}

/* Whoever comes after it has a share of its own. */
static const struct row {
	const char *name;
	struct rollup_row next;
} rows[] = {
    {"another agent", {.agent = "fedcba9876543210"}},
    {"another prefix", {.prefix = "192.0.3.0/24"}},
    {"another day", {.day = 20001}},
    {"another network", {.asn = 64501}},
    {"another family", {.family = 6}},
    {"another port", {.port = 587}},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct rollup_row last, next = hostile;
	struct share share = {0};

	flood(&share, &last);
	assert_false(share_takes(&share, &last, &next));
	if (row->next.agent[0] != '\0')
		strcpy(next.agent, row->next.agent);
	if (row->next.prefix[0] != '\0')
		strcpy(next.prefix, row->next.prefix);
	next.day += row->next.day != 0;
	next.asn += row->next.asn != 0;
	next.family = row->next.family != 0 ? row->next.family : next.family;
	next.port = row->next.port != 0 ? row->next.port : next.port;
	assert_true(share_takes(&share, &last, &next));
	assert_int_equal(share.count, 1);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "one agent's rows are read up to a bound", bounded);
	TEST_ROWS(&list, rows, run_row);
	return test_run("clickhouse_share", &list);
}
