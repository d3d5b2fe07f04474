/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/rediagnose.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/base/progress.h"
#include "collector/commands/command.h"
#include "collector/commands/secret.h"
#include "collector/commands/verdict_changes.h"
#include "collector/intake/rediagnose.h"
#include "collector/record/rollup.h"
#include "collector/store/store_revise.h"
#include "collector/store/store_upkeep.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/rfc3339.h"
#include "lib/config/args.h"
#include "lib/config/endpoints_file.h"

#define BASELINE_ROWS 50000 /* the newest, as the census reads them */

/* What a report is diagnosed with, and how far it is. */
struct rediagnosing {
	const struct collector_options *options;
	uint8_t secret[SIGN_SECRET_SIZE];
	struct geo *geo;
	struct endpoint_list endpoints;
	struct baseline baseline;
	struct baseline_names starttls;
	int64_t reports, changed, unread;
	int32_t day; /* that is being revised */
	struct progress progress;
};

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
	signalled = number;
}

/* --- reports --- */

static void show_progress(struct rediagnosing *work)
{
	char day[RFC3339_SIZE];

	if (!progress_is_due(&work->progress))
		return;
	rfc3339_format(rollup_day_ms(work->day), day);
	fprintf(stderr, "\r%.10s: %lld reports, %lld changed\033[K", day,
	    (long long)work->reports, (long long)work->changed);
}

/* What cannot be read stays as it is, and is said. */
static int revise(void *arg, const struct store_revision *report)
{
	struct rediagnosing *work = arg;
	struct rediagnosis rediagnosis = {
	    .attribution =
		{
		    .secret = work->secret,
		    .geo = work->geo,
		    .endpoints = &work->endpoints,
		    .starttls = &work->starttls,
		    .run_by = "",
		    .received_ms = report->received_ms,
		},
	    .signed_body = report->signed_body,
	    .length = report->signed_body_length,
	    .body_most = (size_t)work->options->limit_body_bytes,
	};
	struct err err = {""};
	int changed = rediagnose(
	    &rediagnosis, report->rows, report->nrows, &err);

	if (signalled != 0)
		return -EINTR;
	work->reports++;
	if (changed == -EINVAL && work->unread++ == 0)
		log_warn("report %s stays as it is: %s", report->id, err.text);
	work->changed += changed > 0;
	show_progress(work);
	return changed == -EINVAL ? 0 : changed;
}

static int revise_all(
    struct rediagnosing *work, struct store *store, struct err *err)
{
	struct store_revising how = {.revise = revise, .arg = work};
	struct store_totals totals;
	int error = store_totals(store, &totals, err);
	int32_t last;

	work->reports = work->changed = work->unread = 0;
	if (error < 0 || totals.reports == 0)
		return error;
	last = rollup_day(totals.last_ms);
	for (how.day = rollup_day(totals.first_ms);
	     error == 0 && how.day <= last; how.day++) {
		work->day = how.day;
		error = store_revise_day(store, &how, err);
	}
	progress_clear(&work->progress);
	if (error == -EINTR)
		err_input(err, "interrupted; the days before are done");
	return error;
}

/* --- what they are diagnosed with --- */

static int see_measurement(void *arg, const struct measurement *row)
{
	return baseline_add(arg, row);
}

static int learn_baseline(
    struct rediagnosing *work, struct store *store, struct err *err)
{
	struct store_page page = {.limit = BASELINE_ROWS, .newest_first = true};
	struct row_filter filter;
	int error;

	row_filter_init(&filter);
	error = store_measurements(
	    store, &filter, &page, see_measurement, &work->baseline, err);
	if (error == 0)
		error = baseline_list(
		    &work->baseline, clock_wall_ms(), &work->starttls);
	return error == -ENOMEM ? err_system(err, error, "endpoints") : error;
}

static int prepare(
    struct rediagnosing *work, struct store *store, struct err *err)
{
	const struct collector_options *options = work->options;
	int error = secret_read(options, store, work->secret, err);

	if (error == 0 && options->endpoints[0] != '\0')
		error = endpoints_read(
		    options->endpoints, &work->endpoints, err);
	if (error == 0)
		error = geo_open(
		    options->geo_asn, options->geo_country, &work->geo, err);
	return error == 0 ? learn_baseline(work, store, err) : error;
}

static void free_work(struct rediagnosing *work)
{
	geo_close(work->geo);
	endpoints_free(&work->endpoints);
	baseline_free(&work->baseline);
	free(work->starttls.names);
}

/* --- a copy --- */

static void remove_copy(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char name[sizeof(((struct store_settings *)0)->path) + 8];
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

static int on_copy(void *arg, int64_t pages, int64_t pages_of)
{
	struct rediagnosing *work = arg;

	if (progress_is_due(&work->progress))
		fprintf(stderr, "\rcopying: %lld %%\033[K",
		    (long long)(pages_of > 0 ? 100 * pages / pages_of : 0));
	return signalled != 0 ? -EINTR : 0;
}

static int copy(struct rediagnosing *work, struct store *store,
    const char *path, struct err *err)
{
	int error = store_back_up(store, path, on_copy, work, err);

	progress_clear(&work->progress);
	return error;
}

/* --- both --- */

/* Revise the copy, and print what that changes. */
static int try_out(struct rediagnosing *work, struct store *store,
    const struct store_settings *copied, struct err *err)
{
	struct store *trial = NULL;
	int error = copy(work, store, copied->path, err);

	if (error == 0)
		error = store_open(copied, &trial, err);
	if (error == 0)
		error = prepare(work, trial, err);
	if (error == 0)
		error = revise_all(work, trial, err);
	if (error == 0)
		error = verdict_changes_print(
		    store, trial, clock_wall_ms(), err);
	store_close(trial);
	remove_copy(copied->path);
	return error;
}

static int publish_all(struct rediagnosing *work,
    const struct store_settings *settings, struct err *err)
{
	struct store *store = NULL;
	int error = store_open(settings, &store, err);

	if (error == 0)
		error = revise_all(work, store, err);
	store_close(store);
	return error;
}

static int run(struct rediagnosing *work, bool publish, struct err *err)
{
	struct store_settings settings, copied;
	struct store *store = NULL;
	int error = command_store_settings(work->options, &settings, err);

	if (error < 0)
		return error;
	copied = settings;
	if (snprintf(copied.path, sizeof(copied.path), "%s.rediagnose.%ld",
		settings.path, (long)getpid()) >= (int)sizeof(copied.path))
		return err_input(err, "%.300s: is too long", settings.path);
	settings.read_only = true;
	error = store_open(&settings, &store, err);
	if (error == 0)
		error = try_out(work, store, &copied, err);
	store_close(store);
	settings.read_only = false;
	if (error == 0 && publish && work->changed > 0)
		error = publish_all(work, &settings, err);
	return error;
}

int command_rediagnose(const struct collector_options *options, bool publish)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct rediagnosing work = {.options = options};
	struct err err = {""};
	int error;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	error = run(&work, publish, &err);
	free_work(&work);
	if (error < 0)
		return args_fail(error, &err);
	log_info("%lld reports are kept as they were signed: %lld are "
		 "diagnosed otherwise today, %lld cannot be read; %s",
	    (long long)work.reports, (long long)work.changed,
	    (long long)work.unread,
	    work.changed == 0 ? "nothing to publish"
	    : publish         ? "published"
			      : "--yes publishes it");
	return command_end(0, &err);
}
