/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_LOG_COPIER_H
#define EGRESS25_COLLECTOR_THREADS_LOG_COPIER_H

/*
 * The thread that copies the store's write-ahead log back into the database
 * (a checkpoint), so that commits need not (store_copy_log()).
 */

#include "collector/health/metrics.h"
#include "collector/store/store_upkeep.h"

struct log_copier;

struct log_copier_figures {
	struct store_log log;            /* as the last copy left it */
	struct metrics_durations copies; /* those that succeeded */
	int64_t failed;
};

/* Open the store again and start the thread. 0, -EINVAL or -errno. */
int log_copier_start(const struct store_settings *settings,
    struct log_copier **copier, struct err *err);

/* Tell the copier the log's length: a long log is copied at once, a short one
 * within seconds. True, at most ten times a second: nearly all of it is copied.
 * The caller, who is the writer, then copies the rest before its next commit,
 * so that the log restarts from its beginning, if nobody reads at that moment;
 * the copier cannot catch up with a log that grows. */
bool log_copier_tell(struct log_copier *copier, int64_t pages);

/* Copy the figures as of now. */
void log_copier_read_figures(
    struct log_copier *copier, struct log_copier_figures *figures);

/* End the thread, close the store, and free. NULL is allowed. */
void log_copier_stop(struct log_copier *copier);

#endif
