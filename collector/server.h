/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_SERVER_H
#define EGRESS25_COLLECTOR_SERVER_H

/* What the routes share: one collector that serves. All of it belongs to the
 * loop's thread but the writer, which has its own. */

#include "collector/geo.h"
#include "collector/metrics.h"
#include "collector/options.h"
#include "collector/store.h"
#include "collector/writer.h"
#include "lib/endpoints.h"
#include "lib/prefixes.h"
#include "lib/sign.h"

struct evhttp_request;

struct server {
	struct collector_options options;
	struct prefix_list trusted;
	struct endpoint_list endpoints;
	struct geo *geo;
	struct connections *connections;
	uint8_t secret[SIGN_SECRET_SIZE];
	struct store *reader;
	struct writer *writer;
	struct metrics metrics;
	bool ending;
};

/* A route's handler; it must end the request, now or later. */
typedef void server_handler(
    struct server *server, struct evhttp_request *request);

#endif
