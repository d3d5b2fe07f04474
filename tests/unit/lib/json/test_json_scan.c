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

/* --- what is said again --- */

#define LONG_ARRAY "[10,20,30,40,50,60,70,80,90,100,110]"
#define LONG_OBJECT                                                     \
	"{\"code\":220,\"text\":\"mx.example\",\"words\":[\"SIZE\",1]," \
	"\"more\":{\"a\":\"\\u00e4\",\"b\":[]}}"

static const struct again_row {
	const char *name;
	const char *first, *then; /* values of one key */
} again_rows[] = {
    {"an object again", LONG_OBJECT, LONG_OBJECT},
    {"an array again", LONG_ARRAY, LONG_ARRAY},
    {"a short one again", "{\"a\":[1]}", "{\"a\":[1]}"},
    {"an array that goes on", LONG_ARRAY,
	"[10,20,30,40,50,60,70,80,90,100,110,120]"},
    {"an array with another end", LONG_ARRAY,
	"[10,20,30,40,50,60,70,80,90,100,111]"},
    {"one that ends sooner", LONG_ARRAY, "[10,20,30,40,50,60,70,80,90,100]"},
    {"the same with blanks", LONG_OBJECT, " \n" LONG_OBJECT " "},
    {"an object behind an array", LONG_ARRAY, LONG_OBJECT},
    {"a text of the same bytes", LONG_ARRAY, "\"" LONG_ARRAY "\""},
    {"a number behind an object", LONG_OBJECT, "12"},
};

/* Scan a document, which must be right. */
static struct json_value *scanned(const char *json)
{
	struct json_value *tree;
	struct err err = {""};

	if (json_scan(json, strlen(json), &tree, &err) != 0)
		fail_msg("%s", err.text);
	return tree;
}

static void assert_same_values(
    const struct json_value *a, const struct json_value *b)
{
	size_t i, count = a->span;

	assert_int_equal(b->span, count);
	for (i = 0; i < count; i++) {
		assert_int_equal(a[i].type, b[i].type);
		assert_int_equal(a[i].span, b[i].span);
		assert_int_equal(a[i].length, b[i].length);
		assert_int_equal(a[i].escaped, b[i].escaped);
		if (a[i].type == JSON_TEXT || a[i].type == JSON_NUMBER)
			assert_memory_equal(a[i].at, b[i].at, a[i].length);
		else if (a[i].type == JSON_OBJECT)
			assert_true(a[i].keys == b[i].keys);
	}
}

/* Four times the key, the third time with the first value again. */
static void again(void **state)
{
	const struct again_row *row = *state;
	struct json_value *first = scanned(row->first);
	struct json_value *then = scanned(row->then), *all, *at;
	char json[1000];

	snprintf(json, sizeof(json),
	    "[{\"k\":%s},{\"k\":%s},{\"k\":%s},{\"k\":%s}]", row->first,
	    row->then, row->first, row->then);
	all = scanned(json);
	assert_int_equal(all->length, 4);
	at = all + 1;
	assert_same_values(first, at + 2);
	at += at->span;
	assert_same_values(then, at + 2);
	at += at->span;
	assert_same_values(first, at + 2);
	at += at->span;
	assert_same_values(then, at + 2);
	assert_ptr_equal(at + at->span, all + all->span);
	free(all);
	free(then);
	free(first);
}

static void repeats_are_known(void **state)
{
	static const char json[] = "[{\"k\":" LONG_OBJECT
				   "},{\"k\":" LONG_OBJECT
				   "},{\"k\":{\"code\":220}}]";
	struct json_value *all = scanned(json), *a = all + 1, *b, *c;

	(void)state;
	b = a + a->span;
	c = b + b->span;
	assert_true(json_value_repeats(b + 2, a + 2));
	assert_false(json_value_repeats(c + 2, a + 2));
	assert_false(json_value_repeats(b, a));
	assert_false(json_value_repeats(all, all));
	free(all);
}

/* Nothing is copied to where it would be nested too deeply. */
static void again_deeper(void **state)
{
	char json[300] = "{\"k\":", *end = json + strlen(json);
	struct json_value *tree;
	struct err err = {""};
	int i;

	(void)state;
	end += sprintf(end, LONG_OBJECT ",\"m\":");
	for (i = 0; i < 29; i++)
		*end++ = '[';
	end += sprintf(end, "{\"k\":" LONG_OBJECT "}");
	for (i = 0; i < 29; i++)
		*end++ = ']';
	strcpy(end, "}");
	assert_int_equal(json_scan(json, strlen(json), &tree, &err), -EINVAL);
	assert_non_null(strstr(err.text, "nested deeper than 32 levels"));
}

/* 2^17 values, of which the most are a repeated array's. */
static void again_too_often(void **state)
{
	size_t times = JSON_VALUES_MAX / 13 + 1, i, length = 1;
	char *json = malloc(times * 50 + 2);
	struct json_value *tree;
	struct err err = {""};

	(void)state;
	assert_non_null(json);
	json[0] = '[';
	for (i = 0; i < times; i++)
		length += (size_t)sprintf(json + length, "%s{\"k\":%s}",
		    i > 0 ? "," : "", LONG_ARRAY);
	json[length++] = ']';
	assert_int_equal(json_scan(json, length, &tree, &err), -EINVAL);
	assert_non_null(strstr(err.text, "more than 131072 values"));
	free(json);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "any byte at any place of a text is seen there",
	    every_byte_anywhere);
	TEST_ROWS(&list, again_rows, again);
	test_add(&list, "what repeats an object is told", repeats_are_known);
	test_add(&list, "what is said again may be too deep", again_deeper);
	test_add(&list, "what is said again may be too much", again_too_often);
	return test_run("json_scan", &list);
}
