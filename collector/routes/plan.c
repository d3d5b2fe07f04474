/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/plan.h"

#include <stdio.h>

#include "collector/fleet/census.h"
#include "collector/intake/proof.h"
#include "collector/routes/identity.h"
#include "collector/routes/refusal.h"
#include "collector/threads/server.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/json/json.h"
#include "lib/report/words.h"

/* What a plan is made from. */
struct plan_inputs {
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

/* What is known of it, from the file or learned by the fleet; else null. */
static void write_known(const struct plan_inputs *inputs,
    struct json_writer *json, const struct endpoint *endpoint)
{
	const struct endpoint_known *known = &endpoint->known;
	char digits[65], key[BASE64_SIZE(32)];
	size_t i;

	if (known->offers_starttls ||
	    baseline_has(&inputs->view->starttls, endpoint->name))
		json_bool(json, "starttls", true);
	else
		json_null(json, "starttls");
	json_open_array(json, "spki");
	for (i = 0; i < known->nspki; i++) {
		hex_encode(known->spki_sha256[i], 32, digits);
		json_text(json, NULL, digits);
	}
	json_close_array(json);
	if (known->nreceipt_keys == 0)
		return;
	json_open_array(json, "receipt_keys");
	for (i = 0; i < known->nreceipt_keys; i++) {
		base64url_encode(known->receipt_keys[i], 32, key);
		json_text(json, NULL, key);
	}
	json_close_array(json);
}

static void write_visits(const struct plan_inputs *inputs,
    struct json_writer *json, const struct endpoint *endpoint)
{
	struct plan_visits visits = plan_visits(&inputs->fleet, &inputs->agent,
	    endpoint, inputs->settings->parts.count, &inputs->span);

	json_time(json, "next", visits.next_ms);
	json_integer(json, "interval_s", visits.interval_ms / 1000);
	json_integer(json, "least_s", endpoint->interval_s);
	json_integer(json, "extra", visits.extra);
}

static void write_endpoint(const struct plan_inputs *inputs,
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
	write_known(inputs, json, endpoint);
	write_visits(inputs, json, endpoint);
	json_close_object(json);
}

static void write_plan(const struct plan_inputs *inputs, struct buf *reply)
{
	const struct endpoint_list *endpoints = &inputs->settings->endpoints;
	const struct plan_parts *parts = &inputs->settings->parts;
	size_t part = plan_part(parts, &inputs->agent, inputs->span.at_ms), i;
	struct json_writer json = {.out = reply};

	json_open_object(&json, NULL);
	json_text(&json, "format", "egress25-plan/1");
	json_time(&json, "at", inputs->span.at_ms);
	json_time(&json, "until", inputs->span.until_ms);
	json_open_array(&json, "endpoints");
	for (i = 0; i < endpoints->count; i++)
		if (parts->of[i] == part)
			write_endpoint(inputs, &json, &endpoints->items[i]);
	json_close_array(&json);
	json_close_object(&json);
}

static void reply_plan(struct server *server,
    const struct registry_agent *agent, const struct census_view *view,
    struct reply *reply)
{
	struct plan_inputs inputs = {
	    .settings = server->settings, .view = view};
	struct fleet_agent asked = {
	    .enrolled_ms = agent->enrolled_ms,
	    .number = agent->number,
	    .has_reported = agent->last_seen_ms != 0,
	};
	struct buf body = {0};
	char pseudonym[17];

	proof_pseudonym(server->secret, agent->id, pseudonym);
	asked.key = fleet_key(pseudonym);
	inputs.agent = fleet_find(&view->fleet, &asked, &inputs.fleet);
	inputs.span = plan_span(&inputs.fleet, &inputs.agent, clock_wall_ms());
	write_plan(&inputs, &body);
	server->metrics->plans_given += !body.failed;
	reply_set_header(reply, "Cache-Control", "no-store");
	reply_json(reply, 200, &body);
}

void route_plan(
    struct server *server, const struct request *request, struct reply *reply)
{
	const struct census_view *view;
	struct registry_agent agent;

	if (!identity_admit(server, request, &agent, reply))
		return;
	if (server->settings->endpoints.count == 0) {
		reply_error(reply, 404, NULL,
		    "this collector has no endpoints to plan for");
		return;
	}
	view = census_hold(server->census);
	if (view == NULL)
		reply_busy(
		    reply, 503, REFUSAL_RETRY_S, "the fleet is being counted");
	else
		reply_plan(server, &agent, view, reply);
	census_drop(server->census, view);
}
