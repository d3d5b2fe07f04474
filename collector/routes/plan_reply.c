/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/plan_reply.h"

#include <stdio.h>

#include "collector/fleet/census.h"
#include "collector/http/http.h"
#include "collector/intake/proof.h"
#include "collector/routes/identity.h"
#include "collector/routes/refusal.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/json/json.h"
#include "lib/report/words.h"

/* A plan being made. */
struct making {
	const struct settings *settings;
	const struct census_view *view;
	struct plan_fleet fleet;
	struct plan_agent agent;
	struct plan_span span;
};

static void write_ports(struct json_writer *json, const struct port_list *ports)
{
	char text[32];
	size_t i;

	json_open_array(json, "ports");
	for (i = 0; i < ports->count; i++) {
		snprintf(text, sizeof(text), "%u/%s", ports->port[i],
		    port_mode_word((enum port_mode)ports->mode[i]));
		json_text(json, NULL, text);
	}
	json_close_array(json);
}

static void write_controls(
    struct json_writer *json, const struct port_list *ports)
{
	size_t i;

	json_open_array(json, "control");
	for (i = 0; i < ports->count; i++)
		json_integer(json, NULL, ports->port[i]);
	json_close_array(json);
}

/* By the file or as the fleet has learned; not known is null. */
static void write_known(const struct making *making, struct json_writer *json,
    const struct endpoint *endpoint)
{
	const struct endpoint_known *known = &endpoint->known;
	char digits[65];
	size_t i;

	if (known->offers_starttls ||
	    baseline_has(&making->view->starttls, endpoint->name))
		json_bool(json, "starttls", true);
	else
		json_null(json, "starttls");
	json_open_array(json, "spki");
	for (i = 0; i < known->nspki; i++) {
		hex_encode(known->spki_sha256[i], 32, digits);
		json_text(json, NULL, digits);
	}
	json_close_array(json);
}

static void write_visits(const struct making *making, struct json_writer *json,
    const struct endpoint *endpoint)
{
	struct plan_visits visits = plan_visits(&making->fleet, &making->agent,
	    endpoint, making->settings->parts.count, &making->span);

	json_time(json, "next", visits.next_ms);
	json_integer(json, "interval_s", visits.interval_ms / 1000);
	json_integer(json, "least_s", endpoint->interval_s);
	json_integer(json, "extra", visits.extra);
}

static void write_endpoint(const struct making *making,
    struct json_writer *json, const struct endpoint *endpoint)
{
	json_open_object(json, NULL);
	json_text(json, "name", endpoint->name);
	if (endpoint->domain[0] != '\0')
		json_text(json, "domain", endpoint->domain);
	else
		json_text(json, "host", endpoint->host);
	write_ports(json, &endpoint->ports);
	write_controls(json, &endpoint->control);
	json_text(json, "kind", endpoint_kind_word(endpoint->kind));
	json_integer(json, "addresses", endpoint->addresses);
	write_known(making, json, endpoint);
	write_visits(making, json, endpoint);
	json_close_object(json);
}

static void write_plan(const struct making *making, struct buf *reply)
{
	const struct endpoint_list *endpoints = &making->settings->endpoints;
	const struct plan_parts *parts = &making->settings->parts;
	size_t part = plan_part(parts, &making->agent, making->span.at_ms), i;
	struct json_writer json = {.out = reply};

	json_open_object(&json, NULL);
	json_text(&json, "format", "egress25-plan/1");
	json_time(&json, "at", making->span.at_ms);
	json_time(&json, "until", making->span.until_ms);
	json_open_array(&json, "endpoints");
	for (i = 0; i < endpoints->count; i++)
		if (parts->of[i] == part)
			write_endpoint(making, &json, &endpoints->items[i]);
	json_close_array(&json);
	json_close_object(&json);
}

static void reply_to(struct server *server, struct evhttp_request *request,
    const struct registry_agent *agent, const struct census_view *view)
{
	struct making making = {.settings = server->settings, .view = view};
	struct fleet_agent asked = {
	    .enrolled_ms = agent->enrolled_ms,
	    .number = agent->number,
	    .has_reported = agent->last_seen_ms != 0,
	};
	struct buf reply = {0};
	char pseudonym[17];

	proof_pseudonym(server->secret, agent->id, pseudonym);
	asked.key = fleet_key(pseudonym);
	making.agent = fleet_find(&view->fleet, &asked, &making.fleet);
	making.span = plan_span(&making.fleet, &making.agent, clock_wall_ms());
	write_plan(&making, &reply);
	http_set_header(request, "Cache-Control", "no-store");
	if (reply.failed)
		refusal_no_memory(request);
	else
		http_reply_json(request, 200, &reply);
	server->metrics->plans_given += !reply.failed;
	buf_free(&reply);
}

void plan_reply(struct server *server, struct evhttp_request *request)
{
	const struct census_view *view;
	struct registry_agent agent;
	struct buf nothing = {0};
	struct err err;
	int error = identity_check(server->reader, request, &nothing,
	    server->settings->options.limit_clock_skew_s, &agent, &err);

	if (error < 0) {
		refusal_unidentified(request, error, &err);
		return;
	}
	if (server->settings->endpoints.count == 0) {
		http_reply_error(request, 404, NULL,
		    "this collector has no endpoints to plan for");
		return;
	}
	view = census_hold(server->census);
	if (view == NULL)
		http_reply_busy(request, 503, REFUSAL_RETRY_S,
		    "the fleet is being counted");
	else
		reply_to(server, request, &agent, view);
	census_drop(server->census, view);
}
