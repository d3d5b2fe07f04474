/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_WORKER_H
#define EGRESS25_COLLECTOR_THREADS_WORKER_H

/*
 * A thread that takes requests: an event loop with a listening socket, a store
 * to read and a mailbox of its own. It accepts, verifies, reads, attributes
 * and diagnoses; the one writer stores, and its answer comes back through the
 * mailbox.
 */

#include "collector/http/listener.h"
#include "collector/threads/server.h"

struct worker;

/* Start one on a socket that listens, which is then the worker's. What is
 * shared is taken from `like`. 0, -EINVAL or -errno. */
int worker_start(const struct server *like, const struct route *routes,
    const struct store_settings *settings, int fd, struct worker **worker,
    struct err *err);

/* From another thread: take no new connections from now on. */
void worker_end_accepting(struct worker *worker);

/* From another thread, after the writer was drained and the readings were
 * stopped: send what is on its way out, at most `flush_ms`, and end. */
void worker_leave(struct worker *worker, int flush_ms);

/* Wait for its end (after worker_leave()) and free it. NULL is allowed. */
void worker_free(struct worker *worker);

#endif
