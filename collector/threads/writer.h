/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_WRITER_H
#define EGRESS25_COLLECTOR_THREADS_WRITER_H

/*
 * The one thread that writes to the store. All reports that wait when it looks
 * become one synced transaction (group commit); only after that is each job's
 * `done` called. Between transactions it removes what is too old, in short
 * steps.
 */

#include <sys/queue.h>

#include "collector/health/metrics.h"
#include "collector/store/registry.h"
#include "collector/store/store.h"
#include "collector/threads/log_copier.h"

struct writer;
struct writer_job;

/* Called once for each queued job, on the writer's thread: it must be short.
 * The job is its owner's again. */
typedef void writer_done(struct writer_job *job);

/* A change to the store by itself, on the writer's thread. 0 or -errno, which
 * becomes the job's. */
typedef int writer_act(struct store *store, struct writer_job *job);

/* What to write: a report, or what `act` does with `agent`. The job and what
 * it points to are the caller's, and stay in place until `done`. */
struct writer_job {
	STAILQ_ENTRY(writer_job) entry; /* the writer's */
	writer_done *done;
	writer_act *act; /* NULL: `report` is stored, or it */
	bool enrols;     /* `agent`, together with those that do so, too */
	struct store_report report;
	struct registry_agent agent;
	const uint8_t *token_sha256; /* of enrolment; NULL: none is used */
	uint8_t new_key[SIGN_PUBLIC_SIZE];
	/* The result. */
	int error; /* 0 or -errno; -EINVAL, -EACCES, -EEXIST: the request's
		      fault */
	struct err err;
	bool duplicate;
};

struct writer_figures {
	size_t queued;
	int64_t rows;
	struct metrics_durations commits; /* those that succeeded */
	int64_t failed_us; /* when the store last failed (clock_mono_us()); 0:
			      never, or it has worked since */
	int64_t slow_us;   /* when it was last slow (ready.h); 0: never */
	int64_t busy_us;   /* start of the current transaction; 0: none */
	struct metrics_durations expiries; /* steps that removed something */
	int64_t expired_reports, expired_rows;
	struct log_copier_figures log;
};

/* Open the store for writing and start the thread. `queue_max` is in jobs. 0,
 * -EINVAL or -errno. */
int writer_start(const struct store_settings *settings, size_t queue_max,
    struct writer **writer, struct err *err);

/* Queue a job; from any thread. 0, or -EAGAIN: the queue is full, in jobs or
 * in bytes, and `done` will not be called. */
int writer_put(struct writer *writer, struct writer_job *job);

/* Would writer_put() return -EAGAIN now? */
bool writer_is_full(struct writer *writer);

/* Copy the figures as of now. */
void writer_read_figures(struct writer *writer, struct writer_figures *figures);

/* Set how long measurements are kept; 0 (the default): for ever. */
void writer_set_retention(struct writer *writer, int64_t keep_s);

/* Finish all queued jobs and end the thread; writer_put() returns -EAGAIN from
 * then on. NULL is allowed. */
void writer_drain(struct writer *writer);

/* Drain, close the store, and free. NULL is allowed. */
void writer_stop(struct writer *writer);

#endif
