/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct test_list *list, const char *name,
    CMUnitTestFunction run, const void *row)
{
	struct CMUnitTest *test;

	if (list->count == TEST_LIST_MAX) {
		fprintf(stderr, "rows: more than %d tests\n", TEST_LIST_MAX);
		abort();
	}
	test = &list->tests[list->count++];
	memset(test, 0, sizeof(*test));
	test->name = name;
	test->test_func = run;
	test->initial_state = (void *)row;
}

void test_add(struct test_list *list, const char *name, CMUnitTestFunction run)
{
	add(list, name, run, NULL);
}

void test_add_around(struct test_list *list, const char *name,
    CMUnitTestFunction run, CMFixtureFunction before, CMFixtureFunction after)
{
	add(list, name, run, NULL);
	list->tests[list->count - 1].setup_func = before;
	list->tests[list->count - 1].teardown_func = after;
}

void test_add_rows(struct test_list *list, const void *rows, size_t count,
    size_t row_size, CMUnitTestFunction run)
{
	const char *row = rows;
	size_t i;

	for (i = 0; i < count; i++, row += row_size) {
		const char *name;

		memcpy(&name, row, sizeof(name));
		add(list, name, run, row);
	}
}

int test_run(const char *group, struct test_list *list)
{
	return _cmocka_run_group_tests(
	    group, list->tests, list->count, NULL, NULL);
}
