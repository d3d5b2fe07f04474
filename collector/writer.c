/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/writer.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/clock.h"

#define GROUP_MAX       512                 /* reports of one transaction */
#define QUEUE_BYTES_MAX (256 * 1024 * 1024) /* that wait, and their rows */

struct queue {
	struct writer_job *first, **last;
	size_t length, bytes;
};

/* About what a job holds in memory. */
static size_t job_bytes(const struct writer_job *job)
{
	return sizeof(*job) + job->report.nrows * sizeof(*job->report.rows) +
	       job->report.signed_body_length;
}

struct writer {
	struct store *store;
	size_t queue_max;
	pthread_t thread;
	bool joined;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t arrived;
	struct queue waiting, finished;
	struct writer_figures figures;
	bool ending;
	/* The loop is woken through this. */
	int wake;
	struct event *woken;
};

static void queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
	queue->length = queue->bytes = 0;
}

static void queue_add(struct queue *queue, struct writer_job *job)
{
	job->next = NULL;
	*queue->last = job;
	queue->last = &job->next;
	queue->length++;
	queue->bytes += job_bytes(job);
}

static struct writer_job *queue_take(struct queue *queue)
{
	struct writer_job *job = queue->first;

	if (job == NULL)
		return NULL;
	queue->first = job->next;
	if (queue->first == NULL)
		queue->last = &queue->first;
	queue->length--;
	queue->bytes -= job_bytes(job);
	return job;
}

/* --- on the thread --- */

static void enrol(struct writer *writer, struct writer_job *job)
{
	job->error = registry_enrol(
	    writer->store, &job->agent, job->token_sha256, &job->err);
}

/* One transaction. Where it fails, each report is tried alone, so that one
 * that cannot be stored does not stop the others. */
static void write_group(
    struct writer *writer, struct writer_job **jobs, size_t count)
{
	struct store_report reports[GROUP_MAX] = {{{0}}};
	bool duplicates[GROUP_MAX] = {false};
	struct err err;
	int error;
	size_t i;

	for (i = 0; i < count; i++)
		reports[i] = jobs[i]->report;
	error = store_write(writer->store, reports, count, duplicates, &err);
	for (i = 0; i < count; i++) {
		jobs[i]->error = error;
		jobs[i]->err = err;
		jobs[i]->duplicate = duplicates[i];
		if (error == -EINVAL && count > 1)
			jobs[i]->error = store_write(writer->store, &reports[i],
			    1, &jobs[i]->duplicate, &jobs[i]->err);
	}
}

/* Our own failure, not what was wrong with a job. */
static bool is_failure(int error)
{
	return error < 0 && error != -EINVAL && error != -EACCES;
}

static void finish_group(struct writer *writer, struct writer_job **jobs,
    size_t count, int64_t began_us)
{
	int64_t now_us = clock_mono_us();
	uint64_t one = 1;
	size_t i;

	pthread_mutex_lock(&writer->lock);
	writer->figures.failed_us = is_failure(jobs[0]->error) ? now_us : 0;
	if (writer->figures.failed_us == 0)
		metrics_add_duration(
		    &writer->figures.commits, now_us - began_us);
	for (i = 0; i < count; i++) {
		if (jobs[i]->error == 0 && !jobs[i]->duplicate)
			writer->figures.rows += (int64_t)jobs[i]->report.nrows;
		queue_add(&writer->finished, jobs[i]);
	}
	pthread_mutex_unlock(&writer->lock);
	if (write(writer->wake, &one, sizeof(one)) < 0)
		return; /* already awake */
}

/* What waits, up to the next enrolment or a group's limit; at least one job.
 * 0: the end. */
