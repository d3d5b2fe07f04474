/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/openapi.h"

#include <stdio.h>
#include <string.h>

#include "collector/api/answers.h"
#include "collector/api/parameter.h"

/* --- parameters --- */

static void write_number(
    const struct parameter *parameter, struct json_writer *json)
{
	json_text(json, "type", "integer");
	if (parameter->most > INT32_MAX)
		json_text(json, "format", "int64");
	json_integer(json, "minimum", parameter->least);
	json_integer(json, "maximum", parameter->most);
}

static void write_family(struct json_writer *json)
{
	json_text(json, "type", "integer");
	json_open_array(json, "enum");
	json_integer(json, NULL, 4);
	json_integer(json, NULL, 6);
	json_close_array(json);
}

/* A time, or a date. */
static void write_time(struct json_writer *json)
{
	static const char *const formats[] = {"date-time", "date"};
	size_t i;

	json_text(json, "type", "string");
	json_open_array(json, "anyOf");
	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		json_open_object(json, NULL);
		json_text(json, "format", formats[i]);
		json_close_object(json);
	}
	json_close_array(json);
}

static void write_text(
    const struct parameter *parameter, struct json_writer *json)
{
	json_text(json, "type", "string");
	if (parameter->most > 0) {
		json_integer(json, "minLength", parameter->least);
		json_integer(json, "maxLength", parameter->most);
	}
	if (parameter->pattern != NULL)
		json_text(json, "pattern", parameter->pattern);
}

static void write_as_type(const struct parameter *parameter, const char *key,
    const char *value, struct json_writer *json)
{
	if (parameter->type == PARAMETER_NUMBER)
		json_raw(json, key, value);
	else
		json_text(json, key, value);
}

static void write_value(
    const struct parameter *parameter, struct json_writer *json)
{
	if (parameter->wording != NULL)
		shape_write_words(json, parameter->wording, false);
	else if (parameter->type == PARAMETER_NUMBER)
		write_number(parameter, json);
	else if (parameter->type == PARAMETER_FAMILY)
		write_family(json);
	else if (parameter->type == PARAMETER_TIME)
		write_time(json);
	else
		write_text(parameter, json);
	if (parameter->preset != NULL)
		write_as_type(parameter, "default", parameter->preset, json);
	if (parameter->example == NULL)
		return;
	json_open_array(json, "examples");
	write_as_type(parameter, NULL, parameter->example, json);
	json_close_array(json);
}

static void write_schema(
    const struct parameter *parameter, bool is_list, struct json_writer *json)
{
	json_open_object(json, "schema");
	if (is_list) {
		json_text(json, "type", "array");
		json_integer(json, "minItems", 1);
		json_integer(json, "maxItems", (int64_t)parameter->many);
		json_open_object(json, "items");
	}
	write_value(parameter, json);
	if (is_list)
		json_close_object(json);
	json_close_object(json);
}

static void describe(
    const struct parameter *parameter, struct json_writer *json)
{
	struct buf text = {0};

	buf_printf(&text, "%s: ", parameter->meaning);
	parameter_expected(parameter, &text);
	if (parameter->alias != NULL)
		buf_printf(&text, ". `%s` is taken too", parameter->alias);
	json_text(json, "description", text.data != NULL ? text.data : "");
	buf_free(&text);
}

/* One of the path, or `route`'s query string. */
static void write_parameter(const struct parameter *parameter, bool is_path,
    const struct route *route, struct json_writer *json)
{
	bool is_list = parameter->many > 0 && !is_path &&
		       (parameter->bit & route->single) == 0;

	json_open_object(json, NULL);
	json_text(json, "name", parameter->name);
	json_text(json, "in", is_path ? "path" : "query");
	if (is_path || (parameter->bit & route->required) != 0)
		json_bool(json, "required", true);
	describe(parameter, json);
	if (is_list) {
		json_text(json, "style", "form");
		json_bool(json, "explode", false);
	}
	write_schema(parameter, is_list, json);
	json_close_object(json);
}

static void write_parameters(
    const struct route *route, struct json_writer *json)
{
	const struct parameter *parameter;
	const char *brace = route->path;
	char name[32];

	json_open_array(json, "parameters");
	while ((brace = strchr(brace, '{')) != NULL) {
		brace++;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(brace, "}"),
		    brace);
		write_parameter(parameter_find(name, ~0u), true, route, json);
	}
	for (parameter = parameters; parameter->name != NULL; parameter++)
		if ((parameter->bit & route->parameters) != 0)
			write_parameter(parameter, false, route, json);
	json_close_array(json);
}

/* --- answers --- */

static void open_content(struct json_writer *json, const char *media)
{
	json_open_object(json, "content");
	json_open_object(json, media);
}

