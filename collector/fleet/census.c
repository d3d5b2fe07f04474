/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/census.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "collector/base/wait.h"
#include "collector/fleet/networks.h"
#include "collector/fleet/past_days.h"
#include "collector/fleet/publish.h"
#include "collector/fleet/survey.h"
#include "collector/fleet/typical.h"
#include "collector/intake/proof.h"
#include "collector/store/registry.h"
#include "collector/store/store_upkeep.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"
#include "lib/base/log.h"

/* What is published is never older than a minute, unless counting takes half of
 * that; where it takes little, it is much younger. */
#define ROUND_US   INT64_C(60000000)
#define LEAST_US   INT64_C(2000000)
#define BUSY_SHARE 20    /* else counting takes 1/20 of the time */
#define ROWS_MAX   50000 /* read at a time, to learn about STARTTLS */

struct census {
	struct store *store;
	struct past past;
	uint8_t secret[SIGN_SECRET_SIZE];
	struct baseline baseline;
	struct typical typical;
	int64_t rows_until_ms; /* measurements have been read up to here */
	struct metrics_durations censuses;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t told;
	_Atomic bool ending;
	struct census_view *view;
};

/* A count that is being made. */
struct census_count {
	struct census *census;
	struct census_view *view;
	int64_t now_ms;
	struct survey survey;
	bool tells; /* all days before are closed, and it keeps the changes */
	struct err err;
};

/* --- views --- */

static void free_view(struct census_view *view)
{
	if (view == NULL)
		return;
	fleet_free(&view->fleet);
	judge_free(&view->judge);
	view_free(view->published);
	free(view->starttls.names);
	free(view);
}

/* Release a view, with the lock held. The view is returned if nobody holds it
 * any more, and must be freed. */
static struct census_view *let_go(struct census_view *view)
{
	return view != NULL && --view->holders == 0 ? view : NULL;
}

static void show(struct census *census, struct census_view *view)
{
	struct census_view *old;

	view->holders = 1;
	pthread_mutex_lock(&census->lock);
	old = census->view;
	if (old != NULL &&
	    view->published->generation <= old->published->generation)
		view->published->generation = old->published->generation + 1;
	old = let_go(old);
	census->view = view;
	pthread_mutex_unlock(&census->lock);
	free_view(old);
}

const struct census_view *census_hold(struct census *census)
{
	struct census_view *view;

	pthread_mutex_lock(&census->lock);
	view = census->view;
	if (view != NULL)
		view->holders++;
	pthread_mutex_unlock(&census->lock);
	return view;
}

void census_drop(struct census *census, const struct census_view *view)
{
	struct census_view *old;

	if (view == NULL)
		return;
	pthread_mutex_lock(&census->lock);
	old = let_go((struct census_view *)view);
	pthread_mutex_unlock(&census->lock);
	free_view(old);
}

/* --- counting --- */

static int count_agent(void *arg, const struct registry_agent *agent)
{
	struct census_count *count = arg;
	struct fleet_agent counted = {
	    .enrolled_ms = agent->enrolled_ms,
	    .number = agent->number,
	    .has_reported = agent->last_seen_ms != 0,
	};
	char pseudonym[17];

	if (count->census->ending)
		return -ECANCELED;
	if (agent->revoked_ms != 0)
		return 0;
	proof_pseudonym(count->census->secret, agent->id, pseudonym);
	counted.key = fleet_key(pseudonym);
	return fleet_add(
	    &count->view->fleet, &counted, agent->last_seen_ms, count->now_ms);
}

/* --- networks --- */

/* What was published is kept as well as can be: a count does without. */
static bool went_well(
    const struct census *census, int error, const struct err *err)
{
	if (error < 0 && !census->ending)
		log_error("keeping what was published: %s", err->text);
	return error == 0;
}

static bool begin_telling(struct census_count *count)
{
	struct past *past = &count->census->past;
	struct err err = {""};
	bool all_closed = false;
	int error = past_days_close(past, count->now_ms, &all_closed, &err);

	if (error == 0 && all_closed)
		error = past_begin(past, count->now_ms, &err);
	return went_well(count->census, error, &err) && all_closed;
}

static void tell(struct census_count *count)
{
	struct err err = {""};
	int error = past_tell(&count->census->past, &count->view->judge, &err);

	went_well(count->census, error, &err);
}

static int survey_judged(void *arg, const struct networks_judged *judged)
{
	struct census_count *count = arg;
	int error = survey_network(&count->survey, judged->evidence,
	    judged->verdict->state, judged->before);

	if (error == 0 && count->tells)
		error = past_see(&count->census->past, judged->verdict);
	if (error == 0)
		error = view_add(count->view->published, judged->verdict);
	return error;
}

/* The view before is this thread's, as long as it shows no other. */
static int publish(struct census_count *count)
{
	const struct census_view *before = count->census->view;

	return publish_complete(count->view->published,
	    before != NULL ? before->published : NULL, &count->view->judge,
	    &count->census->typical, count->census->store, &count->err);
}

static int survey_networks(struct census_count *count)
{
	int error;

	count->survey = (struct survey){&count->view->fleet, count->now_ms};
	count->tells = begin_telling(count);
	error = networks_learn(count->census->store, count->now_ms,
	    &count->view->judge, survey_judged, count, &count->err);
	survey_free(&count->survey);
	if (error == 0 && count->tells)
		tell(count);
	if (error == 0)
		error = publish(count);
	return error;
}

