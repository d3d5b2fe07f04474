/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/base/wait.h"
#include "collector/health/ready.h"
#include "collector/store/retention.h"
#include "collector/store/store_engine.h"
#include "collector/store/store_upkeep.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define EXPIRE_AGAIN_US (60 * INT64_C(1000000)) /* after a failure */
#define QUEUE_BYTES_MAX (256 * 1024 * 1024)     /* that wait, and their rows */

/* Are enrolled together at most; also at most the group_most of any engine. */
#define ENROL_MOST 64

struct writer_queue {
	STAILQ_HEAD(, writer_job) jobs;
	size_t length, bytes;
};

/* The memory that a job holds, approximately. */
static size_t job_bytes(const struct writer_job *job)
{
	return sizeof(*job) + job->report.nrows * sizeof(*job->report.rows) +
	       job->report.detail_length + job->report.signed_body_length;
}

/* What is written together; each array has room for the engine's most. */
struct writer_group {
	struct writer_job **jobs;
	struct store_report *reports;
	bool *duplicate, *refused;
	struct registry_enrolment enrolments[ENROL_MOST];
	size_t count;
};

struct writer {
	struct store *store;
	struct log_copier *copier;  /* NULL: the engine has no log */
	struct writer_group group;  /* the thread's */
	struct retention retention; /* the thread's, but for keep_ms */
	size_t queue_max;
	pthread_t thread;
	bool joined;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t arrived;
	struct writer_queue waiting;
	struct writer_figures figures;
	int64_t keep_ms;
	bool ending;
};

static void queue_add(struct writer_queue *queue, struct writer_job *job)
{
	STAILQ_INSERT_TAIL(&queue->jobs, job, entry);
	queue->length++;
	queue->bytes += job_bytes(job);
}

/* The queue is not empty. */
static struct writer_job *queue_take(struct writer_queue *queue)
{
	struct writer_job *job = STAILQ_FIRST(&queue->jobs);

	STAILQ_REMOVE_HEAD(&queue->jobs, entry);
	queue->length--;
	queue->bytes -= job_bytes(job);
	return job;
}

/* --- on the writer's thread --- */

/* One transaction. A report that it refused is tried again alone, which tells
 * why and syncs nothing: bad reports do not break up the group of the others.
 */
static void write_group(struct writer *writer)
{
	struct writer_group *group = &writer->group;
	const struct store_flags flags = {group->duplicate, group->refused};
	struct err err = {""};
	int error;
	size_t i;

	for (i = 0; i < group->count; i++) {
		group->reports[i] = group->jobs[i]->report;
		group->duplicate[i] = group->refused[i] = false;
	}
	error = store_write_valid(
	    writer->store, group->reports, group->count, &flags, &err);
	for (i = 0; i < group->count; i++) {
		struct writer_job *job = group->jobs[i];

		job->error = error;
		job->err = err;
		job->duplicate = group->duplicate[i];
		if (error == 0 && group->refused[i])
			job->error = store_write(writer->store,
			    &group->reports[i], 1, &job->duplicate, &job->err);
	}
}

static void enrol_group(struct writer *writer)
{
	struct writer_group *group = &writer->group;
	struct registry_enrolment *list = group->enrolments;
	size_t i;

	for (i = 0; i < group->count; i++)
		list[i] = (struct registry_enrolment){
		    .agent = &group->jobs[i]->agent,
		    .token_sha256 = group->jobs[i]->token_sha256};
	registry_enrol_all(writer->store, list, group->count);
	for (i = 0; i < group->count; i++) {
		group->jobs[i]->error = list[i].error;
		group->jobs[i]->err = list[i].err;
	}
}

/* Our own failure, not what was wrong with a job. */
static bool is_failure(int error)
{
	return error < 0 && error != -EINVAL && error != -EACCES &&
	       error != -EEXIST;
}

static void finish_group(struct writer *writer, int64_t began_us)
{
	struct writer_job **jobs = writer->group.jobs;
	size_t count = writer->group.count, i;
	int64_t now_us = clock_mono_us();

	pthread_mutex_lock(&writer->lock);
	writer->figures.busy_us = 0;
	writer->figures.failed_us = is_failure(jobs[0]->error) ? now_us : 0;
	if (writer->figures.failed_us == 0)
		metrics_add_duration(
		    &writer->figures.commits, now_us - began_us);
	if (now_us - began_us >= READY_SLOW_US)
		writer->figures.slow_us = now_us;
	for (i = 0; i < count; i++)
		if (jobs[i]->error == 0 && !jobs[i]->duplicate)
			writer->figures.rows += (int64_t)jobs[i]->report.nrows;
	pthread_mutex_unlock(&writer->lock);
	for (i = 0; i < count; i++)
		jobs[i]->done(jobs[i]);
}

