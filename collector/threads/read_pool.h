/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_READ_POOL_H
#define EGRESS25_COLLECTOR_THREADS_READ_POOL_H

/*
 * Threads that answer what only reads, so that no report ever waits for a
 * list of networks. The handler runs there, on a copy of the request without
 * its connection (http.h), with a store of that thread's own; what it replied
 * goes back to the loop that has the connection, and is sent there. A stream
 * comes part by part, each at the end of the queue again.
 */

#include "collector/threads/server.h"

/* Start so many threads, each with a store; `settings` NULL: with none. In
 * failure too, end with readings_free(). */
int readings_start(const struct server *like,
    const struct store_settings *settings, size_t threads,
    struct readings **readings, struct err *err);

/* Have `handle` answer the request; 503 where too many wait. */
void reading_begin(struct server *server, struct evhttp_request *request,
    server_handler *handle);

/* End the threads, and what they read (store_interrupt()); what waits is
 * answered with 503, on its loop. NULL is allowed. */
void readings_stop(struct readings *readings);

/* After all loops have ended. NULL is allowed. */
void readings_free(struct readings *readings);

#endif
