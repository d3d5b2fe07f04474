/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/migrate.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "collector/base/progress.h"
#include "collector/commands/command.h"
#include "collector/commands/migrate_past.h"
#include "collector/commands/rebuild.h"
#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_move.h"
#include "collector/store/clickhouse/clickhouse_move_registry.h"
#include "collector/store/sqlite/sqlite_engine.h"
#include "collector/store/sqlite/sqlite_move.h"
#include "lib/base/array.h"
#include "lib/base/rfc3339.h"
#include "lib/config/args.h"

#define DAYS (UINT16_MAX + 1)

/* What a day has in the source. */
struct day_count {
	int64_t reports, rows; /* that begin on it; of it */
	bool is_short;         /* the target had fewer */
};

struct migrating {
	struct store *source, *target;
	struct day_count *days; /* owned: DAYS of them, since 1970 */
	int64_t reports, stored;
	struct move_limits limits;
	struct progress progress;
	struct err *err;
};

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
	signalled = number;
}

/* --- the registry --- */

struct entry_list {
	struct move_entry *entries; /* owned */
	size_t count;
};

static int take_entry(void *arg, const struct move_entry *entry)
{
	struct entry_list *list = arg;
	struct move_entry *grown = array_grow(
	    list->entries, list->count, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	list->entries = grown;
	grown[list->count++] = *entry;
	return 0;
}

static int migrate_registry(struct migrating *work)
{
	struct entry_list list = {0};
	int error = sqlite_move_registry(
	    work->source, take_entry, &list, work->err);

	if (error == -ENOMEM)
		err_system(work->err, error, "agents");
	if (error == 0)
		error = clickhouse_move_registry(
		    work->target, list.entries, list.count, work->err);
	free(list.entries);
	return error;
}

/* --- reports --- */

static bool is_day(int32_t day)
{
	return day >= 0 && day < DAYS;
}

/* Count a report's rows by day. Is one of a day that was short? */
static bool count_report(
    struct migrating *work, const struct store_report *report, bool counts)
{
	int32_t day = rollup_day(report->received_ms), first = INT32_MAX;
	bool is_short = false;
	size_t i;

	for (i = 0; i < report->nrows; i++) {
		day = rollup_day(report->rows[i].at_ms);
		if (day < first)
			first = day;
		if (!is_day(day))
			continue;
		is_short |= work->days[day].is_short;
		work->days[day].rows += counts;
	}
	if (report->nrows == 0)
		first = day;
	if (!is_day(first))
		return is_short;
	work->days[first].reports += counts;
	return is_short || work->days[first].is_short;
}

/* Of a second pass only the reports of short days stay in the batch. */
static void leave_out(struct migrating *work, struct move_batch *batch)
{
	size_t i, kept = 0;

	for (i = 0; i < batch->nreports; i++)
		if (count_report(work, &batch->reports[i], false))
			batch->reports[kept++] = batch->reports[i];
		else
			move_report_free(&batch->reports[i]);
	batch->nreports = kept;
}

static void show_progress(struct migrating *work)
{
	if (progress_is_due(&work->progress))
		fprintf(stderr,
		    "\r%" PRId64 " reports read, %" PRId64 " copied\033[K",
		    work->reports, work->stored);
}

/* `again`: those of the days that were short, whatever seems to be there. */
static int migrate_reports(struct migrating *work, bool again)
{
	struct move_batch batch;
	int64_t position = 0;
	int more, error = 0;
	size_t i;

	do {
		more = sqlite_move_reports(
		    work->source, &position, &batch, work->err);
		for (i = 0; !again && i < batch.nreports; i++)
			count_report(work, &batch.reports[i], true);
		work->reports += again ? 0 : (int64_t)batch.nreports;
		if (again)
			leave_out(work, &batch);
		if (more > 0 && batch.nreports > 0)
			error = clickhouse_move_reports(work->target, &batch,
			    again, &work->stored, work->err);
		move_batch_free(&batch);
		show_progress(work);
		if (error == 0 && signalled != 0)
			error = -EINTR;
	} while (error == 0 && more > 0);
	progress_clear(&work->progress);
	if (error == -EINTR)
		err_input(work->err, "interrupted: the same again goes on");
	return error < 0 ? error : more;
}

/* --- comparing --- */

static int compare_day(struct migrating *work, int32_t day, bool *is_short)
{
	struct day_count *count = &work->days[day];
	int64_t reports, rows;
	char text[RFC3339_SIZE];
	int error = clickhouse_move_count(
	    work->target, day, &reports, &rows, work->err);

	if (error < 0)
		return error;
	count->is_short = reports < count->reports || rows < count->rows;
	*is_short |= count->is_short;
	if (!count->is_short)
		return 0;
	rfc3339_format(rollup_day_ms(day), text);
	printf("%.10s: %" PRId64 " of %" PRId64 " reports and %" PRId64
	       " of %" PRId64 " measurements are there\n",
	    text, reports, count->reports, rows, count->rows);
	return 0;
}

static int compare_days(struct migrating *work, bool *is_short)
{
	int32_t day;
	int error = 0;

	*is_short = false;
	for (day = 0; error == 0 && day < DAYS; day++)
		if (work->days[day].rows > 0 || work->days[day].reports > 0)
			error = compare_day(work, day, is_short);
	return error;
}

static int migrate_and_compare(struct migrating *work)
{
	bool is_short = false;
	int error = migrate_reports(work, false);

	if (error == 0)
		error = compare_days(work, &is_short);
	if (error < 0 || !is_short)
		return error;
	error = migrate_reports(work, true);
	if (error == 0)
		error = compare_days(work, &is_short);
	if (error == 0 && is_short)
		return err_system(work->err, -EBADMSG,
		    "the cluster has not all that it acknowledged");
	return error;
}

/* --- all of it --- */

static int count_days(struct migrating *work)
{
	int32_t first, last;

	for (first = 0; first < DAYS; first++)
		if (work->days[first].rows > 0)
			break;
	for (last = DAYS - 1; last > first; last--)
		if (work->days[last].rows > 0)
			break;
	return first == DAYS
		   ? 0
		   : rebuild_days(work->target, first, last, work->err);
}

static int print_totals(struct migrating *work)
{
	struct store_totals here, there;
	int error = store_totals(work->source, &here, work->err);

	if (error == 0)
		error = store_totals(work->target, &there, work->err);
	if (error < 0)
		return error;
	printf("%" PRId64 " reports read, %" PRId64 " of them copied now\n",
	    work->reports, work->stored);
	printf("%-14s %12s %12s\n", "", "file", "cluster");
	printf("%-14s %12" PRId64 " %12" PRId64 "\n", "reports", here.reports,
	    there.reports);
	printf("%-14s %12" PRId64 " %12" PRId64 "\n", "measurements",
	    here.measurements, there.measurements);
	printf("%-14s %12" PRId64 " %12" PRId64 "\n", "agents", here.agents,
	    there.agents);
	printf("%-14s %12" PRId64 " %12" PRId64 "\n", "networks", here.networks,
	    there.networks);
	return 0;
}

/* What was published comes first: a collector that runs on the cluster already
 * would publish closed days from what is there. Who enrolled meanwhile comes
 * with the second look at the registry, with his reports. */
static int migrate(struct migrating *work)
{
	int error = sqlite_move_limits(work->source, &work->limits, work->err);

	if (error == 0)
		error = clickhouse_move_limits(
		    work->target, &work->limits, work->err);
	if (error == 0)
		error = migrate_registry(work);
	if (error == 0)
		error = migrate_past(work->source, work->target, work->err);
	if (error == 0)
		error = migrate_counts(work->source, work->target,
		    work->limits.expired_ms, work->err);
	if (error == 0)
		error = migrate_and_compare(work);
	if (error == 0)
		error = migrate_registry(work);
	if (error == 0)
		error = count_days(work);
	return error == 0 ? print_totals(work) : error;
}

static int open_source(const struct collector_options *options,
    const char *from, struct store **store, struct err *err)
{
	struct store_settings settings = {
	    .engine = &sqlite_engine, .read_only = true};
	int length = from != NULL
			 ? snprintf(
			       settings.path, sizeof(settings.path), "%s", from)
			 : snprintf(settings.path, sizeof(settings.path),
			       "%s/collector.db", options->state);

	if ((size_t)length >= sizeof(settings.path))
		return err_input(err, "--from: the path is too long");
	return store_open(&settings, store, err);
}

int command_migrate(const struct collector_options *options, const char *from)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct err err = {""};
	struct migrating work = {.err = &err};
	int error = 0;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	work.days = calloc(DAYS, sizeof(*work.days));
	if (work.days == NULL)
		error = err_system(&err, -ENOMEM, "days");
	if (error == 0 && options->backend != BACKEND_CLICKHOUSE)
		error = err_input(&err,
		    "[store] backend: migrate copies to a cluster: clickhouse");
	if (error == 0)
		error = open_source(options, from, &work.source, &err);
	if (error == 0)
		error = command_open_store(options, false, &work.target, &err);
	if (error == 0)
		error = migrate(&work);
	store_close(work.source);
	store_close(work.target);
	free(work.days);
	return command_end(error, &err);
}