static void tell_copier(struct writer *writer)
{
	int64_t pages = store_log_pages(writer->store);
	struct store_log log;

	if (pages > 0 && log_copier_tell(writer->copier, pages))
		store_copy_log(writer->store, &log, NULL); /* or the next one */
}

/* With the lock held. */
static bool is_expiry_due(struct writer *writer)
{
	return writer->keep_ms != 0 &&
	       clock_mono_us() >= writer->retention.next_us;
}

/* Is a step of removal due? Takes over a new retention. */
static bool take_expiry(struct writer *writer)
{
	bool due;

	pthread_mutex_lock(&writer->lock);
	due = is_expiry_due(writer) && !writer->ending;
	writer->retention.keep_ms = writer->keep_ms;
	pthread_mutex_unlock(&writer->lock);
	return due;
}

static void note_expiry(
    struct writer *writer, const struct store_expiry *expiry, int64_t took_us)
{
	struct writer_figures *figures = &writer->figures;

	if (expiry->reports == 0)
		return;
	pthread_mutex_lock(&writer->lock);
	figures->expired_reports += expiry->reports;
	figures->expired_rows += expiry->measurements;
	metrics_add_duration(&figures->expiries, took_us);
	pthread_mutex_unlock(&writer->lock);
	tell_copier(writer);
}

static void expire(struct writer *writer)
{
	int64_t began_us = clock_mono_us(), ended_us;
	struct store_expiry expiry = {
	    .before_ms = retention_begin(
		&writer->retention, clock_wall_ms(), began_us),
	    .reports_max = RETENTION_STEP_REPORTS,
	    .most_us = RETENTION_STEP_US,
	    .keep_clock_ms = writer->retention.now_ms,
	};
	struct err err = {""};
	int error = store_expire(writer->store, &expiry, &err);

	ended_us = clock_mono_us();
	if (error < 0) {
		log_error("removing old reports: %s", err.text);
		expiry = (struct store_expiry){
		    .newest_ms = writer->retention.newest_ms};
	}
	if (error == 0 || writer->retention.is_known)
		retention_end(&writer->retention,
		    &(struct retention_found){
			expiry.clock_ms, expiry.newest_ms, expiry.more},
		    began_us, ended_us);
	else
		writer->retention.next_us = ended_us + EXPIRE_AGAIN_US;
	note_expiry(writer, &expiry, ended_us - began_us);
}

/* With the lock held, wait until there is a job, a step of removal is due, or
 * the writer ends. */
static void wait_for_work(struct writer *writer)
{
	while (STAILQ_EMPTY(&writer->waiting.jobs) && !writer->ending &&
	       !is_expiry_due(writer)) {
		if (writer->keep_ms == 0)
			pthread_cond_wait(&writer->arrived, &writer->lock);
		else
			wait_until(&writer->arrived, &writer->lock,
			    writer->retention.next_us);
	}
}

static bool is_alone(const struct writer_job *job)
{
	return job->act != NULL;
}

/* With the lock held: does the next job go with these? */
static bool goes_with(struct writer *writer, size_t count, size_t rows)
{
	const struct store_engine *engine = writer->store->engine;
	const struct writer_job *first = writer->group.jobs[0];
	const struct writer_job *next = STAILQ_FIRST(&writer->waiting.jobs);

	if (next == NULL || count == 0)
		return next != NULL;
	if (is_alone(first) || is_alone(next) || first->enrols != next->enrols)
		return false;
	return count < (first->enrols ? ENROL_MOST : engine->group_most) &&
	       rows < engine->rows_most;
}

/* Take the next group: reports, or enrolments, that wait, up to the next job
 * of another kind, or one job with an `act`; none if only a removal is due.
 * False: the end. */
static bool take_group(struct writer *writer)
{
	struct writer_job **jobs = writer->group.jobs;
	size_t count = 0, rows = 0;
	bool ended;

	pthread_mutex_lock(&writer->lock);
	wait_for_work(writer);
	while (goes_with(writer, count, rows)) {
		jobs[count++] = queue_take(&writer->waiting);
		rows += jobs[count - 1]->report.nrows;
	}
	if (count > 0)
		writer->figures.busy_us = clock_mono_us();
	ended = writer->ending && count == 0;
	pthread_mutex_unlock(&writer->lock);
	writer->group.count = count;
	return !ended;
}

static void do_group(struct writer *writer)
{
	struct writer_job *first = writer->group.jobs[0];
	int64_t began_us = clock_mono_us();

	if (first->enrols)
		enrol_group(writer);
	else if (is_alone(first))
		first->error = first->act(writer->store, first);
	else
		write_group(writer);
	finish_group(writer, began_us);
	tell_copier(writer);
}

