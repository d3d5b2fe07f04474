/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/dumps/dump_package.h"

#include <stdio.h>
#include <string.h>

#include "collector/api/dictionary.h"
#include "lib/json/json.h"

/* The types of a Table Schema; all others are strings. */
static const char *type_of(const struct column *column)
{
	static const char *const types[COLUMN_TYPES] = {
	    [COLUMN_VERSION] = "integer",
	    [COLUMN_TIME] = "datetime",
	    [COLUMN_ASN] = "integer",
	    [COLUMN_U8] = "integer",
	    [COLUMN_U16] = "integer",
	    [COLUMN_U32] = "integer",
	    [COLUMN_INT] = "integer",
	    [COLUMN_INT64] = "integer",
	    [COLUMN_US] = "number",
	    [COLUMN_DOUBLE] = "number",
	    [COLUMN_CHANCE] = "number",
	    [COLUMN_SINCE] = "datetime",
	    [COLUMN_BOOL] = "boolean",
	    [COLUMN_LISTED] = "boolean",
	};

	if (strcmp(column->name, "day") == 0)
		return "date";
	return types[column->type] != NULL ? types[column->type] : "string";
}

static void write_field(struct json_writer *json, const struct column *column)
{
	const char *meaning = dictionary_find(column->name), *type;

	type = type_of(column);
	json_open_object(json, NULL);
	json_text(json, "name", column->name);
	json_text(json, "type", type);
	if (strcmp(type, "datetime") == 0)
		json_text(json, "format", "any");
	if (meaning != NULL)
		json_text(json, "description", meaning);
	json_close_object(json);
}

static void write_schema(struct json_writer *json, const struct column *columns)
{
	const struct column *column;

	json_open_object(json, "schema");
	json_open_array(json, "fields");
	for (column = columns; column->name != NULL; column++)
		write_field(json, column);
	json_close_array(json);
	json_open_array(json, "missingValues");
	json_text(json, NULL, "");
	json_close_array(json);
	json_close_object(json);
}

static bool is_csv(const struct dump_file *file)
{
	return strstr(file->name, ".csv.gz") != NULL;
}

static void write_file(struct json_writer *json, const struct dump_file *file)
{
	char name[64], hash[80];

	snprintf(name, sizeof(name), "%.*s-%s", (int)strcspn(file->name, "."),
	    file->name, is_csv(file) ? "csv" : "parquet");
	snprintf(hash, sizeof(hash), "sha256:%s", file->sha256);
	json_open_object(json, NULL);
	json_text(json, "name", name);
	json_text(json, "title", file->title);
	json_text(json, "path", file->name);
	json_text(json, "format", is_csv(file) ? "csv" : "parquet");
	json_integer(json, "bytes", file->bytes);
	json_text(json, "hash", hash);
	json_integer(json, "rows", file->rows);
	if (is_csv(file)) {
		json_text(json, "profile", "tabular-data-resource");
		json_text(json, "mediatype", "text/csv");
		json_text(json, "encoding", "utf-8");
		json_text(json, "compression", "gz");
		write_schema(json, file->columns);
	} else {
		json_text(json, "mediatype", "application/vnd.apache.parquet");
	}
	json_close_object(json);
}

void dump_package_write(const char *day, const struct dump_file *files,
    size_t count, struct buf *out)
{
	struct json_writer json = {.out = out};
	char name[40], title[80];
	size_t i;

	snprintf(name, sizeof(name), "egress25-%s", day);
	snprintf(title, sizeof(title),
	    "Outbound mail ports by network, %s (UTC)", day);
	json_open_object(&json, NULL);
	json_text(&json, "name", name);
	json_text(&json, "title", title);
	json_text(&json, "description",
	    "What egress25 agents saw on that day on ports 25, 587 and 465, "
	    "what was published of each network at its end, and what changed. "
	    "No entry means that nobody measured there.");
	json_text(&json, "created", day);
	json_text(&json, "version", EGRESS25_VERSION);
	json_open_array(&json, "resources");
	for (i = 0; i < count; i++)
		write_file(&json, &files[i]);
	json_close_array(&json);
	json_close_object(&json);
	buf_append_char(out, '\n');
}
