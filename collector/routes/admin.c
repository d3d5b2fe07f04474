/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/admin.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "collector/dumps/dump_nightly.h"
#include "collector/fleet/census.h"
#include "collector/health/ready.h"
#include "collector/threads/server.h"
#include "lib/base/clock.h"

#define RETRY_AFTER_S 5

/* --- from the system --- */

static int64_t count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int64_t count = 0;

	if (folder == NULL)
		return 0;
	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count;
}

static int64_t most_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return INT32_MAX;
	return (int64_t)limit.rlim_cur;
}

/* The disk of the database; of a ClickHouse backend that of the local state. */
static void measure_disk(
    const struct collector_options *options, struct metrics_now *now)
{
	struct statvfs system;
	char path[512];
	struct stat file;

	now->free_bytes = -1;
	now->store_bytes = 0;
	if (collector_options_database(options, path, sizeof(path), NULL) < 0)
		return;
	if (stat(path, &file) == 0)
		now->store_bytes = file.st_size;
	if (statvfs(path, &system) == 0 ||
	    statvfs(options->state, &system) == 0)
		now->free_bytes = (int64_t)system.f_bavail *
				  (int64_t)system.f_frsize;
}

/* --- from the collector --- */

static void collect_facts(const struct server *server,
    const struct writer_figures *figures, const struct metrics_now *now,
    struct ready_facts *facts)
{
	const struct collector_options *options = &server->settings->options;

	*facts = (struct ready_facts){
	    .now_us = clock_mono_us(),
	    .is_ending = server->is_ending,
	    .queued = (int64_t)figures->queued,
	    .queue_most = options->limit_queue,
	    .failed_us = figures->failed_us,
	    .overloaded_us = server->metrics->overloaded_us,
	    .crowded_us = server->metrics->crowded_us,
	    .busy_us = figures->busy_us,
	    .slow_us = figures->slow_us,
	    .free_bytes = now->free_bytes,
	    .free_least = options->limit_free_bytes,
	    .log_pages = figures->log.log.pages - figures->log.log.copied,
	    .descriptors = now->descriptors,
	    .descriptors_most = now->descriptors_most,
	    .geo_is_sound = now->geo_is_sound,
	};
}

static void measure_fleet(struct census *census, struct metrics_now *now)
{
	static const struct census_view nothing;
	const struct census_view *held = census_hold(census);
	const struct census_view *view = held != NULL ? held : &nothing;

	now->censuses = view->censuses;
	now->differing = view->differing;
	now->unsettled = view->fleet.counts.agents[PLAN_UNSETTLED];
	now->thin = view->fleet.counts.agents[PLAN_THIN];
	now->settled = view->fleet.counts.agents[PLAN_SETTLED];
	census_drop(census, held);
}

static void measure_dumps(struct dump_nightly *nightly, struct metrics_now *now)
{
	struct dump_nightly_figures figures = {0};

	if (nightly != NULL)
		dump_nightly_read_figures(nightly, &figures);
	now->dumps_until_ms = figures.until_ms;
	now->dumps_failed = figures.failed;
}

/* Read all gauges. The reason not to be ready, or NULL. */
static const char *measure(struct server *server, struct metrics_now *now)
{
	struct writer_figures figures;
	struct ready_facts facts;
	const char *reason;

	writer_read_figures(server->writer, &figures);
	now->queued = figures.queued;
	now->commits = figures.commits;
	now->rows = figures.rows;
	now->store_fails = figures.failed_us != 0;
	now->expiries = figures.expiries;
	now->expired_reports = figures.expired_reports;
	now->expired_rows = figures.expired_rows;
	now->copies = figures.log.copies;
	now->copies_failed = figures.log.failed;
	now->log_pages = figures.log.log.pages;
	now->log_copied = figures.log.log.copied;
	measure_fleet(server->census, now);
	measure_dumps(server->nightly, now);
	now->geo_is_sound = geo_is_sound(server->settings->geo);
	now->descriptors = count_descriptors();
	now->descriptors_most = most_descriptors();
	measure_disk(&server->settings->options, now);
	collect_facts(server, &figures, now, &facts);
	reason = ready_reason(&facts);
	now->is_ready = reason == NULL;
	return reason;
}

/* --- the routes --- */

static void reply_word(struct reply *reply, const char *word)
{
	struct buf body = {0};

	buf_printf(&body, "\"%s\"", word);
	reply_json(reply, 200, &body);
}

void route_healthz(
    struct server *server, const struct request *request, struct reply *reply)
{
	(void)server;
	(void)request;
	reply_word(reply, "alive");
}

void route_readyz(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct metrics_now now;
	const char *reason = measure(server, &now);

	(void)request;
	if (reason != NULL)
		reply_busy(reply, 503, RETRY_AFTER_S, reason);
	else
		reply_word(reply, "ready");
}

void route_metrics(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct metrics_now now;
	struct buf body = {0};

	(void)request;
	measure(server, &now);
	metrics_write(server->metrics, &now, &body);
	reply_text(reply, "text/plain; version=0.0.4; charset=utf-8", &body);
}

void route_not_found(
    struct server *server, const struct request *request, struct reply *reply)
{
	(void)server;
	(void)request;
	reply_error(reply, 404, NULL, "there is nothing here");
}
