/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/scope.h"

#define FAMILY 4
#define PORT   25

bool scope_read(
    const struct query *query, struct scope *scope, struct reply *reply)
{
	const unsigned both = 1u << 4 | 1u << 6;

	if (query->families == both || query->nports > 1) {
		reply_error(reply, 400, query->nports > 1 ? "port" : "family",
		    "networks are counted of one family and one port at a "
		    "time");
		return false;
	}
	scope->family = query->families == 0         ? FAMILY
			: query->families == 1u << 6 ? 6
						     : 4;
	scope->port = query->nports > 0 ? query->ports[0] : PORT;
	return true;
}

void scope_write(const struct scope *scope, struct json_writer *json)
{
	json_integer(json, "family", scope->family);
	json_integer(json, "port", scope->port);
}

void scope_write_states(struct json_writer *json, const char *key,
    const int64_t networks[STATE_COUNT])
{
	int i;

	json_open_object(json, key);
	for (i = 0; i < STATE_COUNT; i++)
		json_integer(json, network_state_word((enum network_state)i),
		    networks[i]);
	json_close_object(json);
}
