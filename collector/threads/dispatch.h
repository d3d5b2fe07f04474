/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_DISPATCH_H
#define EGRESS25_COLLECTOR_THREADS_DISPATCH_H

/*
 * From a listener's requests to the handlers of their routes, each on the
 * right thread: quick reads on the loop's, other reads on the read pool
 * (read_pool.h), and what a POST writes on the writer's (writer.h). A POST
 * that waited too long for its turn, or for which the writer's queue has no
 * room, is refused (503 with Retry-After) before any work is done for it.
 */

#include "collector/api/route.h"
#include "collector/http/listener.h"
#include "collector/threads/server.h"

/*
 * A reply that is known when the writer has done a job. The handler embeds it
 * as the first member in what the job needs. `finish`, on the loop's thread,
 * makes the reply from the job's result; it is also called if the client left.
 * `release` then frees it; if the writer refuses the job, it is the only call.
 */
struct deferred_reply {
	struct writer_job job; /* first */
	void (*finish)(struct server *server, struct deferred_reply *deferred,
	    struct reply *reply);
	void (*release)(struct deferred_reply *deferred);
	/* dispatch's */
	struct server *server;
	struct exchange *exchange;
};

/* A listener's dispatcher. `server` is of the loop's thread. */
struct dispatcher {
	struct server *server;
	const struct route_table *table;
	bool has_tls; /* if the settings have a certificate */
};

/* Fill in the callbacks of a listener's settings, with `dispatcher`, which is
 * borrowed. */
void dispatch_connect(
    struct dispatcher *dispatcher, struct listener_settings *settings);

/*
 * The route that handles a request, whose parameters have been read and are
 * right; the caller makes it the request's. NULL: none does, and the reply is
 * made: by `other`, as 400 or 405, or of OPTIONS (RFC 9110, 9.3.7). Pages of
 * other sites may read what is for all (CORS, in the Fetch standard).
 */
const struct route *dispatch_find(const struct route_table *table,
    struct server *server, const struct request *request, struct reply *reply);

#endif
