/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_asked.h"

#include <stdio.h>

#include "tests/support/rows.h"

#define START INT64_C(7200000000)

/* Of questions that come every `every_us`, how many may be asked. */
static const struct row {
	const char *name;
	int questions;
	int64_t every_us;
	int asked;
} rows[] = {
    {"as many as fit into a moment are asked at once", 40, 0, 40},
    {"a flood is cut", 5000, 0, 40},
    {"twenty in a second may go on for ever", 5000, 50000, 5000},
    {"a lasting flood costs twenty in a second", 10000, 1000, 40 + 199},
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct asked asked = {.free_us = 0};
	int i, count = 0;

	for (i = 0; i < row->questions; i++)
		count += asked_may_ask(&asked, START + i * row->every_us);
	assert_int_equal(count, row->asked);
}

static void test_unknown(void **state)
{
	static struct asked asked;

	(void)state;
	assert_false(asked_is_unknown(&asked, "", START));
	asked_note_unknown(&asked, "0123", START);
	assert_true(asked_is_unknown(&asked, "0123", START));
	assert_false(asked_is_unknown(&asked, "0124", START));
	assert_true(
	    asked_is_unknown(&asked, "0123", START + ASKED_KEEP_US - 1));
	assert_false(asked_is_unknown(&asked, "0123", START + ASKED_KEEP_US));
}

/* Any number of them take no more room, and the last ones are known. */
static void test_many(void **state)
{
	static struct asked asked;
	char id[REPORT_AGENT_SIZE];
	int i, count = 0;

	(void)state;
	for (i = 0; i < 100000; i++) {
		snprintf(id, sizeof(id), "%032x", i * 7919);
		asked_note_unknown(&asked, id, START);
		assert_true(asked_is_unknown(&asked, id, START));
	}
	for (i = 0; i < 100000; i++) {
		snprintf(id, sizeof(id), "%032x", i * 7919);
		count += asked_is_unknown(&asked, id, START);
	}
	assert_in_range(count, 1, ASKED_MOST);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, test_row);
	test_add(&list, "who is unknown is so for a second", test_unknown);
	test_add(&list, "any number of unknown ids has its room", test_many);
	return test_run("clickhouse_asked", &list);
}
