/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/census.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "collector/base/wait.h"
#include "collector/fleet/current.h"
#include "collector/fleet/newest.h"
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
#define BUSY_SHARE 20 /* else counting takes 1/20 of the time */

/* Rows that are older than an hour when they come, as imported ones are, are
 * found when the newest of all are read again: in 1/200 of the time, and every
 * ten minutes at least. */
#define AGAIN_SHARE   200
#define AGAIN_MOST_US INT64_C(600000000)

struct census {
	struct store *store;
	struct past past;
	struct current current;
	uint8_t secret[SIGN_SECRET_SIZE];
	struct baseline baseline;
	struct typical typical;
	struct typical fresh;  /* while the newest of all are read */
	int64_t rows_until_ms; /* measurements have been read up to here */
	int64_t all_read_us;   /* when the newest of all were read; 0: never */
	int64_t all_took_us;
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
	bool is_counted; /* all rows that were there when it began */
	bool reads_all;  /* the newest of all rows, not of the last hour */
	bool tells; /* all days before are closed, and it keeps the changes */
	struct err err;
};

/* --- views --- */

static void free_view(struct census_view *view)
{
	if (view == NULL)
		return;
	fleet_free(&view->fleet);
	view_free(view->published);
	counts_free(&view->counts);
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
	int error;

	/* What is published of a day stays: never of a part of its rows. */
	if (!count->is_counted)
		return false;
	error = past_days_close(past, count->now_ms, &all_closed, &err);
	if (error == 0)
		error = past_begin(past, count->now_ms, &err);
	return went_well(count->census, error, &err) && all_closed;
}

static void tell(struct census_count *count)
{
	struct err err = {""};
	int error = past_tell(
	    &count->census->past, &count->census->current.ledger.judge, &err);

	went_well(count->census, error, &err);
}

static int survey_agent_of(void *arg, const char *agent)
{
	return survey_agent(arg, agent);
}

/* Its counts change only where its rows do. */
static int count_network(
    struct census_count *count, const struct ledger_network *network)
{
	const struct census_view *before = count->census->view;
	const struct counts_network wanted = {
	    .asn = network->asn,
	    .port = network->port,
	    .family = network->family,
	    .changes = network->changes,
	};
	const struct evidence *evidence;
	int copied = before != NULL ? counts_copy(&count->view->counts,
					  &before->counts, &wanted)
				    : 0;

	if (copied != 0)
		return copied < 0 ? copied : 0;
	evidence = ledger_read(&count->census->current.ledger, network);
	return evidence != NULL ? counts_add(&count->view->counts, evidence,
				      network->changes)
				: -ENOMEM;
}

static int survey_judged(
    struct census_count *count, const struct ledger_network *network)
{
	struct network_verdict shown = *network
					    ->verdict; /* borrows its parts */
	int error = ledger_agents(network, survey_agent_of, &count->survey);

	if (error < 0)
		return error;
	survey_network(
	    &count->survey, network->verdict->state, network->before);
	if (count->tells)
		error = past_see(&count->census->past, network->verdict);
	told_date(&count->census->past.told, &shown);
	if (error == 0)
		error = view_add(count->view->published, &shown);
	if (error == 0)
		error = count_network(count, network);
	return error;
}

static int survey_all(struct census_count *count)
{
	const struct ledger *ledger = &count->census->current.ledger;
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < ledger->count; i++)
		if (ledger->networks[i].has_verdict)
			error = survey_judged(count, &ledger->networks[i]);
	return error == -ENOMEM
		   ? err_system(&count->err, error, "counting networks")
		   : error;
}

/* The view before is this thread's, as long as it shows no other. */
static int publish(struct census_count *count)
{
	struct census *census = count->census;
	struct census_view *view = count->view;
	const struct census_view *before = census->view;
	int error = publish_complete(view->published,
	    before != NULL ? before->published : NULL,
	    &census->current.ledger.judge, census->store, &count->err);

	if (error == 0)
		error = store_totals(census->store, &view->totals, &count->err);
	if (error == 0)
		publish_typical(
		    view->published, &census->typical, view->totals.first_ms);
	return error;
}

static int survey_networks(struct census_count *count)
{
	int error;

	count->survey = (struct survey){&count->view->fleet, count->now_ms};
	count->tells = begin_telling(count);
	error = counts_begin(&count->view->counts, count->now_ms);
	if (error == 0)
		error = current_update(&count->census->current,
		    count->census->store, count->now_ms, &count->err);
	count->view->counts.reads = count->census->current.reads;
	if (error == 0)
		error = survey_all(count);
	counts_close(&count->view->counts);
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
	if (typical_see(&count->census->typical, row) < 0 ||
	    (count->reads_all && typical_see(&count->census->fresh, row) < 0))
		return -ENOMEM;
	return baseline_add(&count->census->baseline, row);
}

static bool is_time_for_all(const struct census *census)
{
	int64_t pause_us = census->all_took_us * AGAIN_SHARE;

	if (pause_us > AGAIN_MOST_US)
		pause_us = AGAIN_MOST_US;
	return census->all_read_us == 0 ||
	       clock_mono_us() - census->all_read_us >= pause_us;
}

/* What shows a network best is found anew, unless there are more rows than are
 * read: a report may be of an agent that was revoked. */
static void end_all(struct census *census, bool is_cut, int64_t began_us)
{
	if (!is_cut) {
		typical_free(&census->typical);
		census->typical = census->fresh;
		census->fresh = (struct typical){0};
	}
	census->all_read_us = clock_mono_us();
	census->all_took_us = census->all_read_us - began_us;
}

static int see_newest(struct census_count *count)
{
	struct census *census = count->census;
	struct newest newest = {.store = census->store};
	int64_t began_us = clock_mono_us();
	int error;

	count->reads_all = is_time_for_all(census);
	if (!count->reads_all)
		newest.since_ms = census->rows_until_ms;
	error = newest_visit(&newest, see_measurement, count, &count->err);
	if (error == 0 && count->reads_all)
		end_all(census, newest.is_cut, began_us);
	typical_free(&census->fresh);
	return error;
}

/* Learn from the rows since the last count, or from the newest of all. */
static int learn(struct census_count *count)
{
	struct census *census = count->census;
	int error = see_newest(count);

	if (error != 0)
		return error;
	/* Agents deliver some rows late. */
	census->rows_until_ms = count->now_ms - DAY_MS / 24;
	return baseline_list(
	    &census->baseline, count->now_ms, &count->view->starttls);
}

/* Rollups of the rows that came since, where the store does not count when it
 * writes. What is there already is read in any case. */
static void keep_up(struct census_count *count)
{
	struct census *census = count->census;
	int error = store_upkeep(
	    census->past.pen, clock_wall_ms(), &count->err);

	count->is_counted = error == 0;
	if (error < 0 && !census->ending)
		log_error("counting new rows: %s", count->err.text);
}

static int count_all(struct census_count *count)
{
	int error;

	keep_up(count);
	count->now_ms = store_now(count->census->past.pen, count->now_ms);
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
		count.view->differing = census->current.differing;
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
	current_free(&census->current);
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
	current_init(&census->current);
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
	/* What it has not written is made again at the next start. */
	store_interrupt(census->past.pen);
	pthread_cond_broadcast(&census->told);
	pthread_join(census->thread, NULL);
	free_census(census);
}
