/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_PENDING_H
#define EGRESS25_COLLECTOR_THREADS_PENDING_H

/* A request whose answer waits for the writer. */

#include "collector/threads/server.h"
#include "lib/base/buf.h"

struct evhttp_connection;

struct pending {
	struct writer_job job; /* first */
	struct server *server;
	struct evhttp_request *request; /* NULL: the client went away */
	struct evhttp_connection *connection;
	struct measurement *rows; /* owned */
	struct buf body;          /* owned: the evidence, where it is kept */
	uint8_t token_sha256[32];
	struct addr client; /* who asked */
};

/* NULL: no memory, and the request is answered. */
struct pending *pending_begin(
    struct server *server, struct evhttp_request *request);

/* Hand the job to the writer, which calls its `done`. Where the writer takes
 * no more, the request is answered and it is freed. */
void pending_put(struct pending *pending);

/* In `done`: the request, to be answered now; NULL where nobody waits. */
struct evhttp_request *pending_take_request(struct pending *pending);

void pending_free(struct pending *pending);

#endif
