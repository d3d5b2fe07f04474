/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/serve.h"

#include <errno.h>
#include <event2/event.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "collector/commands/command.h"
#include "collector/commands/secret.h"
#include "collector/dumps/dump_nightly.h"
#include "collector/fleet/census.h"
#include "collector/http/listen_socket.h"
#include "collector/intake/client_limits.h"
#include "collector/routes/routes.h"
#include "collector/threads/read_pool.h"
#include "collector/threads/start_watch.h"
#include "collector/threads/worker.h"
#include "lib/base/address_count.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/notify.h"
#include "lib/config/args.h"

#define WORKERS_MAX 64
#define READERS     2
#define REFRESH_S   60  /* less than half of the unit's WatchdogSec */
#define FLUSH_MS    300 /* for replies that are being sent */
#define PATIENCE_US INT64_C(60000000) /* until the store can be opened */

/* Of free memory, each thread keeps so much; larger blocks are mapped alone. */
#define KEPT_FREE_BYTES (2 << 20)
#define MAPPED_BYTES    (1 << 20)

/* The main thread: signals, periodic work, the admin listener. */
struct serving {
	struct server server; /* the main thread's */
	const char *config;   /* the configuration file's path, or NULL */
	struct metrics metrics;
	struct event_base *base;
	struct dispatcher admin_dispatcher;
	struct listener *admin;
	size_t nworkers;
	struct worker *workers[WORKERS_MAX];
	struct event *sigterm, *sigint, *sighup, *refresh;
};

/* --- configuration --- */

static bool differ_in_cluster(
    const struct collector_options *a, const struct collector_options *b)
{
	return strcmp(a->store_url, b->store_url) != 0 ||
	       strcmp(a->store_user, b->store_user) != 0 ||
	       strcmp(a->store_password, b->store_password) != 0 ||
	       strcmp(a->store_reader, b->store_reader) != 0 ||
	       strcmp(a->store_reader_password, b->store_reader_password) !=
		   0 ||
	       strcmp(a->store_cluster, b->store_cluster) != 0 ||
	       strcmp(a->store_database, b->store_database) != 0 ||
	       strcmp(a->store_ca_file, b->store_ca_file) != 0 ||
	       a->store_quorum != b->store_quorum ||
	       a->store_insecure != b->store_insecure;
}

/* Do they differ in what cannot change while the collector serves? */
static bool needs_restart(
    const struct collector_options *a, const struct collector_options *b)
{
	return strcmp(a->listen, b->listen) != 0 ||
	       strcmp(a->admin, b->admin) != 0 ||
	       strcmp(a->state, b->state) != 0 || a->backend != b->backend ||
	       strcmp(a->store_path, b->store_path) != 0 ||
	       differ_in_cluster(a, b) ||
	       a->limit_workers != b->limit_workers ||
	       a->limit_queue != b->limit_queue ||
	       a->limit_body_bytes != b->limit_body_bytes;
}

static void warn_without_list(const struct settings *settings)
{
	if (settings->endpoints.count == 0)
		log_warn("[collector] endpoints is empty: what agents report "
			 "is kept, but nothing of it is shown or counted");
}

/* Everything is read and checked before anything is used. */
static int reload(struct serving *serving, struct err *err)
{
	struct server *server = &serving->server;
	struct collector_options options;
	struct settings *settings;
	int error = collector_options_read(serving->config, &options, err);

	if (error == 0 && needs_restart(&options, &server->settings->options))
		error = err_input(err, "listen, admin, state, store, workers, "
				       "queue or body changed: this needs a "
				       "restart");
	if (error == 0)
		error = settings_load(&options, &settings, err);
	if (error < 0)
		return error;
	writer_set_retention(server->writer, options.retention_s);
	dump_nightly_set(server->nightly, &options);
	settings_publish(server->holder, settings);
	server_take_settings(server);
	listener_allow_connections(options.limit_connections);
	warn_without_list(settings);
	return 0;
}

static void on_reload(evutil_socket_t fd, short what, void *arg)
{
	struct serving *serving = arg;
	struct err err = {""};

	(void)fd;
	(void)what;
	notify_reloading();
	if (reload(serving, &err) < 0)
		log_error("nothing is reloaded: %s", err.text);
	else
		log_info("reloaded");
	notify_send("READY=1");
}

static void on_refresh(evutil_socket_t fd, short what, void *arg)
{
	struct serving *serving = arg;

	(void)fd;
	(void)what;
	notify_send("WATCHDOG=1");
	geo_refresh(serving->server.settings->geo);
}

