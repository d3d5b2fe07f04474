/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/whoami.h"

#include "collector/fleet/census.h"
#include "collector/intake/geo.h"
#include "collector/intake/proof.h"
#include "collector/record/format.h"
#include "collector/routes/identity.h"
#include "collector/routes/stamp.h"
#include "collector/threads/server.h"
#include "lib/base/clock.h"
#include "lib/json/json.h"

static void write_proof(struct server *server, const struct addr *client,
    const struct registry_agent *agent, struct json_writer *json)
{
	int64_t expires_s = clock_wall_ms() / 1000 + PROOF_LIFE_S;
	char proof[REPORT_PROOF_SIZE];

	proof_make(server->secret, agent->id, client, expires_s, proof);
	json_text(json, "agent", agent->id);
	json_time(json, "expires", expires_s * 1000);
	json_text(json, "proof", proof);
	server->metrics->proofs_given++;
}

/* The network of the address, as far as the geo data know it. Its AS, or 0. */
static uint32_t write_network(
    struct geo *geo, const struct addr *client, struct json_writer *json)
{
	struct geo_found found = {.asn = 0};

	if (geo != NULL)
		geo_lookup(geo, client, &found);
	if (found.asn != 0) {
		json_integer(json, "asn", found.asn);
		json_text(json, "network", found.network);
	}
	json_text_or_null(json, "name", found.network);
	json_text_or_null(json, "country", found.country);
	return found.asn;
}

/* What is published of the networks of that AS and family. */
static void write_view(const struct view *view, uint32_t asn, uint8_t family,
    struct json_writer *json)
{
	size_t i = view_find(view, asn, family, 0);
	struct network_record record;

	json_open_array(json, "networks");
	for (; i < view->count && view->networks[i].asn == asn &&
	       view->networks[i].family == family;
	     i++) {
		if (view_record(view, &view->networks[i], &record) < 0) {
			json->out->failed = true;
			break;
		}
		if (json->more)
			buf_append_char(json->out, ',');
		format_network_json(&record, false, json->out);
		json->more = true;
		network_verdict_end(&record.verdict);
	}
	json_close_array(json);
}

/* Null: networks have not been judged yet. */
static void write_networks(struct server *server, uint32_t asn, uint8_t family,
    struct json_writer *json)
{
	const struct census_view *held = NULL;

	if (server->census != NULL)
		held = census_hold(server->census);
	if (held == NULL) {
		json_null(json, "networks");
		return;
	}
	write_view(held->published, asn, family, json);
	census_drop(server->census, held);
}

void route_whoami(
    struct server *server, const struct request *request, struct reply *reply)
{
	bool is_signed = identity_is_signed(request);
	struct registry_agent agent;
	uint32_t asn;
	struct buf body = {0};
	struct json_writer json = {.out = &body};

	if (request->client.family == 0) {
		reply_error(reply, 400, "X-Forwarded-For",
		    "the proxy in front of us names no address");
		return;
	}
	if (is_signed && !identity_admit(server, request, &agent, reply))
		return;
	json_open_object(&json, NULL);
	json_address(&json, "address", &request->client);
	json_integer(&json, "family", request->client.family);
	asn = write_network(server->settings->geo, &request->client, &json);
	write_networks(server, asn, (uint8_t)request->client.family, &json);
	if (is_signed)
		write_proof(server, &request->client, &agent, &json);
	reply_set_header(reply, "Cache-Control", "no-store");
	stamp_reply(&json, reply);
}
