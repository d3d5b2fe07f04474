/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/rows.h"

/* What was read, and whether another part was then. */
static const struct row {
	const char *name;
	const char *read[6];
	const char *part;
	bool known;
} rows[] = {
    {"nothing is known at first", {NULL}, "all_0_0_0", false},
    {"a part that was read is known", {"all_0_0_0"}, "all_0_0_0", true},
    {"the next one is new", {"all_0_0_0"}, "all_1_1_0", false},
    {"what was merged of parts that were read is known",
	{"all_2_2_0", "all_0_0_0", "all_1_1_0"}, "all_0_2_1", true},
    {"what was merged of parts of which one was not read is new",
	{"all_0_0_0", "all_2_2_0"}, "all_0_2_1", false},
    {"what is in a merged part that was read is known", {"all_0_5_2"},
	"all_3_4_1", true},
    {"a number that no insert has is known when it was read merged",
	{"all_0_1_1", "all_3_4_1", "all_0_4_2"}, "all_0_4_3", true},
    {"it stays known", {"all_0_1_1", "all_3_4_1", "all_0_4_2", "all_5_5_0"},
	"all_0_5_3", true},
    {"a part of another partition is another one", {"20261127_0_0_0"},
	"20261128_0_0_0", false},
    {"a part with a mutation has the same blocks", {"all_0_3_1"}, "all_0_3_1_7",
	true},
    {"parts in between join", {"all_0_0_0", "all_4_4_0", "all_1_3_1"},
	"all_0_4_2", true},
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct parts parts = {.count = 0};
	struct parts_span span;
	size_t i;

	for (i = 0; i < 6 && row->read[i] != NULL; i++) {
		assert_true(parts_parse(row->read[i], &span));
		assert_int_equal(parts_add(&parts, &span), 0);
	}
	assert_true(parts_parse(row->part, &span));
	assert_int_equal(parts_have(&parts, &span), row->known);
	parts_free(&parts);
}

static void test_names(void **state)
{
	static const char *const wrong[] = {"", "all", "all_", "all_1",
	    "all_1_", "_1_1_0", "all_2_1_0", "all_x_1_0", "all_1_1",
	    "a_partition_of_its_own_1_1_0",
	    "longer-than-any-partition-that-there-is_1_1_0"};
	struct parts_span span;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(parts_parse(wrong[i], &span));
}

/* In any order, with merges in between, a block is never taken for read that
 * was not, and in the end all are one. */
static void test_drawn(void **state)
{
	enum { BLOCKS = 200 };
	struct parts parts = {.count = 0};
	bool read[BLOCKS] = {false};
	struct parts_span span = {.partition = "all"};
	int i, j, round;

	(void)state;
	srand(7);
	for (round = 0; round < 3000; round++) {
		span.from = rand() % BLOCKS;
		span.to = span.from + rand() % 4;
		if (span.to >= BLOCKS)
			span.to = BLOCKS - 1;
		for (i = (int)span.from, j = 1; i <= span.to; i++)
			j &= read[i];
		assert_int_equal(parts_have(&parts, &span), j);
		if (round % 3 != 0)
			continue;
		assert_int_equal(parts_add(&parts, &span), 0);
		for (i = (int)span.from; i <= span.to; i++)
			read[i] = true;
	}
	span.from = 0;
	span.to = BLOCKS - 1;
	assert_int_equal(parts_add(&parts, &span), 0);
	assert_int_equal(parts.count, 1);
	parts_free(&parts);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, test_row);
	test_add(&list, "what is no part's name is none", test_names);
	test_add(&list, "in any order only what was read is known", test_drawn);
	return test_run("clickhouse_parts", &list);
}
