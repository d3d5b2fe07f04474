/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json/json_read.h"
#include "tests/support/rows.h"

static const struct text_row {
	const char *name, *text, *json;
} text_rows[] = {
    {"plain text stands as it is", "mx.example.net", "\"mx.example.net\""},
    {"no text is empty text", "", "\"\""},
    {"quotes and backslashes are escaped", "a\"b\\c", "\"a\\\"b\\\\c\""},
    {"line ends and tabs have short escapes", "\r\n\t\b\f",
	"\"\\r\\n\\t\\b\\f\""},
    {"other control characters have long ones", "\x01\x1f\x7f",
	"\"\\u0001\\u001f\x7f\""},
    {"UTF-8 of two, three and four bytes stands",
	"\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7",
	"\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7\""},
    {"a Latin-1 byte becomes U+FFFD", "caf\xe9!", "\"caf\xef\xbf\xbd!\""},
    {"a lone continuation byte does", "\x80", "\"\xef\xbf\xbd\""},
    {"an overlong slash does, byte by byte", "\xc0\xaf",
	"\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {"an overlong three-byte form does", "\xe0\x80\xaf",
	"\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    {"half of a surrogate pair does", "\xed\xa0\x80",
	"\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    {"beyond U+10FFFF does", "\xf4\x90\x80\x80",
	"\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    {"a sequence that the end cuts does", "x\xe2\x82",
	"\"x\xef\xbf\xbd\xef\xbf\xbd\""},
};

static void text(void **state)
{
	const struct text_row *row = *state;
	struct buf out = {0};
	struct json_writer json = {.out = &out};

	json_text(&json, NULL, row->text);
	assert_string_equal(out.data, row->json);
	buf_free(&out);
}

static const struct number_row {
	const char *name;
	double value;
	int decimals;
	const char *json;
} number_rows[] = {
    {"zeros behind the point are left out", 12.100, 3, "12.1"},
    {"a whole number has no point", 12, 3, "12"},
    {"it is rounded, not cut", 0.0006, 3, "0.001"},
    {"zeros behind the point are kept before digits", 1.005, 3, "1.005"},
    {"too small for its decimals is 0", 0.0004, 3, "0"},
    {"there is no minus nought", -0.0004, 3, "0"},
    {"below nought", -2.5, 3, "-2.5"},
    {"no decimals", 2.5, 0, "3"},
    {"as large as a double can tell apart", 9007199254740991.0, 0,
	"9007199254740991"},
    {"larger than that", 1e20, 3, "100000000000000000000"},
    {"infinity is null", INFINITY, 3, "null"},
    {"what is no number is null", NAN, 3, "null"},
};

static void number(void **state)
{
	const struct number_row *row = *state;
	struct buf out = {0};
	struct json_writer json = {.out = &out};

	json_decimal(&json, NULL, row->value, row->decimals);
	assert_string_equal(out.data, row->json);
	buf_free(&out);
}

static void structure(void **state)
{
	struct buf out = {0};
	struct json_writer json = {.out = &out};
	struct addr addr;

	assert_true(addr_parse(&addr, "2001:db8::25"));
	json_open_object(&json, NULL);
	json_open_array(&json, "empty");
	json_close_array(&json);
	json_open_array(&json, "two");
	json_open_object(&json, NULL);
	json_close_object(&json);
	json_integer(&json, NULL, INT64_MIN);
	json_close_array(&json);
	json_integer(&json, "most", INT64_MAX);
	json_integer_or_null(&json, "absent", -1);
	json_integer_or_null(&json, "none", 0);
	json_text_or_null(&json, "text", "");
	json_address(&json, "address", &addr);
	json_address(&json, "nowhere", &(struct addr){0});
	json_bool(&json, "yes", true);
	json_time(&json, "at", 1764000000123);
	json_raw(&json, "k\"", "[1]");
	json_close_object(&json);
	assert_string_equal(out.data,
	    "{\"empty\":[],\"two\":[{},-9223372036854775808],"
	    "\"most\":9223372036854775807,\"absent\":null,\"none\":0,"
	    "\"text\":null,\"address\":\"2001:db8::25\",\"nowhere\":null,"
	    "\"yes\":true,\"at\":\"2025-11-24T16:00:00.123Z\",\"k\\\"\":[1]}");
	buf_free(&out);
}

/* Whatever the bytes are, what is written is read back as JSON, and writing
 * what was read changes it no more. */
static void any_bytes(void **state)
{
	struct buf out = {0}, again = {0};
	struct json_at root = {NULL};
	char bytes[64], back[4 * sizeof(bytes)];
	struct json_value *tree;
	size_t i;
	int round;

	srand(25);
	for (round = 0; round < 3000; round++) {
		for (i = 0; i + 1 < sizeof(bytes); i++)
			bytes[i] = (char)(rand() % 8 ? 0x80 + rand() % 128
						     : rand() % 256);
		bytes[i] = '\0';
		buf_clear(&out);
		buf_clear(&again);
		json_text(&(struct json_writer){.out = &out}, NULL, bytes);
		assert_int_equal(
		    json_parse(out.data, out.length, &tree, NULL), 0);
		root.value = tree;
		assert_int_equal(
		    json_get_text(&root, back, sizeof(back), NULL), 0);
		json_text(&(struct json_writer){.out = &again}, NULL, back);
		assert_string_equal(again.data, out.data);
		json_free(tree);
	}
	buf_free(&out);
	buf_free(&again);
}

/* Every microsecond of ten seconds survives as ms with three decimals. */
static void microseconds(void **state)
{
	struct buf out = {0};
	int64_t us;

	for (us = 0; us < 10000000; us += 997) {
		buf_clear(&out);
		json_decimal(&(struct json_writer){.out = &out}, NULL,
		    (double)us / 1000, 3);
		assert_int_equal(
		    (int64_t)(strtod(out.data, NULL) * 1000 + 0.5), us);
	}
	buf_free(&out);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, text_rows, text);
	TEST_ROWS(&list, number_rows, number);
	test_add(&list, "commas, keys and absent values", structure);
	test_add(&list, "any bytes come out as JSON", any_bytes);
	test_add(&list, "microseconds survive as milliseconds", microseconds);
	return test_run("json", &list);
}
