/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/summary.h"

#include "collector/routes/refusal.h"
#include "collector/routes/stamp.h"
#include "collector/store/store.h"
#include "collector/threads/server.h"
#include "lib/json/json.h"

static void write_totals(
    const struct store_totals *totals, struct json_writer *json)
{
	json_open_object(json, NULL);
	json_integer(json, "networks", totals->networks);
	json_integer(json, "agents", totals->agents);
	json_integer(json, "reports", totals->reports);
	json_integer(json, "measurements", totals->measurements);
	json_time_or_null(json, "first", totals->first_ms);
	json_time_or_null(json, "last", totals->last_ms);
}

void route_summary(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct store_totals totals;
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	struct err err = {""};

	(void)request;
	if (store_totals(server->reader, &totals, &err) < 0) {
		refusal_store(reply, "the summary", &err);
		return;
	}
	write_totals(&totals, &json);
	stamp_reply(&json, reply);
}
