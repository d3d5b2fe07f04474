/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_READ_POOL_H
#define EGRESS25_COLLECTOR_THREADS_READ_POOL_H

/*
 * Threads that run the handlers of reads, each with a store of its own, so
 * that no report waits for a list of networks. A stream comes back for each
 * part, and queues again. Scans, which read much, have a queue of their own and
 * never occupy the last thread (if there are two), so that no lookup waits for
 * them. At most 256 exchanges wait; more are refused with 503 and Retry-After.
 */

#include "collector/http/exchange.h"
#include "collector/threads/server.h"

struct read_pool;

/* Start `threads` threads, each with a store (none if `settings` is NULL).
 * Shared things are taken from `like`. 0, -EINVAL or -errno; on failure too,
 * end with read_pool_free(). */
int read_pool_start(const struct server *like,
    const struct store_settings *settings, size_t threads,
    struct read_pool **pool, struct err *err);

/* Have `handler` make the reply on one of the threads. On the exchange's loop.
 */
void read_pool_put(struct read_pool *pool, struct exchange *exchange,
    request_handler *handler, bool is_scan);

/* End the threads and interrupt what they read; exchanges that wait are
 * refused. NULL is allowed. */
void read_pool_stop(struct read_pool *pool);

/* Stop and free, after all loops have ended. NULL is allowed. */
void read_pool_free(struct read_pool *pool);

#endif