static size_t take_group(struct writer *writer, struct writer_job **jobs)
{
	size_t count = 0;

	pthread_mutex_lock(&writer->lock);
	while (writer->waiting.first == NULL && !writer->ending)
		pthread_cond_wait(&writer->arrived, &writer->lock);
	while (count < GROUP_MAX && writer->waiting.first != NULL &&
	       (count == 0 || !writer->waiting.first->is_enrolment)) {
		jobs[count++] = queue_take(&writer->waiting);
		if (jobs[count - 1]->is_enrolment)
			break;
	}
	pthread_mutex_unlock(&writer->lock);
	return count;
}

static void *run(void *arg)
{
	struct writer *writer = arg;
	struct writer_job *jobs[GROUP_MAX];
	int64_t began_us;
	size_t count;

	while ((count = take_group(writer, jobs)) > 0) {
		began_us = clock_mono_us();
		if (jobs[0]->is_enrolment)
			enrol(writer, jobs[0]);
		else
			write_group(writer, jobs, count);
		finish_group(writer, jobs, count, began_us);
	}
	return NULL;
}

/* --- on the loop --- */

static void call_finished(struct writer *writer)
{
	struct writer_job *job;

	for (;;) {
		pthread_mutex_lock(&writer->lock);
		job = queue_take(&writer->finished);
		pthread_mutex_unlock(&writer->lock);
		if (job == NULL)
			return;
		job->done(job);
	}
}

static void on_woken(evutil_socket_t fd, short what, void *arg)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		return; /* somebody was quicker */
	call_finished(arg);
}

static int watch(struct writer *writer, struct event_base *base)
{
	writer->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (writer->wake < 0)
		return -errno;
	writer->woken = event_new(
	    base, writer->wake, EV_READ | EV_PERSIST, on_woken, writer);
	if (writer->woken == NULL || event_add(writer->woken, NULL) < 0)
		return -ENOMEM;
	return 0;
}

static void free_writer(struct writer *writer)
{
	if (writer->woken != NULL)
		event_free(writer->woken);
	if (writer->wake >= 0)
		close(writer->wake);
	store_close(writer->store);
	pthread_mutex_destroy(&writer->lock);
	pthread_cond_destroy(&writer->arrived);
	free(writer);
}

int writer_start(const struct store_settings *settings, struct event_base *base,
    size_t queue_max, struct writer **out, struct err *err)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	int error;

	if (writer == NULL)
		return err_system(err, -ENOMEM, "the writer");
	writer->wake = -1;
	writer->queue_max = queue_max;
	queue_init(&writer->waiting);
	queue_init(&writer->finished);
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->arrived, NULL);
	error = store_open(settings, &writer->store, err);
	if (error < 0) {
		free_writer(writer);
		return error;
	}
	error = watch(writer, base);
	if (error == 0)
		error = -pthread_create(&writer->thread, NULL, run, writer);
	if (error < 0) {
		free_writer(writer);
		return err_system(err, error, "the writer");
	}
	*out = writer;
	return 0;
}

int writer_put(struct writer *writer, struct writer_job *job)
{
	int error = 0;

	pthread_mutex_lock(&writer->lock);
	if (writer->waiting.length >= writer->queue_max ||
	    writer->waiting.bytes >= QUEUE_BYTES_MAX || writer->ending)
		error = -EAGAIN;
	else
		queue_add(&writer->waiting, job);
	pthread_mutex_unlock(&writer->lock);
	if (error == 0)
		pthread_cond_signal(&writer->arrived);
	return error;
}

void writer_read_figures(struct writer *writer, struct writer_figures *figures)
{
	pthread_mutex_lock(&writer->lock);
	*figures = writer->figures;
	figures->queued = writer->waiting.length;
	pthread_mutex_unlock(&writer->lock);
}

void writer_drain(struct writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	writer->ending = true;
	pthread_mutex_unlock(&writer->lock);
	pthread_cond_signal(&writer->arrived);
	if (!writer->joined)
		pthread_join(writer->thread, NULL);
	writer->joined = true;
	call_finished(writer);
}

void writer_stop(struct writer *writer)
{
	if (writer == NULL)
		return;
	writer_drain(writer);
	free_writer(writer);
}
