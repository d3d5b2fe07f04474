/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_SUPPORT_ROWS_H
#define EGRESS25_TESTS_SUPPORT_ROWS_H

/*
 * Table-driven tests on cmocka: each row is a struct whose first member is its
 * sentence (`const char *name`), and is a separate test in the output. A test
 * program is a list of groups:
 *
 *	static const struct row { const char *name; ... } rows[] = {...};
 *	static void run_row(void **state) { const struct row *row = *state; }
 *
 *	int main(void)
 *	{
 *		struct test_list list = {0};
 *
 *		TEST_ROWS(&list, rows, run_row);
 *		test_add(&list, "a single case", run_it);
 *		return test_run("dialog", &list);
 *	}
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TEST_LIST_MAX 512

struct test_list {
	struct CMUnitTest tests[TEST_LIST_MAX];
	size_t count;
};

/* Add a test; `name` is its sentence. */
void test_add(struct test_list *list, const char *name, CMUnitTestFunction run);

/* Add a test with a set-up and a tear-down function. */
void test_add_around(struct test_list *list, const char *name,
    CMUnitTestFunction run, CMFixtureFunction before, CMFixtureFunction after);

/* Add one test per row; `*state` is the row. */
void test_add_rows(struct test_list *list, const void *rows, size_t count,
    size_t row_size, CMUnitTestFunction run);

#define TEST_ROWS(list, rows, run) \
	test_add_rows(             \
	    list, rows, sizeof(rows) / sizeof(*(rows)), sizeof(*(rows)), run)

/* Run them all. Returns the exit code for main(). */
int test_run(const char *group, struct test_list *list);

#endif
