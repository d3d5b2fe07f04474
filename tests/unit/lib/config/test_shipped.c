/* SPDX-License-Identifier: Apache-2.0 */

/* The endpoints file that is installed with the agent. */

#include "lib/config/endpoints_file.h"
#include "tests/support/rows.h"

static void gentle(void **state)
{
	struct endpoint_list list;
	struct err err = {""};
	size_t i, submission = 0;

	if (endpoints_read(SHIPPED_LIST, &list, &err) != 0)
		fail_msg("%s", err.text);
	assert_in_range(list.count, 5, 12);
	for (i = 0; i < list.count; i++) {
		const struct endpoint *endpoint = &list.items[i];

		assert_true(endpoint->interval_s >= 3600);
		assert_true(endpoint->rate <= 1);
		assert_int_equal(endpoint->addresses, 1);
		assert_true(endpoint->control.count > 0);
		submission += endpoint->kind == ENDPOINT_SUBMISSION;
	}
	assert_true(submission >= 3 && submission < list.count);
	endpoints_free(&list);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "the shipped list reads, and is gentle", gentle);
	return test_run("shipped", &list);
}
