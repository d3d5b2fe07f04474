/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_WORKER_H
#define EGRESS25_COLLECTOR_THREADS_WORKER_H

/*
 * A thread that takes requests: an event loop with a listener and a store to
 * read. It verifies, decodes, attributes and diagnoses reports; the one writer
 * stores them.
 */

#include "collector/threads/dispatch.h"

struct worker;

/* Start a worker on a listening socket, which is then the worker's, also on
 * failure. Shared things are taken from `like`; `table` is borrowed. 0,
 * -EINVAL or -errno. */
int worker_start(const struct server *like, const struct route_table *table,
    const struct store_settings *settings, int fd, struct worker **worker,
    struct err *err);

/* Accept no more connections. From another thread. */
void worker_stop_accepting(struct worker *worker);

/* End the thread: what is being sent has `flush_ms` to get out. From another
 * thread, after the writer was drained and the read pool was stopped. */
void worker_stop(struct worker *worker, int flush_ms);

/* Wait for the end that worker_stop() asked for, and free. NULL is allowed. */
void worker_free(struct worker *worker);

#endif
