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

/* What countries are counted of. */
struct counting {
	struct geo *geo;
	struct scope scope;
	struct json_writer *json;
};

static void write_country(
    const struct counting *counting, const struct view_counts *counts)
{
	struct json_writer *json = counting->json;

	json_text(json, "country", counts->country);
	scope_write_states(json, "states", counts->networks);
	json_integer(json, "known", counts->known);
	json_integer_or_null(json, "announced",
	    geo_networks_in(
		counting->geo, counting->scope.family, counts->country));
	json_integer(json, "vantage_points", counts->vantage_points);
	json_time_or_null(json, "last", counts->last_ms);
}

static void write_all(const struct counting *counting,
    const struct view_counts *list, size_t count)
{
	struct json_writer *json = counting->json;
	size_t i;

	json_open_object(json, NULL);
	json_open_array(json, "items");
	for (i = 0; i < count; i++) {
		json_open_object(json, NULL);
		write_country(counting, &list[i]);
		json_close_object(json);
	}
	json_close_array(json);
	json_null(json, "next");
	scope_write(&counting->scope, json);
}

/* Of a country that nobody has measured in there is nothing but its letters. */
static void write_one(const struct counting *counting,
    const struct view_counts *list, size_t count, const char *country)
{
	struct view_counts none = {{0}, {0}, 0, 0, 0, 0};
	const struct view_counts *found = &none;
	size_t i;

	memcpy(none.country, country, sizeof(none.country));
	for (i = 0; i < count; i++)
		if (strcmp(list[i].country, country) == 0)
			found = &list[i];
	json_open_object(counting->json, NULL);
	write_country(counting, found);
	scope_write(&counting->scope, counting->json);
}

static void reply_countries(struct counting *counting, const struct view *view,
    const struct query *query, struct reply *reply)
{
	const struct scope *scope = &counting->scope;
	struct view_counts *list;
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	size_t count;

	counting->json = &json;
	if (view_count_countries(
		view, scope->family, scope->port, &list, &count) < 0) {
		refusal_no_memory(reply);
		return;
	}
	if (query->ncountries > 0)
		write_one(counting, list, count, query->countries[0]);
	else
		write_all(counting, list, count);
	free(list);
	stamp_view(view, &json, reply);
}

void route_countries(
    struct server *server, const struct request *request, struct reply *reply)
{
	const struct census_view *held;
	struct counting counting = {.geo = server->settings->geo};
	struct query query;

	route_query(request, &query);
	if (!scope_read(&query, &counting.scope, reply))
		return;
	held = published_hold(server, reply);
	if (held == NULL)
		return;
	reply_countries(&counting, held->published, &query, reply);
	census_drop(server->census, held);
}
