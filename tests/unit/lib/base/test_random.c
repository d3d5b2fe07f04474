/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/random.h"

#include <string.h>

#include "tests/support/rows.h"

static void uuids(void **state)
{
	char one[37], two[37];

	(void)state;
	uuid7(INT64_C(0x017F22E279B0), one);
	uuid7(INT64_C(0x017F22E279B1), two);
	assert_memory_equal(one, "017f22e2-79b0-7", 15);
	assert_non_null(strchr("89ab", one[19]));
	assert_true(strcmp(one, two) < 0);
	uuid7(INT64_C(0x017F22E279B1), one);
	assert_string_not_equal(one, two);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "UUIDv7 sorts by time and never repeats", uuids);
	return test_run("random", &list);
}