/* --- start and end --- */

static void stop_workers(struct serving *serving)
{
	size_t i;

	writer_drain(serving->server.writer);
	read_pool_stop(serving->server.pool);
	for (i = 0; i < serving->nworkers; i++)
		worker_stop(serving->workers[i], FLUSH_MS);
}

/* Accept no more; store and acknowledge what is queued. */
static void on_terminate(evutil_socket_t number, short what, void *arg)
{
	struct serving *serving = arg;
	struct timeval flush = {.tv_usec = FLUSH_MS * 1000};
	size_t i;

	(void)what;
	if (serving->server.is_ending)
		return;
	log_info("signal %d: ending", (int)number);
	notify_send("STOPPING=1");
	serving->server.is_ending = true;
	for (i = 0; i < serving->nworkers; i++)
		worker_stop_accepting(serving->workers[i]);
	stop_workers(serving);
	event_base_loopexit(serving->base, &flush);
}

static int watch_signals(struct serving *serving, struct err *err)
{
	struct timeval often = {.tv_sec = REFRESH_S};

	serving->sigterm = evsignal_new(
	    serving->base, SIGTERM, on_terminate, serving);
	serving->sigint = evsignal_new(
	    serving->base, SIGINT, on_terminate, serving);
	serving->sighup = evsignal_new(
	    serving->base, SIGHUP, on_reload, serving);
	serving->refresh = event_new(
	    serving->base, -1, EV_PERSIST, on_refresh, serving);
	if (serving->sigterm == NULL || serving->sigint == NULL ||
	    serving->sighup == NULL || serving->refresh == NULL ||
	    event_add(serving->sigterm, NULL) < 0 ||
	    event_add(serving->sigint, NULL) < 0 ||
	    event_add(serving->sighup, NULL) < 0 ||
	    event_add(serving->refresh, &often) < 0)
		return err_system(err, -ENOMEM, "signals");
	return 0;
}

static int try_secret(struct server *server, struct err *err)
{
	const struct collector_options *options = &server->settings->options;
	struct store *store;
	int error = command_open_store(options, false, &store, err);

	if (error == 0)
		error = secret_read_or_begin(
		    options, store, server->secret, err);
	store_close(store);
	return error;
}

/* Servers of a cluster may begin at the same time, or be away for a moment. */
static int open_secret(struct server *server, struct err *err)
{
	const struct timespec gap = {.tv_sec = 1};
	int64_t ends_us = clock_mono_us() + PATIENCE_US;
	int error = try_secret(server, err);

	if (error == -EAGAIN)
		log_warn("waiting for the store: %s", err->text);
	while (error == -EAGAIN && clock_mono_us() < ends_us) {
		nanosleep(&gap, NULL);
		error = try_secret(server, err);
	}
	return error;
}

static int open_stores(
    struct serving *serving, struct store_settings *settings, struct err *err)
{
	struct server *server = &serving->server;
	const struct collector_options *options = &server->settings->options;
	int error;

	error = command_store_settings(options, settings, err);
	if (error < 0)
		return error;
	if (mkdir(options->state, 0700) < 0 && errno != EEXIST)
		return err_system(err, -errno, "%s", options->state);
	error = open_secret(server, err);
	if (error == 0)
		error = writer_start(settings, (size_t)options->limit_queue,
		    &server->writer, err);
	if (error == 0)
		writer_set_retention(server->writer, options->retention_s);
	settings->read_only = true;
	if (error == 0)
		error = census_start(
		    settings, server->secret, &server->census, err);
	if (error == 0)
		error = dump_nightly_start(
		    settings, options, &server->nightly, err);
	settings->cluster.for_public = true;
	if (error == 0)
		error = read_pool_start(
		    server, settings, READERS, &server->pool, err);
	return error;
}

static size_t count_workers(const struct collector_options *options)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (options->limit_workers > 0)
		return (size_t)options->limit_workers;
	if (processors < 1)
		return 1;
	return processors > WORKERS_MAX ? WORKERS_MAX : (size_t)processors;
}

/* A worker for each socket; after a failure the other sockets are closed. */
static int start_workers(struct serving *serving,
    const struct store_settings *settings, const int *fds, size_t count,
    struct err *err)
{
	size_t i;
	int error = 0;

	for (i = 0; i < count; i++) {
		if (error < 0) {
			close(fds[i]);
			continue;
		}
		error = worker_start(&serving->server, &routes_public, settings,
		    fds[i], &serving->workers[i], err);
		serving->nworkers += error == 0;
	}
	return error;
}