static void write_table(
    const char *media, const struct column *columns, struct json_writer *json)
{
	const struct column *column;

	json_open_object(json, media);
	json_open_object(json, "schema");
	json_text(json, "type", "string");
	json_close_object(json);
	json_open_array(json, "x-columns");
	for (column = columns; column->name != NULL; column++)
		json_text(json, NULL, column->name);
	json_close_array(json);
	json_close_object(json);
}

/* The rows of a stream: of JSON lines the schema is each line's. */
static void write_streams(const struct route *route, struct json_writer *json)
{
	json_open_object(json, "application/x-ndjson");
	if (route->row != NULL)
		shape_write(json, "schema", route->row);
	else
		shape_write_columns(json, "schema", route->columns);
	json_close_object(json);
	write_table("text/csv", route->columns, json);
	if ((route->parameters & QUERY_LAYOUT) != 0)
		write_table(
		    "application/vnd.apache.parquet", route->columns, json);
}

/* What is sent of a file where a range was asked for. */
static void write_part(const struct route *route, struct json_writer *json)
{
	json_open_object(json, "206");
	json_text(json, "description", "The range of it that was asked for");
	open_content(json, route->media);
	json_open_object(json, "schema");
	json_text(json, "type", "string");
	json_close_object(json);
	json_close_object(json);
	json_close_object(json);
	json_close_object(json);
}

static void write_fine(const struct route *route, struct json_writer *json)
{
	json_open_object(json, "200");
	json_text(json, "description", route->summary);
	open_content(
	    json, route->media != NULL ? route->media : "application/json");
	if (route->answer != NULL) {
		shape_write(json, "schema", route->answer);
	} else {
		json_open_object(json, "schema");
		json_text(json, "type", "string");
		json_close_object(json);
	}
	json_close_object(json);
	if (route->columns != NULL)
		write_streams(route, json);
	json_close_object(json);
	json_close_object(json);
}

static void write_error(struct json_writer *json)
{
	json_open_object(json, "default");
	json_text(json, "description", "What is wrong, and what to do");
	open_content(json, "application/json");
	shape_write(json, "schema", answer_error);
	json_close_object(json);
	json_close_object(json);
	json_close_object(json);
}

static void write_body(const struct route *route, struct json_writer *json)
{
	json_open_object(json, "requestBody");
	json_bool(json, "required", true);
	open_content(json, "application/json");
	shape_write(json, "schema", route->body);
	json_close_object(json);
	json_close_object(json);
	json_close_object(json);
}

/* "get" and the path's words: "get_networks_asn". */
static void write_id(
    const struct route *route, const char *method, struct json_writer *json)
{
	char id[96];
	size_t used = (size_t)snprintf(id, sizeof(id), "%s", method);
	const char *from = route->path;
	bool between = true;

	if (strncmp(from, "/v1", 3) == 0)
		from += 3;
	for (; *from != '\0' && used + 2 < sizeof(id); from++) {
		if (strchr("/{}.", *from) != NULL) {
			between = true;
			continue;
		}
		if (between)
			id[used++] = '_';
		between = false;
		id[used++] = *from;
	}
	id[used] = '\0';
	json_text(json, "operationId", id);
}

static void write_operation(
    const struct route *route, const char *method, struct json_writer *json)
{
	json_open_object(json, method);
	write_id(route, method, json);
	json_text(json, "summary", route->summary);
	if (route->is_signed)
		json_text(json, "description",
		    "Signed by the agent (RFC 9421, ed25519)");
	write_parameters(route, json);
	if (strcmp(method, "post") == 0 && route->body != NULL)
		write_body(route, json);
	json_open_object(json, "responses");
	write_fine(route, json);
	if (route->is_file)
		write_part(route, json);
	write_error(json);
	json_close_object(json);
	json_close_object(json);
}

void openapi_write(
    const struct route *routes, const char *version, struct buf *out)
{
	struct json_writer json = {.out = out};
	const struct route *route;

	json_open_object(&json, NULL);
	json_text(&json, "openapi", "3.1.0");
	json_open_object(&json, "info");
	json_text(&json, "title", "egress25");
	json_text(&json, "summary",
	    "Which networks filter outbound mail ports, and on what evidence");
	json_text(&json, "version", version);
	json_close_object(&json);
	json_open_object(&json, "paths");
	for (route = routes; route->path != NULL; route++) {
		json_open_object(&json, route->path);
		if (route->get != NULL)
			write_operation(route, "get", &json);
		if (route->post != NULL)
			write_operation(route, "post", &json);
		json_close_object(&json);
	}
	json_close_object(&json);
	json_close_object(&json);
}
