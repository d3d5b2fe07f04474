/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/summary.h"

#include "collector/api/route.h"
#include "collector/routes/published.h"
#include "collector/routes/scope.h"
#include "collector/routes/stamp.h"
#include "collector/threads/server.h"
#include "collector/view/view_counts.h"
#include "collector/view/view_past.h"
#include "lib/base/day.h"

#define WEEK 7 /* days */

static int64_t sum_of(const struct view_counts *counts)
{
	int64_t sum = 0;
	int i;

	for (i = 0; i < STATE_COUNT; i++)
		sum += counts->networks[i];
	return sum;
}

static void write_week_ago(const struct view *view, const struct scope *scope,
    struct json_writer *json)
{
	const struct view_states of = {scope->family, scope->port};
	int32_t day = (int32_t)(view->generated_ms / DAY_MS) - WEEK;
	int64_t networks[STATE_COUNT];

	if (view_past_count(view, &of, "", day, networks))
		scope_write_states(json, "states_week_ago", networks);
	else
		json_null(json, "states_week_ago");
}

/* Of all ASes that were looked at, how many over IPv6. */
static void write_ipv6_share(const struct view *view, struct json_writer *json)
{
	if (view->ases == 0)
		json_null(json, "ipv6_share");
	else
		json_decimal(json, "ipv6_share",
		    (double)view->ipv6_ases / (double)view->ases, 4);
}

static void write_networks(const struct census_view *held,
    const struct scope *scope, struct json_writer *json)
{
	const struct view *view = held->published;
	const size_t *agents = held->fleet.counts.agents;
	struct view_counts counts;
	size_t countries;

	view_count_all(view, scope->family, scope->port, &counts, &countries);
	scope_write(scope, json);
	scope_write_states(json, "states", counts.networks);
	write_week_ago(view, scope, json);
	json_integer(json, "networks", sum_of(&counts));
	json_integer(json, "countries", (int64_t)countries);
	json_integer(json, "vantage_points",
	    (int64_t)(agents[PLAN_UNSETTLED] + agents[PLAN_THIN] +
		      agents[PLAN_SETTLED]));
	json_integer(json, "single_vantage", counts.single);
	write_ipv6_share(view, json);
	json_decimal(json, "expected_wrong", view->expected_wrong, 6);
}

static void write_totals(
    const struct store_totals *totals, struct json_writer *json)
{
	json_integer(json, "agents", totals->agents);
	json_integer(json, "reports", totals->reports);
	json_integer(json, "measurements", totals->measurements);
	json_time_or_null(json, "first", totals->first_ms);
	json_time_or_null(json, "last", totals->last_ms);
}

static void reply_summary(const struct census_view *held,
    const struct scope *scope, struct reply *reply)
{
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	struct stamp stamp;

	json_open_object(&json, NULL);
	write_networks(held, scope, &json);
	write_totals(&held->totals, &json);
	stamp_make(&stamp, &body);
	stamp.now_ms = held->published->generated_ms;
	json_integer(&json, "generation", held->published->generation);
	stamp_end(&stamp, &json, reply);
}

void route_summary(
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
	reply_summary(held, &scope, reply);
	census_drop(server->census, held);
}
