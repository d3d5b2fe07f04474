/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/openapi.h"

#include <stdio.h>
#include <string.h>

#include "collector/api/answers.h"
#include "collector/api/parameter.h"

/* --- parameters --- */

static const char *json_type(const struct parameter *parameter)
{
	return parameter->type == PARAMETER_NUMBER ? "integer" : "string";
}

static void write_value(
    const struct parameter *parameter, struct json_writer *json)
{
	if (parameter->wording != NULL) {
		shape_write_words(json, parameter->wording, false);
		return;
	}
	json_text(json, "type", json_type(parameter));
	if (parameter->type == PARAMETER_TIME)
		json_text(json, "format", "date-time");
	if (parameter->most > 0) {
		json_integer(json, "minimum", parameter->least);
		json_integer(json, "maximum", parameter->most);
	}
	if (parameter->preset == NULL)
		return;
	if (parameter->type == PARAMETER_NUMBER)
		json_raw(json, "default", parameter->preset);
	else
		json_text(json, "default", parameter->preset);
}

static void write_schema(
    const struct parameter *parameter, bool is_path, struct json_writer *json)
{
	bool is_list = parameter->many > 0 && !is_path;

	json_open_object(json, "schema");
	if (is_list) {
		json_text(json, "type", "array");
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

static void write_parameter(const struct parameter *parameter, bool is_path,
    bool is_required, struct json_writer *json)
{
	json_open_object(json, NULL);
	json_text(json, "name", parameter->name);
	json_text(json, "in", is_path ? "path" : "query");
	if (is_required)
		json_bool(json, "required", true);
	describe(parameter, json);
	if (parameter->many > 0 && !is_path) {
		json_text(json, "style", "form");
		json_bool(json, "explode", false);
	}
	write_schema(parameter, is_path, json);
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
		write_parameter(parameter_find(name, ~0u), true, true, json);
	}
	for (parameter = parameters; parameter->name != NULL; parameter++)
		if ((parameter->bit & route->parameters) != 0)
			write_parameter(parameter, false,
			    (parameter->bit & route->required) != 0, json);
	json_close_array(json);
}

/* --- answers --- */

static void open_content(struct json_writer *json, const char *media)
{
	json_open_object(json, "content");
	json_open_object(json, media);
}

/* The rows of a stream: of JSON lines the schema is each line's. */
static void write_streams(const struct route *route, struct json_writer *json)
{
	const struct column *column;

	json_open_object(json, "application/x-ndjson");
	if (route->row != NULL)
		shape_write(json, "schema", route->row);
	else
		shape_write_columns(json, "schema", route->columns);
	json_close_object(json);
	json_open_object(json, "text/csv");
	json_open_object(json, "schema");
	json_text(json, "type", "string");
	json_close_object(json);
	json_open_array(json, "x-columns");
	for (column = route->columns; column->name != NULL; column++)
		json_text(json, NULL, column->name);
	json_close_array(json);
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
