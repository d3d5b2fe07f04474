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

/* A handler of POST: makes the reply and returns NULL, or returns what the
 * writer has to do first. */
typedef struct deferred_reply *post_handler(
    struct server *server, const struct request *request, struct reply *reply);

/* A path, with a handler of reads (GET and HEAD), of POST, or both. */
struct route {
	const char *path; /* NULL ends a table */
	bool has_rest;    /* what is below the path too */
	/* `get` does not wait for the disk and makes no stream: it runs on the
	 * loop's thread. */
	bool is_quick;
	bool is_scan; /* `get` may read much of the store */
	request_handler *get;
	post_handler *post;
};

struct route_table {
	const struct route *routes;
	/* For all other paths, with any method; quick. */
	request_handler *other;
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

/* The route that handles a request. NULL: none does, and the reply is made, by
 * `other` or as 405. */
const struct route *dispatch_find(const struct route_table *table,
    struct server *server, const struct request *request, struct reply *reply);

#endif
