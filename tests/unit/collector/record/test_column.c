/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/column.h"

#include <string.h>

#include "collector/record/codes.h"
#include "collector/record/network.h"
#include "lib/report/words.h"
#include "tests/support/rows.h"

/*
 * Every value of every enum that is stored or printed: a value that was added
 * to its enum alone fails here, in the table that was forgotten.
 */

#define NO_CODE CODE_KINDS /* printed, but not stored */

static const struct enum_row {
	const char *name;
	enum column_type type;
	enum code_kind code;
	int count, absent; /* absent: the value that has no word; -1: none */
} enum_rows[] = {
    {"every mode has its word and code, and is read back", COLUMN_MODE,
	CODE_MODE, MODE_COUNT, -1},
    {"every stage has its word and code, and is read back", COLUMN_STAGE,
	CODE_STAGE, STAGE_COUNT, -1},
    {"every failure has its word and code, and is read back", COLUMN_FAILURE,
	CODE_FAILURE, FAILURE_COUNT, FAILURE_NONE},
    {"every outcome has its word and code, and is read back", COLUMN_OUTCOME,
	CODE_OUTCOME, OUTCOME_COUNT, OUTCOME_COUNT},
    {"every mechanism has its word and code, and is read back",
	COLUMN_MECHANISM, CODE_MECHANISM, MECHANISM_COUNT, MECHANISM_COUNT},
    {"every where has its word and code, and is read back", COLUMN_WHERE,
	CODE_WHERE, WHERE_COUNT, WHERE_NONE},
    {"every word of tls_verify has its word and code, and is read back",
	COLUMN_VERIFY, CODE_VERIFY, VERIFY_COUNT, VERIFY_ABSENT},
    {"every stop of a network has its word, and is read back", COLUMN_STOP,
	NO_CODE, STOP_COUNT, STOP_NONE},
    {"every kind of annotation has its word, and is read back", COLUMN_KIND,
	NO_CODE, ANNOTATION_KINDS, -1},
    {"every state of a network has its word, and is read back", COLUMN_STATE,
	NO_CODE, STATE_COUNT, -1},
};

/* The value as a JSON object, read back. */
static int read_back(enum column_type type, int value, struct buf *text)
{
	const struct column column = {"word", type, 0, sizeof(value)};
	struct json_writer json = {.out = text};
	struct json_at root = {0};
	struct json_value *tree;
	struct err err;
	int again = -2;

	buf_clear(text);
	json_open_object(&json, NULL);
	column_write_json(&column, &value, &json);
	json_close_object(&json);
	assert_int_equal(json_parse(text->data, text->length, &tree, &err), 0);
	root.value = tree;
	if (column_read(&column, &root, &again, &err) < 0)
		fail_msg("value %d, %s: %s", value, text->data, err.text);
	json_free(tree);
	return again;
}

static void every_word(const struct enum_row *row)
{
	struct buf text = {0}, others = {0};
	int value;

	buf_append_text(&others, " ");
	for (value = 0; value < row->count; value++) {
		assert_int_equal(read_back(row->type, value, &text), value);
		if ((strcmp(text.data, "{\"word\":null}") == 0) !=
		    (value == row->absent))
			fail_msg("value %d is %s", value, text.data);
		if (strstr(others.data, text.data) != NULL)
			fail_msg("%s is two values", text.data);
		buf_append(&others, text.data, text.length);
	}
	if (row->absent == row->count)
		assert_int_equal(
		    read_back(row->type, row->count, &text), row->count);
	buf_free(&text);
	buf_free(&others);
}

static void every_code(const struct enum_row *row)
{
	int value, code, codes = 0;

	for (value = 0; value < row->count; value++) {
		code = code_of(row->code, value);
		assert_int_equal(code == 0, value == row->absent);
		assert_int_equal(code_value(row->code, (uint8_t)code), value);
	}
	assert_int_equal(code_value(row->code, 0), row->absent);
	for (code = 1; code <= UINT8_MAX; code++)
		codes += code_value(row->code, (uint8_t)code) >= 0;
	assert_int_equal(
	    codes, row->count - (row->absent >= 0 && row->absent < row->count));
}

static void every_value(void **state)
{
	const struct enum_row *row = *state;

	every_word(row);
	if (row->code != NO_CODE)
		every_code(row);
}

static void every_sign(void **state)
{
	const char *word, *other;
	int i, j;

	(void)state;
	for (i = 0; i < SOFT_SIGNS; i++) {
		word = soft_sign_word((enum soft_sign)(1 << i));
		assert_string_not_equal(word, "");
		for (j = 0; j < i; j++) {
			other = soft_sign_word((enum soft_sign)(1 << j));
			assert_string_not_equal(word, other);
		}
	}
	assert_string_equal(
	    soft_sign_word((enum soft_sign)(1 << SOFT_SIGNS)), "");
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, enum_rows, every_value);
	test_add(&list, "every sign has a word of its own", every_sign);
	return test_run("column", &list);
}
