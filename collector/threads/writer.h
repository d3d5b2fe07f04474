/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_WRITER_H
#define EGRESS25_COLLECTOR_THREADS_WRITER_H

/*
 * The one thread that writes. Whatever waits when it looks up becomes one
 * synced transaction (group commit); each job's `done` is then called from the
 * event loop of the thread that put it, and only then may anything be
 * acknowledged. Between groups it removes what is too old, in short steps with
 * pauses.
 */

#include "collector/base/mailbox.h"
#include "collector/health/metrics.h"
#include "collector/store/registry.h"
#include "collector/store/store.h"
#include "collector/threads/log_copier.h"

struct writer;
struct writer_job;

typedef void writer_done(struct writer_job *job);

/* Done on the writer's thread, with the store to itself; what it returns is
 * the job's error. */
typedef int writer_act(struct store *store, struct writer_job *job);

/* A report to store, or what `act` does. The job and all it points to are
 * the caller's, and stay where they are until `done`. */
struct writer_job {
	struct message message;  /* first; the writer's */
	struct writer_job *next; /* the writer's */
	writer_act *act;         /* NULL: the report is stored */
	struct store_report report;
	struct registry_agent agent;
	const uint8_t *token_sha256; /* enrolment; NULL: none is used up */
	uint8_t new_key[SIGN_PUBLIC_SIZE];
	/* The result. */
	int error; /* 0 or -errno; -EINVAL, -EACCES: what was asked for */
	struct err err;
	bool duplicate;
	writer_done *done;
	struct mailbox *mailbox; /* the writer's */
};

struct writer_figures {
	size_t queued;
	int64_t rows;
	struct metrics_durations commits; /* those that did not fail */
	int64_t failed_us; /* when the store last failed (clock_mono_us()); 0:
			      it has worked since, or never failed */
	int64_t slow_us;   /* when one last was slow (ready.h); 0: never */
	int64_t busy_us;   /* since when a transaction runs; 0: none does */
	struct metrics_durations expiries; /* steps that removed something */
	int64_t expired_reports, expired_rows;
	struct log_copier_figures log;
};

/* Open the store for writing and start the thread. */
int writer_start(const struct store_settings *settings, size_t queue_max,
    struct writer **writer, struct err *err);

/* Queue a job, from any thread; `done` comes through that mailbox. -EAGAIN:
 * the queue is full, by number or by what it holds in memory; nothing will be
 * called. */
int writer_put(
    struct writer *writer, struct mailbox *mailbox, struct writer_job *job);

/* Whether writer_put() would say -EAGAIN now. */
bool writer_is_full(struct writer *writer);

void writer_read_figures(struct writer *writer, struct writer_figures *figures);

/* How long measurements are kept; 0, as it starts: for ever. */
void writer_set_retention(struct writer *writer, int64_t keep_s);

/* Finish what is queued and post every `done`; writer_put() then says -EAGAIN.
 * NULL is allowed. */
void writer_drain(struct writer *writer);

/* Drain, end the thread, close. NULL is allowed. */
void writer_stop(struct writer *writer);

#endif