/* More reports share the next transaction. One that comes after the pause does
 * not wait. */
static void gather(const struct writer *writer)
{
	const struct timespec gap = {
	    .tv_nsec = writer->store->engine->gather_us * 1000};

	nanosleep(&gap, NULL);
}

static void *run_writer(void *arg)
{
	struct writer *writer = arg;

	pthread_setname_np(pthread_self(), "writer");
	while (take_group(writer)) {
		if (writer->group.count > 0) {
			do_group(writer);
			gather(writer);
		}
		if (take_expiry(writer))
			expire(writer);
	}
	return NULL;
}

/* --- for the other threads --- */

static int make_group(struct writer_group *group, size_t most)
{
	group->jobs = calloc(most, sizeof(*group->jobs));
	group->reports = calloc(most, sizeof(*group->reports));
	group->duplicate = calloc(most, sizeof(*group->duplicate));
	group->refused = calloc(most, sizeof(*group->refused));
	return group->jobs != NULL && group->reports != NULL &&
		       group->duplicate != NULL && group->refused != NULL
		   ? 0
		   : -ENOMEM;
}

static void free_writer(struct writer *writer)
{
	log_copier_stop(writer->copier);
	store_close(writer->store);
	free(writer->group.jobs);
	free(writer->group.reports);
	free(writer->group.duplicate);
	free(writer->group.refused);
	pthread_mutex_destroy(&writer->lock);
	pthread_cond_destroy(&writer->arrived);
	free(writer);
}

static int open_stores(struct writer *writer,
    const struct store_settings *settings, struct err *err)
{
	struct store_settings own = *settings;
	int error;

	own.copies_elsewhere = true;
	error = store_open(&own, &writer->store, err);
	if (error == 0 && store_has_log(settings))
		error = log_copier_start(settings, &writer->copier, err);
	if (error == 0 &&
	    make_group(&writer->group, settings->engine->group_most) < 0)
		error = err_system(err, -ENOMEM, "the writer");
	return error;
}

int writer_start(const struct store_settings *settings, size_t queue_max,
    struct writer **out, struct err *err)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	int error;

	if (writer == NULL)
		return err_system(err, -ENOMEM, "the writer");
	writer->queue_max = queue_max;
	STAILQ_INIT(&writer->waiting.jobs);
	pthread_mutex_init(&writer->lock, NULL);
	wait_init(&writer->arrived);
	error = open_stores(writer, settings, err);
	if (error < 0) {
		free_writer(writer);
		return error;
	}
	error = -pthread_create(&writer->thread, NULL, run_writer, writer);
	if (error < 0) {
		free_writer(writer);
		return err_system(err, error, "the writer");
	}
	*out = writer;
	return 0;
}

/* With the lock held. */
static bool has_room(const struct writer *writer)
{
	return writer->waiting.length < writer->queue_max &&
	       writer->waiting.bytes < QUEUE_BYTES_MAX && !writer->ending;
}

int writer_put(struct writer *writer, struct writer_job *job)
{
	bool fits;

	pthread_mutex_lock(&writer->lock);
	fits = has_room(writer);
	if (fits)
		queue_add(&writer->waiting, job);
	pthread_mutex_unlock(&writer->lock);
	if (fits)
		pthread_cond_signal(&writer->arrived);
	return fits ? 0 : -EAGAIN;
}

bool writer_is_full(struct writer *writer)
{
	bool fits;

	pthread_mutex_lock(&writer->lock);
	fits = has_room(writer);
	pthread_mutex_unlock(&writer->lock);
	return !fits;
}

void writer_read_figures(struct writer *writer, struct writer_figures *figures)
{
	pthread_mutex_lock(&writer->lock);
	*figures = writer->figures;
	figures->queued = writer->waiting.length;
	pthread_mutex_unlock(&writer->lock);
	if (writer->copier != NULL)
		log_copier_read_figures(writer->copier, &figures->log);
}

void writer_set_retention(struct writer *writer, int64_t keep_s)
{
	pthread_mutex_lock(&writer->lock);
	writer->keep_ms = keep_s * 1000;
	pthread_mutex_unlock(&writer->lock);
	pthread_cond_signal(&writer->arrived);
}

void writer_drain(struct writer *writer)
{
	if (writer == NULL)
		return;
	pthread_mutex_lock(&writer->lock);
	writer->ending = true;
	pthread_mutex_unlock(&writer->lock);
	pthread_cond_signal(&writer->arrived);
	if (!writer->joined)
		pthread_join(writer->thread, NULL);
	writer->joined = true;
}

void writer_stop(struct writer *writer)
{
	if (writer == NULL)
		return;
	writer_drain(writer);
	free_writer(writer);
}
