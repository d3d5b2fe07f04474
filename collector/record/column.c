/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/column.h"

#include <errno.h>
#include <string.h>

#include "collector/record/cell.h"
#include "collector/record/network.h"
#include "lib/base/rfc3339.h"
#include "lib/report/words.h"

/* The types that hold an enum: how its words are read, and the value that has
 * none and is printed as null (-1: every value has a word). */
static const struct word_type {
	json_from_word *from_word;
	int absent;
} word_types[COLUMN_TYPES] = {
    [COLUMN_MODE] = {port_mode_from_word, -1},
    [COLUMN_STAGE] = {stage_from_word, -1},
    [COLUMN_FAILURE] = {failure_from_word, FAILURE_NONE},
    [COLUMN_OUTCOME] = {outcome_from_word, OUTCOME_COUNT},
    [COLUMN_MECHANISM] = {mechanism_from_word, MECHANISM_COUNT},
    [COLUMN_WHERE] = {where_from_word, WHERE_NONE},
    [COLUMN_VERIFY] = {tls_verify_from_word, VERIFY_ABSENT},
    [COLUMN_STATE] = {network_state_from_word, -1},
    [COLUMN_REACH] = {network_reach_from_word, REACH_NONE},
    [COLUMN_LEVEL] = {network_level_from_word, LEVEL_NONE},
    [COLUMN_STOP] = {network_stop_from_word, STOP_NONE},
    [COLUMN_KIND] = {annotation_kind_from_word, ANNOTATION_REPLY},
};

/* --- a cell as text --- */

void column_write_json(
    const struct column *column, const void *row, struct json_writer *json)
{
	char time[RFC3339_SIZE];
	struct cell cell;

	cell_load(column, row, &cell);
	switch (cell.kind) {
	case CELL_ABSENT:
		json_null(json, column->name);
		break;
	case CELL_TEXT:
		json_text(json, column->name, cell.text);
		break;
	case CELL_TIME:
		json_text(
		    json, column->name, rfc3339_format(cell.integer, time));
		break;
	case CELL_INTEGER:
		json_integer(json, column->name, cell.integer);
		break;
	case CELL_DECIMAL:
		json_decimal(json, column->name, cell.decimal, cell.digits);
		break;
	case CELL_BOOL:
		json_bool(json, column->name, cell.integer != 0);
		break;
	}
}

static void write_csv_text(struct buf *out, const char *text)
{
	bool formula = strchr("=+-@\t\r", text[0]) != NULL;

	if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
		buf_append_text(out, text);
		return;
	}
	buf_append_char(out, '"');
	if (formula)
		buf_append_char(out, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_append_char(out, '"');
		buf_append_char(out, *text);
	}
	buf_append_char(out, '"');
}

void column_write_csv(
    const struct column *column, const void *row, struct buf *out)
{
	struct json_writer number = {.out = out};
	char time[RFC3339_SIZE];
	struct cell cell;

	cell_load(column, row, &cell);
	switch (cell.kind) {
	case CELL_ABSENT:
		break;
	case CELL_TEXT:
		write_csv_text(out, cell.text);
		break;
	case CELL_TIME:
		buf_append_text(out, rfc3339_format(cell.integer, time));
		break;
	case CELL_INTEGER:
		json_integer(&number, NULL, cell.integer);
		break;
	case CELL_DECIMAL:
		json_decimal(&number, NULL, cell.decimal, cell.digits);
		break;
	case CELL_BOOL:
		buf_append_text(out, cell.integer ? "true" : "false");
		break;
	}
}

void column_write_csv_header(const struct column *columns, struct buf *out)
{
	const struct column *column;

	for (column = columns; column->name != NULL; column++) {
		if (column != columns)
			buf_append_char(out, ',');
		buf_append_text(out, column->name);
	}
	buf_append_text(out, "\r\n");
}

/* --- reading back --- */

static int read_version(const struct json_at *at, struct err *err)
{
	int64_t version;

	return json_get_integer(at, 1, ROW_SCHEMA_VERSION, &version, err);
}

static int read_integer(const struct column *column, const struct json_at *at,
    char *field, struct err *err)
{
	static const struct {
		int64_t least, most;
	} limits[] = {
	    [COLUMN_ASN] = {0, UINT32_MAX},
	    [COLUMN_U8] = {0, UINT8_MAX},
	    [COLUMN_U16] = {0, UINT16_MAX},
	    [COLUMN_U32] = {0, UINT32_MAX},
	    [COLUMN_INT] = {0, INT32_MAX},
	    [COLUMN_INT64] = {0, INT64_MAX / 1024},
	};
	int64_t value;
	int error;

	if (column->type == COLUMN_ASN)
		error = json_get_integer_or(at, 0, UINT32_MAX, 0, &value, err);
	else if (column->type == COLUMN_INT || column->type == COLUMN_INT64)
		error = json_get_integer_or(at, 0, limits[column->type].most,
		    OBSERVE_ABSENT, &value, err);
	else
		error = json_get_integer(at, limits[column->type].least,
		    limits[column->type].most, &value, err);
	if (error < 0)
		return error;
	switch (column->size) {
	case 1:
		*(uint8_t *)field = (uint8_t)value;
		break;
	case 2:
		memcpy(field, &(uint16_t){(uint16_t)value}, 2);
		break;
	case 4:
		memcpy(field, &(uint32_t){(uint32_t)value}, 4);
		break;
	default:
		memcpy(field, &value, 8);
		break;
	}
	return 0;
}

