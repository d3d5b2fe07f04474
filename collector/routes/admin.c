/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/admin.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "collector/fleet/census.h"
#include "collector/health/ready.h"
#include "collector/http/http.h"
#include "lib/base/clock.h"

#define RETRY_AFTER_S 5

/* --- what the system says --- */

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

/* Where the database is; of a ClickHouse only what is kept beside it. */
static void see_disk(
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

/* --- all of it --- */

static void see_readiness(const struct server *server,
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

static void read_fleet(struct census *census, struct metrics_now *now)
{
	static const struct census_view nothing;
	const struct census_view *held = census_hold(census);
	const struct census_view *view = held != NULL ? held : &nothing;

	now->censuses = view->censuses;
	now->unsettled = view->fleet.counts.agents[PLAN_UNSETTLED];
	now->thin = view->fleet.counts.agents[PLAN_THIN];
	now->settled = view->fleet.counts.agents[PLAN_SETTLED];
	census_drop(census, held);
}

/* Everything as of now, and what speaks against being ready, or NULL. */
static const char *see_now(struct server *server, struct metrics_now *now)
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
	read_fleet(server->census, now);
	now->geo_is_sound = geo_is_sound(server->settings->geo);
	now->descriptors = count_descriptors();
	now->descriptors_most = most_descriptors();
	see_disk(&server->settings->options, now);
	see_readiness(server, &figures, now, &facts);
	reason = ready_reason(&facts);
	now->is_ready = reason == NULL;
	return reason;
}

/* --- the routes --- */

static void reply_text(
    struct evhttp_request *request, int status, const char *text)
{
	struct buf body = {0};

	buf_printf(&body, "\"%s\"", text);
	http_reply_json(request, status, &body);
	buf_free(&body);
}

static void handle_health(struct server *server, struct evhttp_request *request)
{
	(void)server;
	reply_text(request, 200, "alive");
}

static void handle_ready(struct server *server, struct evhttp_request *request)
{
	struct metrics_now now;
	const char *reason = see_now(server, &now);

	if (reason != NULL)
		http_reply_busy(request, 503, RETRY_AFTER_S, reason);
	else
		reply_text(request, 200, "ready");
}

static void handle_metrics(
    struct server *server, struct evhttp_request *request)
{
	struct metrics_now now;
	struct buf body = {0};
	struct http_bytes bytes = {
	    .type = "text/plain; version=0.0.4; charset=utf-8",
	};

	see_now(server, &now);
	metrics_write(server->metrics, &now, &body);
	bytes.plain = body.data;
	bytes.plain_length = body.length;
	http_reply_bytes(request, &bytes);
	buf_free(&body);
}

const struct route admin_routes[] = {
    {"/healthz", false, false, handle_health, true},
    {"/readyz", false, false, handle_ready, true},
    {"/metrics", false, false, handle_metrics, true},
    {NULL},
};
