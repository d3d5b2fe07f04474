/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/shape.h"

#include "collector/api/dictionary.h"

static void write_type(struct json_writer *json, const char *type, bool or_null)
{
	if (!or_null) {
		json_text(json, "type", type);
		return;
	}
	json_open_array(json, "type");
	json_text(json, NULL, type);
	json_text(json, NULL, "null");
	json_close_array(json);
}

void shape_write_words(
    struct json_writer *json, const struct wording *wording, bool or_null)
{
	int i;

	write_type(json, "string", or_null);
	json_open_array(json, "enum");
	for (i = 0; i < wording->count; i++)
		if (wording->word(i)[0] != '\0')
			json_text(json, NULL, wording->word(i));
	if (or_null)
		json_null(json, NULL);
	json_close_array(json);
}

static void write_list_of(struct json_writer *json, const char *type)
{
	json_open_object(json, "items");
	json_text(json, "type", type);
	json_close_object(json);
}

static void write_map(struct json_writer *json, bool of_lists)
{
	json_open_object(json, "additionalProperties");
	json_text(json, "type", of_lists ? "array" : "number");
	if (of_lists)
		write_list_of(json, "string");
	json_close_object(json);
}

static void write_counts(
    struct json_writer *json, const struct wording *wording)
{
	int i;

	json_open_object(json, "properties");
	for (i = 0; i < wording->count; i++) {
		json_open_object(json, wording->word(i));
		json_text(json, "type", "integer");
		json_close_object(json);
	}
	json_close_object(json);
}

static void write_either(struct json_writer *json)
{
	json_open_array(json, "type");
	json_text(json, NULL, "string");
	json_text(json, NULL, "array");
	json_text(json, NULL, "null");
	json_close_array(json);
	write_list_of(json, "string");
}

static void write_list(struct json_writer *json, const struct shape *shape)
{
	write_type(json, "array", (shape->flags & SHAPE_NULL) != 0);
	switch (shape->type) {
	case SHAPE_LIST:
		shape_write(json, "items", shape->of);
		break;
	case SHAPE_ROWS:
		shape_write_columns(json, "items", shape->columns);
		break;
	case SHAPE_TEXTS:
		json_open_object(json, "items");
		write_type(json, "string", true);
		json_close_object(json);
		break;
	case SHAPE_INTEGERS:
		json_open_object(json, "items");
		write_type(json, "integer", true);
		json_close_object(json);
		break;
	case SHAPE_BOOLS:
		write_list_of(json, "boolean");
		break;
	default:
		json_open_object(json, "items");
		write_type(json, "array", true);
		json_close_object(json);
		break;
	}
}

static void write_object(struct json_writer *json, const struct shape *shape)
{
	write_type(json, "object", (shape->flags & SHAPE_NULL) != 0);
	if (shape->type == SHAPE_COUNTS)
		write_counts(json, shape->wording);
	else
		write_map(json, shape->type == SHAPE_MAP);
}

static void write_scalar(struct json_writer *json, const struct shape *shape)
{
	bool or_null = (shape->flags & SHAPE_NULL) != 0;

	switch (shape->type) {
	case SHAPE_TIME:
		write_type(json, "string", or_null);
		json_text(json, "format", "date-time");
		break;
	case SHAPE_INTEGER:
		write_type(json, "integer", or_null);
		break;
	case SHAPE_NUMBER:
		write_type(json, "number", or_null);
		break;
	case SHAPE_BOOL:
		write_type(json, "boolean", or_null);
		break;
	case SHAPE_WORD:
		shape_write_words(json, shape->wording, or_null);
		break;
	default:
		write_type(json, "string", or_null);
		break;
	}
}

static void write_body(struct json_writer *json, const struct shape *shape);

static void write_member(struct json_writer *json, const struct shape *shape)
{
	const char *meaning = dictionary_find(shape->name);

	json_open_object(json, shape->name);
	write_body(json, shape);
	if (meaning != NULL)
		json_text(json, "description", meaning);
	json_close_object(json);
}

static void write_members(
    struct json_writer *json, const struct shape *members, bool or_null)
{
	const struct shape *shape;

	write_type(json, "object", or_null);
	json_open_object(json, "properties");
	for (shape = members; shape->name != NULL; shape++)
		write_member(json, shape);
	json_close_object(json);
	json_open_array(json, "required");
	for (shape = members; shape->name != NULL; shape++)
		if ((shape->flags & SHAPE_ABSENT) == 0)
			json_text(json, NULL, shape->name);
	json_close_array(json);
}

static void write_body(struct json_writer *json, const struct shape *shape)
{
	switch (shape->type) {
	case SHAPE_OBJECT:
		write_members(
		    json, shape->of, (shape->flags & SHAPE_NULL) != 0);
		break;
	case SHAPE_LIST:
	case SHAPE_ROWS:
	case SHAPE_TEXTS:
	case SHAPE_INTEGERS:
	case SHAPE_BOOLS:
	case SHAPE_ARRAYS:
		write_list(json, shape);
		break;
	case SHAPE_COUNTS:
	case SHAPE_NUMBERS:
	case SHAPE_MAP:
		write_object(json, shape);
		break;
	case SHAPE_SENTENCES:
		write_either(json);
		break;
	default:
		write_scalar(json, shape);
		break;
	}
}

void shape_write(
    struct json_writer *json, const char *key, const struct shape *members)
{
	json_open_object(json, key);
	write_members(json, members, false);
	json_close_object(json);
}

/* --- columns --- */

static struct shape shape_of_column(const struct column *column)
{
	struct shape shape = {.name = column->name, .flags = SHAPE_NULL};

	switch (column->type) {
	case COLUMN_VERSION:
	case COLUMN_U8:
	case COLUMN_U16:
	case COLUMN_U32:
		shape.type = SHAPE_INTEGER;
		shape.flags = 0;
		break;
	case COLUMN_ASN:
	case COLUMN_INT:
	case COLUMN_INT64:
		shape.type = SHAPE_INTEGER;
		break;
	case COLUMN_TIME:
	case COLUMN_SINCE:
		shape.type = SHAPE_TIME;
		shape.flags = column->type == COLUMN_SINCE ? SHAPE_NULL : 0;
		break;
	case COLUMN_US:
	case COLUMN_DOUBLE:
	case COLUMN_CHANCE:
		shape.type = SHAPE_NUMBER;
		break;
	case COLUMN_BOOL:
	case COLUMN_LISTED:
		shape.type = SHAPE_BOOL;
		shape.flags = 0;
		break;
	default:
		shape.wording = wording_of_column(column->type);
		shape.type = shape.wording != NULL ? SHAPE_WORD : SHAPE_TEXT;
		break;
	}
	return shape;
}

void shape_write_columns(
    struct json_writer *json, const char *key, const struct column *columns)
{
	const struct column *column;
	struct shape shape;

	json_open_object(json, key);
	json_text(json, "type", "object");
	json_open_object(json, "properties");
	for (column = columns; column->name != NULL; column++) {
		shape = shape_of_column(column);
		write_member(json, &shape);
	}
	json_close_object(json);
	json_open_array(json, "required");
	for (column = columns; column->name != NULL; column++)
		json_text(json, NULL, column->name);
	json_close_array(json);
	json_close_object(json);
}
