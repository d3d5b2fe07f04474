/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/route.h"

#include <stdio.h>
#include <string.h>

/* Do they match up to the next '/' or the end? A parameter is not empty. */
static bool matches_segment(
    const char *template, size_t length, const char *path, size_t path_length)
{
	if (template[0] == '{')
		return path_length > 0;
	return length == path_length && memcmp(template, path, length) == 0;
}

static bool matches(const char *template, const char *path)
{
	size_t length, path_length;

	while (*template == '/' && *path == '/') {
		length = strcspn(template + 1, "/");
		path_length = strcspn(path + 1, "/");
		if (!matches_segment(
			template + 1, length, path + 1, path_length))
			return false;
		template += 1 + length;
		path += 1 + path_length;
	}
	return *template == '\0' && *path == '\0';
}

const struct route *route_find(
    const struct route_table *table, const char *path)
{
	const struct route *route;

	for (route = table->routes; route->path != NULL; route++)
		if (matches(route->path, path))
			return route;
	return NULL;
}

/* Read the parameters that the path has. */
static int read_path(const char *template, const char *path,
    struct query *query, struct query_error *error)
{
	size_t length, path_length;
	char name[32];
	int result = 0;

	while (*template == '/' && result == 0) {
		length = strcspn(template + 1, "/");
		path_length = strcspn(path + 1, "/");
		if (template[1] == '{') {
			snprintf(name, sizeof(name), "%.*s", (int)length - 2,
			    template + 2);
			result = query_parse_value(
			    name, path + 1, path_length, query, error);
		}
		template += 1 + length;
		path += 1 + path_length;
	}
	return result;
}

int route_read(const struct route *route, const struct request *request,
    struct query *query, struct query_error *error)
{
	int result;

	query_init(query);
	result = read_path(route->path, request->path, query, error);
	if (result == 0)
		result = query_parse(
		    request->query, route->parameters, query, error);
	return result < 0 ? result
			  : query_require(route->required, query, error);
}

void route_query(const struct request *request, struct query *query)
{
	struct query_error error;

	route_read(request->route, request, query, &error);
}

const char *route_methods(const struct route *route)
{
	if (route->get != NULL && route->post != NULL)
		return "GET, HEAD, OPTIONS, POST";
	return route->get != NULL ? "GET, HEAD, OPTIONS" : "OPTIONS, POST";
}
