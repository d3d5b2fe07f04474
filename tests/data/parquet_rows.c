/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Writes rows of every type, with nulls and extremes, as Parquet and as JSON
 * lines, for readers that know neither of us. Arguments: PARQUET JSONL ROWS
 * GROUP_ROWS, of which 0 is the usual number.
 */

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/parquet/parquet.h"
#include "lib/json/json.h"

static const struct parquet_column columns[] = {
    {"flag", PARQUET_BOOL},
    {"tiny", PARQUET_UINT8},
    {"port", PARQUET_UINT16},
    {"asn", PARQUET_UINT32},
    {"code", PARQUET_INT32},
    {"number", PARQUET_INT64},
    {"at", PARQUET_TIME},
    {"ms", PARQUET_DOUBLE},
    {"word", PARQUET_TEXT},
    {"id", PARQUET_TEXT},
    {"nothing", PARQUET_TEXT},
    {"same", PARQUET_UINT32},
    /* few tuples, each many times */
    {"few_word", PARQUET_TEXT, 1},
    {"few_flag", PARQUET_BOOL, 1},
    {"few_ms", PARQUET_DOUBLE, 1},
    {"few_asn", PARQUET_UINT32, 1},
    {"few_nothing", PARQUET_TEXT, 1},
    /* most of them new */
    {"new_id", PARQUET_TEXT, 2},
    {"new_number", PARQUET_INT64, 2},
    {"new_at", PARQUET_TIME, 2},
    {"new_flag", PARQUET_BOOL, 2},
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))
#define TUPLES  2

static const char *const words[] = {"", "drop", "\"quoted\", and a comma",
    "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x93\xab", "line\nbreak", "'=1+1"};

static const int64_t extremes[] = {
    0, INT64_MIN, INT64_MAX, -1, INT64_C(1) << 53, -(INT64_C(1) << 53) - 1};
static const double doubles[] = {
    0.0, -0.5, 1e-300, 1.7976931348623157e308, 5e-324, 12.345};

/* One of a few, or most of the time something of its own. */
static uint64_t drawn(uint64_t row, uint64_t column)
{
	uint64_t x = (row * 64 + column + 1) * 0x9e3779b97f4a7c15u;

	x ^= x >> 31;
	x *= 0xbf58476d1ce4e5b9u;
	return x ^ x >> 29;
}

static int64_t number_of(size_t row, size_t column)
{
	uint64_t x = drawn(row, column);

	switch (columns[column].type) {
	case PARQUET_BOOL:
		return (int64_t)(x & 1);
	case PARQUET_UINT8:
		return (int64_t)(x & 0xff);
	case PARQUET_UINT16:
		return (int64_t)(x % 4 == 0 ? x >> 48 : 25);
	case PARQUET_UINT32:
		if (strcmp(columns[column].name, "same") == 0)
			return 4294967295;
		return (int64_t)(x % 100 == 0 ? x >> 32 : 64500 + x % 40);
	case PARQUET_INT32:
		return (int32_t)(x % 50 == 0 ? x >> 32 : x % 3);
	case PARQUET_TIME:
		return INT64_C(1795521600000) + (int64_t)row * 37;
	default:
		return x % 8 == 0 ? extremes[x >> 8 & 1 ? 1 : (x >> 16) % 6]
				  : (int64_t)x;
	}
}

static double double_of(size_t row, size_t column)
{
	uint64_t x = drawn(row, column);

	return x % 4 == 0 ? doubles[(x >> 8) % 6] : (double)(x >> 40) / 1000;
}

static void text_of(size_t row, size_t column, char text[400])
{
	uint64_t x = drawn(row, column);

	if (strstr(columns[column].name, "word") != NULL)
		strcpy(text, words[x % 6]);
	else
		snprintf(text, 400, "%016" PRIx64 "-%zu%.*s", x, row,
		    x % 500 == 0 ? 300 : 0,
		    "a long text ........................................"
		    "...................................................."
		    "...................................................."
		    "...................................................."
		    "...................................................."
		    "....................................................");
}

/* Runs of nulls, single ones, and a column of nothing else. */
static bool is_null(size_t row, size_t column)
{
	if (strstr(columns[column].name, "nothing") != NULL)
		return true;
	return row / 1000 % 7 == column % 7 || drawn(row, column + 20) % 9 == 0;
}

