/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_START_WATCH_H
#define EGRESS25_COLLECTOR_THREADS_START_WATCH_H

/*
 * SIGTERM and SIGINT while the collector starts, which may take as long as a
 * database does not answer. Nothing has been acknowledged yet that is not
 * stored, and what is on disk is whole at any moment: the process ends at once,
 * as after an orderly end.
 */

#include <pthread.h>

/* The caller has blocked all signals. 0 or -errno. */
int start_watch_begin(pthread_t *thread);

/* From now on the signals wait for who unblocks them. */
void start_watch_end(pthread_t thread);

#endif