static int read_us(const struct json_at *at, char *field, struct err *err)
{
	int64_t us;
	double ms;

	if (json_get_number_or(at, 0, 1e12, -1, &ms, err) < 0)
		return -EINVAL;
	us = ms < 0 ? OBSERVE_ABSENT : (int64_t)(ms * 1000 + 0.5);
	memcpy(field, &us, sizeof(us));
	return 0;
}

static int read_word(const struct column *column, const struct json_at *at,
    char *field, struct err *err)
{
	const struct word_type *type = &word_types[column->type];
	int value = type->absent;
	char word[32];

	if (at->value == NULL && value >= 0) {
		memcpy(field, &value, sizeof(value));
		return 0;
	}
	if (json_get_text(at, word, sizeof(word), err) < 0)
		return -EINVAL;
	value = type->from_word(word);
	if (value < 0)
		return json_error(at, err, "\"%s\" is no such word", word);
	memcpy(field, &value, sizeof(value));
	return 0;
}

static int add_sign(const struct json_at *at, const char *word, unsigned *signs,
    struct err *err)
{
	int sign = soft_sign_from_word(word);

	if (sign < 0)
		return json_error(at, err, "\"%s\" is no such word", word);
	*signs |= (unsigned)sign;
	return 0;
}

/* Words with blanks between; or, as a diagnosis has them, a list. */
static int read_signs(const struct json_at *at, char *field, struct err *err)
{
	char text[160] = "", *word, *rest = text;
	struct json_at child;
	unsigned signs = 0;
	size_t count;
	bool more;
	int error = 0;

	if (json_get_array(at, SOFT_SIGNS, &count, err) < 0)
		error = json_get_text_or(at, text, sizeof(text), "", err);
	else
		for (more = json_first(at, &child); more && error == 0;
		     more = json_next(&child)) {
			error = json_get_text(&child, text, sizeof(text), err);
			if (error == 0)
				error = add_sign(&child, text, &signs, err);
			text[0] = '\0';
		}
	while (error == 0 && (word = strtok_r(rest, " ", &rest)) != NULL)
		error = add_sign(at, word, &signs, err);
	memcpy(field, &signs, sizeof(signs));
	return error;
}

static int read_time(const struct json_at *at, char *field, struct err *err)
{
	int64_t wall_ms;

	if (json_get_time(at, &wall_ms, err) < 0)
		return -EINVAL;
	memcpy(field, &wall_ms, sizeof(wall_ms));
	return 0;
}

int column_read(const struct column *column, const struct json_at *object,
    void *row, struct err *err)
{
	char *field = (char *)row + column->offset;
	struct json_at at;

	json_member(object, column->name, &at);
	switch (column->type) {
	case COLUMN_VERSION:
		return read_version(&at, err);
	case COLUMN_TEXT:
		return json_get_text_or(&at, field, column->size, "", err);
	case COLUMN_SINCE:
		if (json_is_absent(&at)) {
			memset(field, 0, column->size);
			return 0;
		}
		return read_time(&at, field, err);
	case COLUMN_TIME:
		return read_time(&at, field, err);
	case COLUMN_ASN:
	case COLUMN_U8:
	case COLUMN_U16:
	case COLUMN_U32:
	case COLUMN_INT:
	case COLUMN_INT64:
		return read_integer(column, &at, field, err);
	case COLUMN_US:
		return read_us(&at, field, err);
	case COLUMN_DOUBLE:
	case COLUMN_CHANCE:
		return json_get_number_or(
		    &at, -1e15, 1e15, 0, (double *)(void *)field, err);
	case COLUMN_ADDRESS:
		return json_get_address_or_absent(
		    &at, (struct addr *)(void *)field, err);
	case COLUMN_REPORT:
		return 0; /* the id has it */
	case COLUMN_SIGNS:
		return read_signs(&at, field, err);
	case COLUMN_BOOL:
	case COLUMN_LISTED:
		return json_get_bool_or(
		    &at, column->type == COLUMN_LISTED, (bool *)field, err);
	default:
		return read_word(column, &at, field, err);
	}
}
