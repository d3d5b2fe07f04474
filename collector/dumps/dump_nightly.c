/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/dumps/dump_nightly.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "collector/base/wait.h"
#include "collector/dumps/dump_days.h"
#include "collector/dumps/dump_folder.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"
#include "lib/base/log.h"
#include "lib/config/endpoints_file.h"

#define LATE_MS     (14 * DAY_MS) /* for so long rows of a day may come */
#define LOOK_US     (INT64_C(5) * 1000000)
#define AGAIN_US    (INT64_C(600) * 1000000) /* after a failure */
#define THREAD_NICE 15

/* ioprio_set(2), for which there is no header. */
#define IOPRIO_WHO_PROCESS 1
#define IOPRIO_IDLE        (3 << 13)

struct dump_nightly {
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t told;
	bool ending;
	struct collector_options options;
	struct dump_nightly_figures figures;
};

/* The end of the last day that should be there by now. */
static int64_t due_ms(const struct collector_options *options)
{
	int64_t now_ms = clock_wall_ms() - options->dumps_after_s * 1000;

	return now_ms / DAY_MS * DAY_MS;
}

/* Days that are missing, and, once the last one is closed, late rows of those
 * that are there; days that are too old go then, once a night. */
static int write_all(
    struct dump_job *job, int64_t due, int64_t *until_ms, struct err *err)
{
	int error = dump_days_write(job, until_ms, err);

	if (error < 0 || *until_ms < due)
		return error;
	job->again = true;
	job->removes = true;
	job->since_ms = *until_ms - LATE_MS;
	return dump_days_write(job, until_ms, err);
}

static int write_days(struct dump_nightly *nightly,
    const struct collector_options *options, int64_t *until_ms, struct err *err)
{
	struct endpoint_list endpoints = {0};
	struct dump_job job = {.directory = options->dumps_directory,
	    .store = nightly->store,
	    .endpoints = &endpoints,
	    .keep_ms = options->retention_s * 1000,
	    .keep_days_ms = (options->dumps_keep_s * 1000 + DAY_MS - 1) /
			    DAY_MS * DAY_MS,
	    .is_quiet = true};
	int error = 0;

	if (options->endpoints[0] != '\0')
		error = endpoints_read(options->endpoints, &endpoints, err);
	if (error == 0)
		error = write_all(&job, due_ms(options), until_ms, err);
	endpoints_free(&endpoints);
	return error;
}

/* *until_ms: up to where all is done. False: try again later. */
static bool take_turn(struct dump_nightly *nightly,
    const struct collector_options *options, int64_t *until_ms)
{
	struct err err = {""};
	int error = write_days(nightly, options, until_ms, &err);
	bool is_ending, has_failed = error < 0 && error != -EBUSY;

	pthread_mutex_lock(&nightly->lock);
	is_ending = nightly->ending;
	if (has_failed && !is_ending)
		nightly->figures.failed++;
	nightly->figures.until_ms = dump_folder_until_ms(
	    options->dumps_directory);
	pthread_mutex_unlock(&nightly->lock);
	if (has_failed && !is_ending)
		log_error("the files of the last days: %s", err.text);
	return error == 0;
}

/* Copy what applies, and say whether it is time. `done_ms`: up to where all is
 * done. */
static bool is_due(struct dump_nightly *nightly,
    struct collector_options *options, int64_t done_ms)
{
	pthread_mutex_lock(&nightly->lock);
	*options = nightly->options;
	if (nightly->figures.until_ms == 0 &&
	    options->dumps_directory[0] != '\0' && options->dumps_nightly)
		nightly->figures.until_ms = dump_folder_until_ms(
		    options->dumps_directory);
	pthread_mutex_unlock(&nightly->lock);
	return options->dumps_directory[0] != '\0' && options->dumps_nightly &&
	       due_ms(options) > done_ms;
}

/* False: the end. */
static bool rest(struct dump_nightly *nightly, int64_t us)
{
	int64_t until_us = clock_mono_us() + us;
	bool goes_on;

	pthread_mutex_lock(&nightly->lock);
	while (!nightly->ending && clock_mono_us() < until_us)
		wait_until(&nightly->told, &nightly->lock, until_us);
	goes_on = !nightly->ending;
	pthread_mutex_unlock(&nightly->lock);
	return goes_on;
}

/* The census closes a day soon after its end; until then there is none to
 * write, and this looks again. */
static void run_turns(
    struct dump_nightly *nightly, struct collector_options *options)
{
	int64_t until_ms = 0, done_ms = 0, pause_us = LOOK_US;

	while (rest(nightly, pause_us)) {
		pause_us = LOOK_US;
		if (!is_due(nightly, options, done_ms))
			continue;
		if (take_turn(nightly, options, &until_ms))
			done_ms = until_ms;
		else
			pause_us = AGAIN_US;
	}
}

static void *run_nightly(void *arg)
{
	struct collector_options *options = calloc(1, sizeof(*options));

	pthread_setname_np(pthread_self(), "dumps");
	setpriority(PRIO_PROCESS, (id_t)gettid(), THREAD_NICE);
	syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE);
	if (options != NULL)
		run_turns(arg, options);
	free(options);
	return NULL;
}

/* --- for others --- */

static void free_nightly(struct dump_nightly *nightly)
{
	store_close(nightly->store);
	pthread_mutex_destroy(&nightly->lock);
	pthread_cond_destroy(&nightly->told);
	free(nightly);
}

int dump_nightly_start(const struct store_settings *settings,
    const struct collector_options *options, struct dump_nightly **out,
    struct err *err)
{
	struct dump_nightly *nightly = calloc(1, sizeof(*nightly));
	int error;

	if (nightly == NULL)
		return err_system(err, -ENOMEM, "dumps");
	pthread_mutex_init(&nightly->lock, NULL);
	wait_init(&nightly->told);
	nightly->options = *options;
	error = store_open(settings, &nightly->store, err);
	if (error == 0) {
		error = -pthread_create(
		    &nightly->thread, NULL, run_nightly, nightly);
		if (error < 0)
			err_system(err, error, "dumps");
	}
	if (error < 0) {
		free_nightly(nightly);
		return error;
	}
	*out = nightly;
	return 0;
}

void dump_nightly_set(
    struct dump_nightly *nightly, const struct collector_options *options)
{
	pthread_mutex_lock(&nightly->lock);
	nightly->options = *options;
	nightly->figures.until_ms = 0;
	pthread_mutex_unlock(&nightly->lock);
}

void dump_nightly_read_figures(
    struct dump_nightly *nightly, struct dump_nightly_figures *figures)
{
	pthread_mutex_lock(&nightly->lock);
	*figures = nightly->figures;
	pthread_mutex_unlock(&nightly->lock);
}

void dump_nightly_stop(struct dump_nightly *nightly)
{
	if (nightly == NULL)
		return;
	pthread_mutex_lock(&nightly->lock);
	nightly->ending = true;
	pthread_mutex_unlock(&nightly->lock);
	store_interrupt(nightly->store);
	pthread_cond_broadcast(&nightly->told);
	pthread_join(nightly->thread, NULL);
	free_nightly(nightly);
}
