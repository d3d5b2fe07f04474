/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/log_copier.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "collector/base/wait.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* Pages are copied in large batches, because a page that is written repeatedly
 * in between is copied once. */
#define PAGES_AT_ONCE 4000 /* 16 MiB */
#define REST          500  /* left for the writer to copy */
#define PAUSE_US      (5 * INT64_C(1000000))

/* While somebody reads, the log cannot restart even if all of it is copied.
 * Each copy syncs the database, and commits wait for the writer's. */
#define ASK_US INT64_C(100000)

struct log_copier {
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t told;
	int64_t pages; /* of the log, if it grew since the last copy; else 0 */
	int64_t since_us; /* when it first grew since then */
	int64_t asked_us; /* when the writer was asked last; 0: never */
	bool ending;
	struct log_copier_figures figures;
};

/* With the lock held: the pages not copied yet of a log of `pages` pages. */
static int64_t uncopied(const struct log_copier *copier, int64_t pages)
{
	int64_t copied = copier->figures.log.copied;

	return pages < copied ? pages : pages - copied; /* <: it restarted */
}

/* With the lock held. Of a log that is long already nothing waits: the less is
 * left, the sooner the writer is done with the rest. */
static bool is_due(const struct log_copier *copier)
{
	int64_t left = uncopied(copier, copier->pages);

	return left >= PAGES_AT_ONCE ||
	       (copier->pages >= PAGES_AT_ONCE && left > REST) ||
	       clock_mono_us() >= copier->since_us + PAUSE_US;
}

/* Wait until there is something to copy. False: the end. */
static bool wait_for_work(struct log_copier *copier)
{
	bool ending;

	pthread_mutex_lock(&copier->lock);
	while (!copier->ending) {
		if (copier->pages == 0)
			pthread_cond_wait(&copier->told, &copier->lock);
		else if (!is_due(copier))
			wait_until(&copier->told, &copier->lock,
			    copier->since_us + PAUSE_US);
		else
			break;
	}
	copier->pages = 0;
	ending = copier->ending;
	pthread_mutex_unlock(&copier->lock);
	return !ending;
}

static void copy(struct log_copier *copier)
{
	int64_t began_us = clock_mono_us();
	struct store_log log;
	struct err err = {""};
	int error = store_copy_log(copier->store, &log, &err);

	pthread_mutex_lock(&copier->lock);
	if (error < 0) {
		copier->figures.failed++;
	} else {
		copier->figures.log = log;
		metrics_add_duration(
		    &copier->figures.copies, clock_mono_us() - began_us);
	}
	pthread_mutex_unlock(&copier->lock);
	if (error < 0)
		log_error("copying the log back: %s", err.text);
}

static void *run_copier(void *arg)
{
	while (wait_for_work(arg))
		copy(arg);
	return NULL;
}

static void free_copier(struct log_copier *copier)
{
	store_close(copier->store);
	pthread_mutex_destroy(&copier->lock);
	pthread_cond_destroy(&copier->told);
	free(copier);
}

int log_copier_start(const struct store_settings *settings,
    struct log_copier **out, struct err *err)
{
	struct log_copier *copier = calloc(1, sizeof(*copier));
	int error;

	if (copier == NULL)
		return err_system(err, -ENOMEM, "the log's copier");
	pthread_mutex_init(&copier->lock, NULL);
	wait_init(&copier->told);
	error = store_open(settings, &copier->store, err);
	if (error == 0) {
		error = -pthread_create(
		    &copier->thread, NULL, run_copier, copier);
		if (error < 0)
			err_system(err, error, "the log's copier");
	}
	if (error < 0) {
		free_copier(copier);
		return error;
	}
	*out = copier;
	return 0;
}

bool log_copier_tell(struct log_copier *copier, int64_t pages)
{
	int64_t now_us = clock_mono_us();
	bool asks;

	pthread_mutex_lock(&copier->lock);
	if (copier->pages == 0)
		copier->since_us = now_us;
	copier->pages = pages;
	asks = pages >= PAGES_AT_ONCE && uncopied(copier, pages) <= REST &&
	       (copier->asked_us == 0 || now_us >= copier->asked_us + ASK_US);
	if (asks)
		copier->asked_us = now_us;
	pthread_mutex_unlock(&copier->lock);
	pthread_cond_signal(&copier->told);
	return asks;
}

void log_copier_read_figures(
    struct log_copier *copier, struct log_copier_figures *figures)
{
	pthread_mutex_lock(&copier->lock);
	*figures = copier->figures;
	pthread_mutex_unlock(&copier->lock);
}

void log_copier_stop(struct log_copier *copier)
{
	if (copier == NULL)
		return;
	pthread_mutex_lock(&copier->lock);
	copier->ending = true;
	pthread_mutex_unlock(&copier->lock);
	pthread_cond_signal(&copier->told);
	pthread_join(copier->thread, NULL);
	free_copier(copier);
}
