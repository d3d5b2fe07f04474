/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/routes.h"

#include "collector/api/answers.h"
#include "collector/api/openapi.h"
#include "collector/record/format.h"
#include "collector/record/format_past.h"
#include "collector/record/format_upstream.h"
#include "collector/routes/about.h"
#include "collector/routes/admin.h"
#include "collector/routes/aggregate.h"
#include "collector/routes/countries.h"
#include "collector/routes/dumps.h"
#include "collector/routes/dumps_page.h"
#include "collector/routes/endpoints.h"
#include "collector/routes/enrolment.h"
#include "collector/routes/events.h"
#include "collector/routes/history.h"
#include "collector/routes/measurements.h"
#include "collector/routes/networks.h"
#include "collector/routes/pages.h"
#include "collector/routes/plan.h"
#include "collector/routes/report_public.h"
#include "collector/routes/reports.h"
#include "collector/routes/summary.h"
#include "collector/routes/upstreams.h"
#include "collector/routes/whoami.h"

#define NETWORK_PARAMETERS \
	(QUERY_FAMILY | QUERY_PORT | QUERY_STATE | QUERY_LIMIT | QUERY_CURSOR)

#define EVENT_PARAMETERS                                                    \
	(QUERY_ASN | QUERY_COUNTRY | QUERY_FAMILY | QUERY_PORT | QUERY_TO | \
	    QUERY_SINCE | QUERY_UNTIL | QUERY_LIMIT | QUERY_CURSOR)

/* GET /openapi.json: the API as its table has it. */
static void route_description(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct buf body = {0};

	(void)server;
	(void)request;
	openapi_write(routes_list, EGRESS25_VERSION, &body);
	reply_json(reply, 200, &body);
}