/* Sets nothing if `parquet` is NULL. */
static void put_value(struct parquet *parquet, struct json_writer *json,
    size_t row, size_t column)
{
	const char *name = columns[column].name;
	char text[400];

	if (is_null(row, column)) {
		json_null(json, name);
	} else if (columns[column].type == PARQUET_TEXT) {
		text_of(row, column, text);
		if (parquet != NULL)
			parquet_text(parquet, column, text, strlen(text));
		json_text(json, name, text);
	} else if (columns[column].type == PARQUET_DOUBLE) {
		if (parquet != NULL)
			parquet_double(parquet, column, double_of(row, column));
		snprintf(text, sizeof(text), "%.17g", double_of(row, column));
		json_text(json, name, text);
	} else {
		if (parquet != NULL)
			parquet_number(parquet, column, number_of(row, column));
		snprintf(
		    text, sizeof(text), "%" PRId64, number_of(row, column));
		json_text(json, name, text);
	}
}

static int write_bytes(void *arg, const void *bytes, size_t length)
{
	return fwrite(bytes, 1, length, arg) == length ? 0 : -EIO;
}

/* The row whose values a tuple has: itself, or one before it. */
static size_t source_of(size_t row, int tuple)
{
	uint64_t x = drawn(row, 50 + (size_t)tuple);

	if (tuple == 1)
		return row < 40 ? row : x % 40;
	return tuple == 0 || x % 5 > 0 || row == 0 ? row : (x >> 8) % row;
}

/* `made`: of each row the number of the tuple that was made of it in this
 * group, plus one. */
static void put_columns(struct parquet *parquet, struct json_writer *json,
    size_t row, int tuple, uint32_t *made)
{
	size_t source = source_of(row, tuple), column;
	bool is_known = tuple > 0 && made[source] > 0;

	for (column = 0; column < COLUMNS; column++)
		if (columns[column].tuple == tuple)
			put_value(
			    is_known ? NULL : parquet, json, source, column);
	if (is_known)
		parquet_again(parquet, tuple, made[source] - 1);
	else if (tuple > 0)
		made[source] = parquet_tuple(parquet, tuple) + 1;
}

static int write_rows(
    struct parquet *parquet, FILE *lines, size_t rows, struct err *err)
{
	uint32_t *made[TUPLES + 1];
	int error = 0, tuple;
	size_t row;

	for (tuple = 0; tuple <= TUPLES; tuple++)
		made[tuple] = calloc(rows + 1, sizeof(*made[tuple]));
	for (row = 0; error == 0 && row < rows; row++) {
		struct buf line = {0};
		struct json_writer json = {.out = &line};

		json_open_object(&json, NULL);
		for (tuple = 0; tuple <= TUPLES; tuple++) {
			if (parquet_is_new_group(parquet))
				memset(made[tuple], 0,
				    rows * sizeof(*made[tuple]));
			put_columns(parquet, &json, row, tuple, made[tuple]);
		}
		json_close_object(&json);
		fprintf(lines, "%s\n", line.data);
		buf_free(&line);
		error = parquet_end_row(parquet, err);
	}
	for (tuple = 0; tuple <= TUPLES; tuple++)
		free(made[tuple]);
	return error;
}

int main(int argc, char **argv)
{
	struct parquet_output output = {.sink = write_bytes};
	struct parquet *parquet = NULL;
	FILE *out, *lines;
	struct err err;
	int error;

	if (argc != 5)
		return 2;
	out = fopen(argv[1], "wbe");
	lines = fopen(argv[2], "we");
	if (out == NULL || lines == NULL)
		return 4;
	output.arg = out;
	output.group_rows = strtoul(argv[4], NULL, 10);
	error = parquet_open(columns, COLUMNS, &output, &parquet, &err);
	if (error == 0)
		error = write_rows(
		    parquet, lines, strtoul(argv[3], NULL, 10), &err);
	if (error == 0)
		error = parquet_finish(parquet, &err);
	parquet_free(parquet);
	if (fclose(out) != 0 || fclose(lines) != 0 || error < 0)
		return 4;
	return 0;
}
