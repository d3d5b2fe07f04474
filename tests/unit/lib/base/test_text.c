/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

static const struct row {
	const char *name, *text, *plain;
} rows[] = {
    {"nothing is plain", "", ""},
    {"ASCII is plain", "mx1.example, Ltd. <a@b>", "mx1.example, Ltd. <a@b>"},
    {"letters of two, three and four bytes are plain",
	"\xc3\xa9\xe2\x82\xac\xe6\x97\xa5\xf0\x9f\x93\xa7",
	"\xc3\xa9\xe2\x82\xac\xe6\x97\xa5\xf0\x9f\x93\xa7"},
    {"a combining accent is plain", "e\xcc\x81", "e\xcc\x81"},
    {"an escape sequence", "a\033[2Jb", "a?[2Jb"},
    {"a line end, a tab and a return", "a\nb\tc\r", "a?b?c?"},
    {"DEL", "a\x7f", "a?"},
    {"an escape sequence in eight bits",
	"a\xc2\x9b"
	"2J",
	"a?2J"},
    {"the last of C1", "\xc2\x9f\xc2\xa0", "?\xc2\xa0"},
    {"right-to-left override",
	"gpj\xe2\x80\xae"
	"exe",
	"gpj?exe"},
    {"left-to-right mark", "a\xe2\x80\x8e", "a?"},
    {"an isolate",
	"\xe2\x81\xa6"
	"a\xe2\x81\xa9",
	"?a?"},
    {"Arabic letter mark", "\xd8\x9c", "?"},
    {"a line separator",
	"a\xe2\x80\xa8"
	"b",
	"a?b"},
    {"a paragraph separator",
	"a\xe2\x80\xa9"
	"b",
	"a?b"},
    {"a zero-width space", "pay\xe2\x80\x8bpal", "pay?pal"},
    {"a zero-width joiner",
	"a\xe2\x80\x8d"
	"b",
	"a?b"},
    {"a soft hyphen", "a\xc2\xad", "a?"},
    {"a byte-order mark",
	"\xef\xbb\xbf"
	"a",
	"?a"},
    {"a tag", "a\xf3\xa0\x81\xa1", "a?"},
    {"an invisible times", "a\xe2\x81\xa2", "a?"},
    {"a noncharacter", "\xef\xbf\xbf\xef\xb7\x90", "??"},
    {"a noncharacter of another plane", "\xf4\x8f\xbf\xbe", "?"},
    {"what stands for what was no character", "\xef\xbf\xbd", "\xef\xbf\xbd"},
    {"a byte that begins nothing",
	"a\xff"
	"b",
	"a?b"},
    {"a byte that continues nothing", "\x80\x9b", "??"},
    {"a sequence that is cut", "a\xe2\x80", "a??"},
    {"a sequence that is longer than it must be", "\xc0\x9b", "??"},
    {"half of a surrogate pair", "\xed\xa0\x80", "???"},
    {"beyond Unicode", "\xf4\x90\x80\x80", "????"},
};

static void plain(void **state)
{
	const struct row *row = *state;
	char text[64];

	strcpy(text, row->text);
	text_make_plain(text);
	assert_string_equal(text, row->plain);
	assert_true(text_is_plain(text));
	assert_int_equal(
	    text_is_plain(row->text), strcmp(row->text, row->plain) == 0);
}

static const struct count_row {
	const char *name, *text;
	size_t characters;
} count_rows[] = {
    {"there are none in nothing", "", 0},
    {"a byte of ASCII is one", "mx1", 3},
    {"two, three and four bytes are one",
	"\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7", 3},
    {"an accent of its own is one more", "e\xcc\x81", 2},
};

static void characters(void **state)
{
	const struct count_row *row = *state;

	assert_int_equal(text_characters(row->text), row->characters);
}

/* --- words --- */

static const char *const listed[] = {"a", "Able", "dns", "dnsbl", "zone"};

static const struct word_row {
	const char *name, *text;
	bool is_among, is_digits;
} word_rows[] = {
    {"a word of the list", "dns", true, false},
    {"its first", "a", true, false},
    {"its last", "zone", true, false},
    {"in another case", "aBLE", true, false},
    {"the beginning of one", "dn", false, false},
    {"one and more", "dnsblx", false, false},
    {"digits", "0123456789", false, true},
    {"digits and a sign", "-1", false, false},
    {"nothing", "", false, true},
};

static void words(void **state)
{
	const struct word_row *row = *state;
	char longer[32];
	size_t length = strlen(row->text);

	snprintf(longer, sizeof(longer), "%s0s", row->text);
	assert_int_equal(text_is_among(longer, length, listed,
			     sizeof(listed) / sizeof(*listed)),
	    row->is_among);
	assert_int_equal(text_is_digits(longer, length), row->is_digits);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, plain);
	TEST_ROWS(&list, count_rows, characters);
	TEST_ROWS(&list, word_rows, words);
	return test_run("text", &list);
}
