/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_DUMPS_H
#define EGRESS25_COLLECTOR_ROUTES_DUMPS_H

/* GET /data/index.json, /data/{year}/{month}/{day}/{file}: the list of the
 * files of whole days (doc/data.md), and each of them. */

#include "collector/http/reply.h"

struct server;

request_handler route_dumps_index, route_dumps_file;

/* Reply to what is not there (-ENOENT), or could not be read. */
void dumps_refuse(struct reply *reply, int error);

/* Where the files are; NULL after a 404, where the collector has none. */
const char *dumps_directory(const struct server *server, struct reply *reply);

#endif
