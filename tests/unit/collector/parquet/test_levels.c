/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/parquet/levels.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

#define NUMBERS_MAX 20

static const struct levels_row {
	const char *name;
	size_t count;
	uint32_t numbers[NUMBERS_MAX];
	int width;
	const char *bytes; /* in hexadecimal */
} levels_rows[] = {
    {"nothing", 0, {0}, 1, ""},
    {"eight equal ones are a run", 8, {1, 1, 1, 1, 1, 1, 1, 1}, 1, "1001"},
    {"the example of the format: 0 to 7 in three bits", 8,
	{0, 1, 2, 3, 4, 5, 6, 7}, 3, "0388c6fa"},
    {"a group is filled up with zeros", 3, {1, 0, 1}, 1, "0305"},
    {"a run after a group", 18,
	{1, 0, 1, 0, 1, 0, 1, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, 2,
	"0311111403"},
    {"a run that begins within a group is packed up to its end", 16,
	{0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 1, "03fe1001"},
    {"wide numbers, the least byte first", 8,
	{70000, 70000, 70000, 70000, 70000, 70000, 70000, 70000}, 17,
	"10701101"},
    {"numbers of no width", 9, {0}, 0, "12"},
};

static void run_levels(void **state)
{
	const struct levels_row *row = *state;
	struct buf out = {0};
	char text[200] = "";
	size_t i;

	levels_put(&out, row->numbers, row->count, row->width);
	for (i = 0; i < out.length; i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned char)out.data[i]);
	assert_string_equal(text, row->bytes);
	buf_free(&out);
}

static void widths(void **state)
{
	(void)state;
	assert_int_equal(levels_width(0), 0);
	assert_int_equal(levels_width(1), 1);
	assert_int_equal(levels_width(255), 8);
	assert_int_equal(levels_width(256), 9);
	assert_int_equal(levels_width(UINT32_MAX), 32);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, levels_rows, run_levels);
	test_add(&list, "how many bits a number takes", widths);
	return test_run("levels", &list);
}
