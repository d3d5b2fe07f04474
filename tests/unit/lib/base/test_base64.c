/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/base64.h"

#include <string.h>

#include "tests/support/rows.h"

static const struct text_row {
	const char *name;
	const char *bytes;
	const char *standard, *url;
} text_rows[] = {
    {"nothing is nothing", "", "", ""},
    {"one byte takes two characters and two of padding", "f", "Zg==", "Zg"},
    {"two bytes take three characters and one", "fo", "Zm8=", "Zm8"},
    {"three bytes need no padding", "foo", "Zm9v", "Zm9v"},
    {"a longer text", "foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"the alphabets differ in two characters", "\xfb\xef\xbe\xff",
	"++++/w==", "----_w"},
};

static void text(void **state)
{
	const struct text_row *row = *state;
	size_t length = strlen(row->bytes), got;
	char out[BASE64_SIZE(8)];
	uint8_t bytes[8];

	assert_int_equal(
	    base64_encode(row->bytes, length, out), strlen(row->standard));
	assert_string_equal(out, row->standard);
	assert_true(base64_decode(out, strlen(out), bytes, length, &got));
	assert_int_equal(got, length);
	assert_memory_equal(bytes, row->bytes, length);
	assert_int_equal(
	    base64url_encode(row->bytes, length, out), strlen(row->url));
	assert_string_equal(out, row->url);
	assert_true(base64_decode(out, strlen(out), bytes, length, &got));
	assert_int_equal(got, length);
	assert_memory_equal(bytes, row->bytes, length);
}

static const struct bad_row {
	const char *name;
	const char *text;
	size_t length, size;
} bad_rows[] = {
    {"one character is no byte", "Z", 1, 8},
    {"five characters are one too many", "Zm9vY", 5, 8},
    {"half of the padding is wrong", "Zg=", 3, 8},
    {"three of padding are wrong", "Z===", 4, 8},
    {"padding alone is nothing", "==", 2, 8},
    {"padding in the middle is wrong", "Zg==Zm9v", 8, 8},
    {"a blank is no character of it", "Zm 9", 4, 8},
    {"a line end is no character of it", "Zm9v\n", 5, 8},
    {"a NUL is no character of it", "Zm9\0", 4, 8},
    {"a byte above ASCII is no character of it", "Zm9\xc3", 4, 8},
    {"bits that are left over must be 0", "Zh==", 4, 8},
    {"so must they without padding", "Zm9", 3, 8},
    {"more than there is room for", "Zm9v", 4, 2},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	uint8_t bytes[8];
	size_t got;

	assert_false(
	    base64_decode(row->text, row->length, bytes, row->size, &got));
}

static void only_so_many(void **state)
{
	uint8_t bytes[8];
	size_t got;

	assert_true(base64_decode("Zm9v!!", 4, bytes, 3, &got));
	assert_int_equal(got, 3);
}

static void every_byte(void **state)
{
	uint8_t in[256], out[256];
	char text_of_it[BASE64_SIZE(256)];
	size_t i, got;

	for (i = 0; i < 256; i++)
		in[i] = (uint8_t)(i * 167);
	for (i = 0; i <= 256; i++) {
		base64_encode(in, i, text_of_it);
		assert_true(base64_decode(
		    text_of_it, strlen(text_of_it), out, i, &got));
		assert_int_equal(got, i);
		assert_memory_equal(in, out, i);
	}
}

static const struct hex_row {
	const char *name, *text;
	bool well;
} hex_rows[] = {
    {"two bytes of hexadecimal", "00ff", true},
    {"upper case is read too", "00FF", true},
    {"three digits are too few", "00f", false},
    {"five digits are too many", "00ff0", false},
    {"no digits are too few", "", false},
    {"a sign is no digit", "00-f", false},
    {"a blank is no digit", "00 f", false},
};

static void hex(void **state)
{
	const struct hex_row *row = *state;
	uint8_t bytes[2];
	char out[5];

	assert_int_equal(hex_decode(row->text, bytes, 2), row->well);
	if (!row->well)
		return;
	hex_encode(bytes, 2, out);
	assert_string_equal(out, "00ff");
}

/* What the digit is worth; -1: it is none. */
static int digit_value(int byte)
{
	static const char lower[] = "0123456789abcdef",
			  upper[] = "0123456789ABCDEF";
	const char *found = strchr(lower, byte);

	if (found != NULL)
		return (int)(found - lower);
	found = strchr(upper, byte);
	return found != NULL ? (int)(found - upper) : -1;
}

/* Every byte but NUL, as the first and as the second digit. */
static void hex_digits(void **state)
{
	uint8_t got;
	int byte;

	(void)state;
	for (byte = 1; byte < 256; byte++) {
		char first[] = {(char)byte, '5', '\0'};
		char second[] = {'5', (char)byte, '\0'};
		int value = digit_value(byte);

		got = 0;
		assert_int_equal(hex_decode(first, &got, 1), value >= 0);
		assert_int_equal(got, value >= 0 ? value * 16 + 5 : 0);
		got = 0;
		assert_int_equal(hex_decode(second, &got, 1), value >= 0);
		assert_int_equal(got, value >= 0 ? 5 * 16 + value : 0);
	}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, text_rows, text);
	TEST_ROWS(&list, bad_rows, bad);
	TEST_ROWS(&list, hex_rows, hex);
	test_add(&list, "all hexadecimal digits are read, and nothing else",
	    hex_digits);
	test_add(
	    &list, "it reads as many characters as it is told", only_so_many);
	test_add(&list, "every byte at every length survives", every_byte);
	return test_run("base64", &list);
}
