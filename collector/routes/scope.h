/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_SCOPE_H
#define EGRESS25_COLLECTOR_ROUTES_SCOPE_H

/* What counts of networks are about: one family and one port, by default 4 and
 * 25, which the answer says. */

#include "collector/api/query.h"
#include "collector/http/reply.h"
#include "lib/json/json.h"

struct scope {
	uint8_t family;
	uint16_t port;
};

/* Read the scope of a query. False: it is several, and the reply is 400. */
bool scope_read(
    const struct query *query, struct scope *scope, struct reply *reply);

/* Write it as members of the open object. */
void scope_write(const struct scope *scope, struct json_writer *json);

/* Write the number of networks in each state as a member. */
void scope_write_states(struct json_writer *json, const char *key,
    const int64_t networks[STATE_COUNT]);

#endif