const struct route routes_list[] = {
    {
	.path = "/v1/networks",
	.summary = "The state of each network: AS, family and port",
	.parameters = NETWORK_PARAMETERS | QUERY_ASN | QUERY_COUNTRY |
		      QUERY_SEARCH | QUERY_EVIDENCE | QUERY_STOPPED_IN |
		      QUERY_UPSTREAM | QUERY_SORT | QUERY_GROUP | QUERY_LAYOUT,
	.answer = answer_networks,
	.row = answer_network,
	.columns = format_network_columns,
	.get = route_networks,
    },
    {
	.path = "/v1/networks/{asn}",
	.summary = "The networks of one AS, with their reasons one by one",
	.parameters = NETWORK_PARAMETERS | QUERY_FORMAT,
	.answer = answer_networks,
	.row = answer_network,
	.columns = format_network_columns,
	.get = route_network,
    },
    {
	.path = "/v1/networks/{asn}/history",
	.summary = "What was published of the networks of one AS, day by day",
	.parameters = QUERY_FAMILY | QUERY_PORT | QUERY_SINCE | QUERY_UNTIL,
	.single = QUERY_PORT,
	.answer = answer_network_history,
	.get = route_network_history,
    },
    {
	.path = "/v1/upstreams",
	.summary = "The ASes behind which networks are stopped",
	.parameters = QUERY_ASN | QUERY_FAMILY | QUERY_PORT | QUERY_LIMIT |
		      QUERY_CURSOR | QUERY_FORMAT,
	.answer = answer_upstreams,
	.row = answer_upstream,
	.columns = format_upstream_columns,
	.get = route_upstreams,
    },
    {
	.path = "/v1/history",
	.summary = "The states of many networks, a character a day",
	.parameters = QUERY_KEYS | QUERY_DAYS,
	.required = QUERY_KEYS,
	.answer = answer_history,
	.get = route_history,
    },
    {
	.path = "/v1/countries",
	.summary = "The networks of each country, counted by state",
	.parameters = QUERY_FAMILY | QUERY_PORT,
	.single = QUERY_FAMILY | QUERY_PORT,
	.answer = answer_countries,
	.get = route_countries,
    },
    {
	.path = "/v1/countries/{country}",
	.summary = "The networks of one country, counted by state",
	.parameters = QUERY_FAMILY | QUERY_PORT,
	.single = QUERY_FAMILY | QUERY_PORT,
	.answer = answer_country,
	.get = route_countries,
    },
    {
	.path = "/v1/countries/{country}/history",
	.summary = "The networks of one country by state, day by day",
	.parameters = QUERY_FAMILY | QUERY_PORT | QUERY_DAYS,
	.single = QUERY_FAMILY | QUERY_PORT,
	.answer = answer_country_history,
	.get = route_country_history,
    },
    {
	.path = "/v1/events",
	.summary = "What became filtered or open, and when, the newest first",
	.parameters = EVENT_PARAMETERS | QUERY_FORMAT,
	.answer = answer_events,
	.row = answer_event,
	.columns = format_event_columns,
	.get = route_events,
    },
    {
	.path = "/v1/events.atom",
	.summary = "The same as a feed (Atom, RFC 4287)",
	.parameters = EVENT_PARAMETERS,
	.media = "application/atom+xml",
	.get = route_events_atom,
    },
    {
	.path = "/v1/measurements",
	.summary = "Single probes, the newest first",
	.parameters = QUERY_ASN | QUERY_COUNTRY | QUERY_FAMILY | QUERY_PORT |
		      QUERY_OUTCOME | QUERY_SINCE | QUERY_UNTIL | QUERY_LIMIT |
		      QUERY_CURSOR | QUERY_FORMAT,
	.answer = answer_measurements,
	.columns = format_measurement_columns,
	.is_scan = true,
	.get = route_measurements,
    },
    {
	.path = "/v1/aggregate",
	.summary = "Measurements counted along one axis or two, from the daily "
		   "rollups",
	.parameters = QUERY_AXIS_X | QUERY_AXIS_Y | QUERY_ASN | QUERY_COUNTRY |
		      QUERY_FAMILY | QUERY_PORT | QUERY_OUTCOME | QUERY_SINCE |
		      QUERY_UNTIL | QUERY_CURSOR,
	.answer = answer_aggregate,
	.is_scan = true,
	.get = route_aggregate,
    },
    {
	.path = "/v1/reports/{id}",
	.summary = "What one vantage point saw in one round, in public form",
	.answer = answer_report,
	.get = route_report,
    },
    {
	.path = "/v1/endpoints",
	.summary = "The endpoints that vantage points ask",
	.answer = answer_endpoints,
	.get = route_endpoints,
    },
    {
	.path = "/v1/summary",
	.summary = "How much of what is seen is filtered, and how much is seen",
	.parameters = QUERY_FAMILY | QUERY_PORT,
	.single = QUERY_FAMILY | QUERY_PORT,
	.answer = answer_summary,
	.get = route_summary,
    },
    {
	.path = "/v1/about",
	.summary = "This collector: its software, and how it decides",
	.answer = answer_about,
	.is_quick = true,
	.get = route_about,
    },
    {
	.path = "/v1/whoami",
	.summary = "The address that asks, and its network; for an agent a "
		   "proof of it",
	.answer = answer_whoami,
	.is_quick = true,
	.get = route_whoami,
    },
    {
	.path = "/data/",
	.summary = "The files of whole days, as a page to read",
	.media = "text/html",
	.is_scan = true,
	.get = route_dumps,
    },
    {
	.path = "/data/index.json",
	.summary = "The files of whole days, the newest day first",
	.parameters = QUERY_SINCE | QUERY_UNTIL | QUERY_LIMIT | QUERY_CURSOR,
	.answer = answer_dumps,
	.is_scan = true,
	.get = route_dumps_index,
    },
    {
	.path = "/data/{year}/",
	.summary = "The months of a year that have files, as a page to read",
	.media = "text/html",
	.is_scan = true,
	.get = route_dumps,
    },
    {
	.path = "/data/{year}/{month}/",
	.summary = "The days of a month that have files, as a page to read",
	.media = "text/html",
	.is_scan = true,
	.get = route_dumps,
    },
    {
	.path = "/data/{year}/{month}/{day}/",
	.summary = "The files of one day, as a page to read",
	.media = "text/html",
	.is_scan = true,
	.get = route_dumps,
    },
    {
	.path = "/data/{year}/{month}/{day}/{file}",
	.summary = "A file, or a range of its bytes (RFC 9110, 14)",
	.media = "*/*",
	.is_scan = true,
	.is_file = true,
	.get = route_dumps_file,
    },
    {
	.path = "/openapi.json",
	.summary = "This description of the API (OpenAPI 3.1)",
	.answer = answer_openapi,
	.is_quick = true,
	.get = route_description,
    },
    {
	.path = "/v1/plan",
	.summary = "What an agent is to visit next",
	.answer = answer_plan,
	.is_quick = true,
	.is_signed = true,
	.get = route_plan,
    },
    {
	.path = "/v1/reports",
	.summary = "Takes a report of an agent; answered when it is on disk",
	.answer = answer_accepted,
	.body = body_report,
	.is_signed = true,
	.post = route_reports,
    },
    {
	.path = "/v1/agents",
	.summary = "Enrols an agent",
	.answer = answer_enrolled,
	.body = body_enrolment,
	.is_signed = true,
	.post = route_enrol,
    },
    {
	.path = "/v1/agents/key",
	.summary = "Changes an agent's key",
	.answer = answer_enrolled,
	.body = body_key,
	.is_signed = true,
	.post = route_change_key,
    },
    {.path = NULL},
};

static const struct route admin_routes[] = {
    {.path = "/healthz", .get = route_healthz, .is_quick = true},
    {.path = "/readyz", .get = route_readyz, .is_quick = true},
    {.path = "/metrics", .get = route_metrics, .is_quick = true},
    {.path = NULL},
};

const struct route_table routes_public = {routes_list, route_pages, true};
const struct route_table routes_admin = {admin_routes, route_not_found, false};
