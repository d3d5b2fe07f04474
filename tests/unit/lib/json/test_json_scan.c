/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/json_scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rows.h"

/* `length` bytes of which the one at `at` is `byte`, between quotes: in a block
 * of exactly that size, so that a read beyond its end is found. */
static char *quoted_with(size_t length, size_t at, unsigned char byte)
{
	char *json = malloc(length + 2);

	assert_non_null(json);
	memset(json, 'x', length + 2);
	json[0] = json[length + 1] = '"';
	json[at + 1] = (char)byte;
	return json;
}

/* What is wrong with the byte, and how far behind it that is told; NULL:
 * nothing. A backslash takes the next byte with it. */
static const char *wrong_with(unsigned char byte, bool is_last, size_t *behind)
{
	*behind = 0;
	if (byte < 0x20)
		return "a control character in text";
	if (byte >= 0x80)
		return "text that is no UTF-8";
	*behind = 1 + (byte == '\\' && is_last);
	if (byte == '"')
		return "more than one JSON value";
	if (byte == '\\')
		return is_last ? "the JSON is cut off" : "this is no JSON";
	return NULL;
}

static void expect_byte(size_t length, size_t at, unsigned char byte)
{
	char *json = quoted_with(length, at, byte), error[64] = "";
	struct json_value *tree;
	struct err err = {""};
	size_t behind;
	const char *wrong = wrong_with(byte, at + 1 == length, &behind);
	int result = json_scan(json, length + 2, &tree, &err);

	if (wrong != NULL)
		snprintf(error, sizeof(error), "%s at byte %zu", wrong,
		    at + 1 + behind);
	assert_string_equal(err.text, error);
	assert_int_equal(result, wrong != NULL ? -EINVAL : 0);
	if (result == 0)
		assert_int_equal(tree->length, length);
	free(tree);
	free(json);
}

static void every_byte_anywhere(void **state)
{
	size_t length, at;
	int byte;

	(void)state;
	for (length = 1; length <= 18; length++)
		for (at = 0; at < length; at++)
			for (byte = 0; byte < 256; byte++)
				expect_byte(length, at, (unsigned char)byte);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "any byte at any place of a text is seen there",
	    every_byte_anywhere);
	return test_run("json_scan", &list);
}