/* --- measurements --- */

static int see_measurement(void *arg, const struct measurement *row)
{
	struct census_count *count = arg;

	if (count->census->ending)
		return -ECANCELED;
	if (typical_see(&count->census->typical, row) < 0)
		return -ENOMEM;
	return baseline_add(&count->census->baseline, row);
}

/* Learn from the rows since the last count; of many, from the newest. */
static int learn(struct census_count *count)
{
	struct census *census = count->census;
	struct store_page page = {.limit = ROWS_MAX, .newest_first = true};
	struct row_filter filter;
	int error;

	row_filter_init(&filter);
	filter.since_ms = census->rows_until_ms;
	error = store_measurements(
	    census->store, &filter, &page, see_measurement, count, &count->err);
	if (error != 0)
		return error;
	/* Agents deliver some rows late. */
	census->rows_until_ms = count->now_ms - DAY_MS / 24;
	return baseline_list(
	    &census->baseline, count->now_ms, &count->view->starttls);
}

/* Rollups of the rows that came since, where the store does not count when it
 * writes. What is there already is read in any case. */
static void keep_up(struct census *census)
{
	struct err err = {""};
	int error = store_upkeep(census->past.pen, clock_wall_ms(), &err);

	if (error < 0 && !census->ending)
		log_error("counting new rows: %s", err.text);
}

static int count_all(struct census_count *count)
{
	int error;

	keep_up(count->census);
	error = registry_list(
	    count->census->store, count_agent, count, &count->err);

	if (error == 0)
		error = learn(count);
	if (error == 0) {
		fleet_sort(&count->view->fleet);
		error = survey_networks(count);
	}
	if (error == 0)
		fleet_rank(&count->view->fleet, count->now_ms);
	return error;
}

static void take_count(struct census *census)
{
	struct census_count count = {
	    .census = census,
	    .view = calloc(1, sizeof(*count.view)),
	    .now_ms = clock_wall_ms(),
	    .err = {"out of memory"},
	};
	int64_t began_us = clock_mono_us();
	int error = -ENOMEM;

	if (count.view != NULL)
		count.view->published = view_new(count.now_ms);
	if (count.view != NULL && count.view->published != NULL)
		error = count_all(&count);

	if (error == 0) {
		metrics_add_duration(
		    &census->censuses, clock_mono_us() - began_us);
		count.view->censuses = census->censuses;
		show(census, count.view);
		return;
	}
	free_view(count.view);
	if (!census->ending)
		log_error("counting the fleet: %s", count.err.text);
}

/* --- the thread --- */

static void pause_until(struct census *census, int64_t until_us)
{
	pthread_mutex_lock(&census->lock);
	while (!census->ending && clock_mono_us() < until_us)
		wait_until(&census->told, &census->lock, until_us);
	pthread_mutex_unlock(&census->lock);
}

/* When to count again, after a count that took that long. */
static int64_t pause_after(int64_t took_us)
{
	int64_t pause_us = took_us * BUSY_SHARE;

	if (pause_us > ROUND_US - took_us)
		pause_us = ROUND_US - took_us;
	if (pause_us < took_us)
		pause_us = took_us;
	if (pause_us < LEAST_US)
		pause_us = LEAST_US;
	return clock_mono_us() + pause_us;
}

static void *run_census(void *arg)
{
	struct census *census = arg;
	int64_t began_us;

	while (!census->ending) {
		began_us = clock_mono_us();
		take_count(census);
		pause_until(census, pause_after(clock_mono_us() - began_us));
	}
	return NULL;
}

static void free_census(struct census *census)
{
	past_free(&census->past);
	store_close(census->store);
	free_view(census->view);
	baseline_free(&census->baseline);
	typical_free(&census->typical);
	pthread_mutex_destroy(&census->lock);
	pthread_cond_destroy(&census->told);
	free(census);
}

int census_start(const struct store_settings *settings,
    const uint8_t secret[SIGN_SECRET_SIZE], struct census **out,
    struct err *err)
{
	struct census *census = calloc(1, sizeof(*census));
	int error;

	if (census == NULL)
		return err_system(err, -ENOMEM, "the census");
	memcpy(census->secret, secret, SIGN_SECRET_SIZE);
	pthread_mutex_init(&census->lock, NULL);
	wait_init(&census->told);
	error = store_open(settings, &census->store, err);
	if (error == 0)
		error = past_open(&census->past, settings, census->store,
		    &census->ending, err);
	if (error == 0) {
		error = -pthread_create(
		    &census->thread, NULL, run_census, census);
		if (error < 0)
			err_system(err, error, "the census");
	}
	if (error < 0) {
		free_census(census);
		return error;
	}
	*out = census;
	return 0;
}

void census_stop(struct census *census)
{
	if (census == NULL)
		return;
	pthread_mutex_lock(&census->lock);
	census->ending = true;
	pthread_mutex_unlock(&census->lock);
	store_interrupt(census->store);
	pthread_cond_broadcast(&census->told);
	pthread_join(census->thread, NULL);
	free_census(census);
}
