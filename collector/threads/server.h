/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_SERVER_H
#define EGRESS25_COLLECTOR_THREADS_SERVER_H

/*
 * What a route's handler works with: one of these a thread. Threads that take
 * requests (worker.h) have an event loop of their own; those that read the
 * store for the API (read_pool.h) have none. What several threads share is said
 * here to be shared; it needs no lock. All else is this thread's alone.
 */

#include "collector/health/metrics.h"
#include "collector/store/store.h"
#include "collector/threads/settings.h"
#include "collector/threads/writer.h"
#include "lib/sign/sign.h"

struct census;
struct connections;
struct enrolments;
struct evhttp_request;
struct mailbox;
struct readings;

struct server {
	/* A snapshot that holds until the handler returns: what outlives it
	 * copies what it needs. */
	const struct settings *settings;
	/* A copy of the current snapshot's, for the connections of this
	 * thread's loop, which look at it between two requests. */
	struct prefix_list trusted;
	struct connections *connections;
	struct mailbox *mailbox;        /* of this thread's loop; NULL: it has
					   none, and its answers are whole when
					   the handler returns */
	struct store *reader;           /* this thread's, read-only */
	struct writer *writer;          /* shared */
	struct metrics *metrics;        /* shared: each number is atomic */
	struct readings *readings;      /* shared */
	struct settings_holder *holder; /* shared */
	struct census *census;          /* shared */
	struct enrolments *enrolments;  /* shared */
	bool is_ending;                 /* of the main thread: it was told to */
	uint8_t secret[SIGN_SECRET_SIZE];
};

/* Go over to the current settings: between two requests. */
void server_take_settings(struct server *server);

/* A route's handler; it must end the request, now or later. Later (a job for
 * the writer) only on a thread that has a mailbox. */
typedef void server_handler(
    struct server *server, struct evhttp_request *request);

#endif
