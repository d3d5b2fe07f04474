/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_LOG_COPIER_H
#define EGRESS25_COLLECTOR_THREADS_LOG_COPIER_H

/*
 * The thread that copies the store's log back into the database, so that
 * commits need not (store.h, store_copy_log()).
 */

#include "collector/health/metrics.h"
#include "collector/store/store_upkeep.h"

struct log_copier;

struct log_copier_figures {
	struct store_log log;            /* as the last copy left it */
	struct metrics_durations copies; /* those that did not fail */
	int64_t failed;
};

/* Open the store once more and start the thread. */
int log_copier_start(const struct store_settings *settings,
    struct log_copier **copier, struct err *err);

/* The log is so long now. Much is copied at once, little within some seconds.
 * True: nearly all of it is copied, and if the caller, who writes, copies the
 * rest before its next commit, the log starts anew: the copier itself never
 * comes to the end of one that grows. */
bool log_copier_tell(struct log_copier *copier, int64_t pages);

void log_copier_read_figures(
    struct log_copier *copier, struct log_copier_figures *figures);

/* End the thread, close. NULL is allowed. */
void log_copier_stop(struct log_copier *copier);

#endif
