/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/endpoints.h"

#include "collector/routes/stamp.h"
#include "collector/threads/server.h"
#include "lib/json/json.h"

static void write_endpoint(
    struct json_writer *json, const struct endpoint *endpoint)
{
	size_t i;

	json_open_object(json, NULL);
	json_text(json, "name", endpoint->name);
	json_text_or_null(json, "host", endpoint->host);
	json_text_or_null(json, "domain", endpoint->domain);
	json_text(json, "kind", endpoint_kind_word(endpoint->kind));
	json_open_array(json, "ports");
	for (i = 0; i < endpoint->ports.count; i++)
		json_integer(json, NULL, endpoint->ports.port[i]);
	json_close_array(json);
	json_close_object(json);
}

void route_endpoints(
    struct server *server, const struct request *request, struct reply *reply)
{
	const struct endpoint_list *endpoints = &server->settings->endpoints;
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	size_t i;

	(void)request;
	json_open_object(&json, NULL);
	json_open_array(&json, "items");
	for (i = 0; i < endpoints->count; i++)
		write_endpoint(&json, &endpoints->items[i]);
	json_close_array(&json);
	json_null(&json, "next");
	stamp_reply(&json, reply);
}