static int open_admin(
    struct serving *serving, const char *where, char at[80], struct err *err)
{
	struct listener_settings settings = {
	    .base = serving->base,
	    .body_most = serving->server.settings->options.limit_body_bytes,
	};
	int fd, error = listen_socket_open(where, &fd, 1, err);

	if (error < 0)
		return error;
	listen_socket_format(fd, "http", at);
	serving->admin_dispatcher = (struct dispatcher){
	    .server = &serving->server, .table = &routes_admin};
	dispatch_connect(&serving->admin_dispatcher, &settings);
	return listener_open(&settings, fd, &serving->admin, err);
}

static int open_listeners(struct serving *serving,
    const struct store_settings *settings, struct err *err)
{
	const struct collector_options *options = &serving->server.settings
						       ->options;
	size_t count = count_workers(options);
	char public[80], admin[80];
	int fds[WORKERS_MAX];
	int error;

	listener_allow_connections(options->limit_connections);
	error = open_admin(serving, options->admin, admin, err);
	if (error == 0)
		error = listen_socket_open(options->listen, fds, count, err);
	if (error < 0)
		return error;
	listen_socket_format(fds[0],
	    serving->server.settings->tls != NULL ? "https" : "http", public);
	error = start_workers(serving, settings, fds, count, err);
	if (error == 0)
		log_info(
		    "serving %s/, metrics and health at %s/", public, admin);
	if (error == 0)
		warn_without_list(serving->server.settings);
	return error;
}

static int open_all(struct serving *serving,
    const struct collector_options *options, struct err *err)
{
	struct server *server = &serving->server;
	struct store_settings settings = {0};
	struct settings *first;
	int error = settings_load(options, &first, err);

	if (error < 0)
		return error;
	server->metrics = &serving->metrics;
	server->holder = settings_holder_new(first);
	serving->base = event_base_new();
	server->limits = client_limits_new();
	server->addresses = address_count_new();
	if (server->holder == NULL || serving->base == NULL ||
	    server->limits == NULL || server->addresses == NULL)
		return err_system(err, -ENOMEM, "the event loop");
	server_take_settings(server);
	error = open_stores(serving, &settings, err);
	if (error == 0)
		error = watch_signals(serving, err);
	return error < 0 ? error : open_listeners(serving, &settings, err);
}

static void free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

static void close_all(struct serving *serving)
{
	struct server *server = &serving->server;
	size_t i;

	if (!serving->server.is_ending)
		stop_workers(serving);
	for (i = 0; i < serving->nworkers; i++)
		worker_free(serving->workers[i]);
	read_pool_free(server->pool);
	dump_nightly_stop(server->nightly);
	census_stop(server->census);
	writer_stop(server->writer);
	listener_close(serving->admin);
	free_event(serving->sigterm);
	free_event(serving->sigint);
	free_event(serving->sighup);
	free_event(serving->refresh);
	if (serving->base != NULL)
		event_base_free(serving->base);
	if (server->holder != NULL)
		settings_drop(server->holder, &server->settings);
	settings_holder_free(server->holder);
	client_limits_free(server->limits);
	address_count_free(server->addresses);
}

/* The main thread handles signals: the others inherit the blocked mask. */
static int open_with_signals_blocked(struct serving *serving,
    const struct collector_options *options, struct err *err)
{
	sigset_t all, before;
	pthread_t watch;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = start_watch_begin(&watch);
	if (error == 0) {
		error = open_all(serving, options, err);
		start_watch_end(watch);
	} else {
		err_system(err, error, "signals");
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

/* By default a thread gives 128 KiB back at once, and asks for them again with
 * the next report: a page fault for each page. */
static void keep_free_memory(void)
{
#ifdef __GLIBC__
	mallopt(M_TRIM_THRESHOLD, KEPT_FREE_BYTES);
	mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
#endif
}

int command_serve(const struct collector_options *options, const char *config)
{
	struct serving *serving = calloc(1, sizeof(*serving));
	struct err err = {""};
	int error;

	if (serving == NULL)
		return EXIT_OURS;
	keep_free_memory();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* the write fails with EFBIG instead */
	signal(SIGHUP, SIG_IGN);  /* before and after the event's time */
	serving->config = config;
	error = open_with_signals_blocked(serving, options, &err);
	if (error == 0) {
		notify_send("READY=1");
		event_base_dispatch(serving->base);
	}
	close_all(serving);
	free(serving);
	return error == 0 ? EXIT_FINE : args_fail(error, &err);
}
