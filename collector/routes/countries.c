/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/countries.h"

#include <stdlib.h>
#include <string.h>

#include "collector/api/route.h"
#include "collector/routes/published.h"
#include "collector/routes/refusal.h"
#include "collector/routes/scope.h"
#include "collector/routes/stamp.h"
#include "collector/threads/server.h"
#include "collector/view/view_counts.h"

static void write_country(
    const struct view_counts *counts, struct json_writer *json)
{
	json_text(json, "country", counts->country);
	scope_write_states(json, "states", counts->networks);
	json_integer(json, "known", counts->known);
	json_integer(json, "vantage_points", counts->vantage_points);
	json_time_or_null(json, "last", counts->last_ms);
}

static void write_all(const struct view_counts *list, size_t count,
    const struct scope *scope, struct json_writer *json)
{
	size_t i;

	json_open_object(json, NULL);
	json_open_array(json, "items");
	for (i = 0; i < count; i++) {
		json_open_object(json, NULL);
		write_country(&list[i], json);
		json_close_object(json);
	}
	json_close_array(json);
	json_null(json, "next");
	scope_write(scope, json);
}

/* Of a country that nobody has measured in there is nothing but its letters. */
static void write_one(const struct view_counts *list, size_t count,
    const char *country, const struct scope *scope, struct json_writer *json)
{
	struct view_counts none = {{0}, {0}, 0, 0, 0, 0};
	const struct view_counts *found = &none;
	size_t i;

	memcpy(none.country, country, sizeof(none.country));
	for (i = 0; i < count; i++)
		if (strcmp(list[i].country, country) == 0)
			found = &list[i];
	json_open_object(json, NULL);
	write_country(found, json);
	scope_write(scope, json);
}

static void reply_countries(const struct view *view, const struct query *query,
    const struct scope *scope, struct reply *reply)
{
	struct view_counts *list;
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	size_t count;

	if (view_count_countries(
		view, scope->family, scope->port, &list, &count) < 0) {
		refusal_no_memory(reply);
		return;
	}
	if (query->ncountries > 0)
		write_one(list, count, query->countries[0], scope, &json);
	else
		write_all(list, count, scope, &json);
	free(list);
	stamp_view(view, &json, reply);
}

void route_countries(
    struct server *server, const struct request *request, struct reply *reply)
{
	const struct census_view *held;
	struct query query;
	struct scope scope;

	route_query(request, &query);
	if (!scope_read(&query, &scope, reply))
		return;
	held = published_hold(server, reply);
	if (held == NULL)
		return;
	reply_countries(held->published, &query, &scope, reply);
	census_drop(server->census, held);
}
