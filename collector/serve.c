/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collector/api.h"
#include "collector/commands.h"
#include "collector/connection.h"
#include "collector/connection_tls.h"
#include "collector/http.h"
#include "collector/ingest.h"
#include "collector/listener.h"
#include "collector/server.h"
#include "lib/args.h"
#include "lib/clock.h"
#include "lib/endpoints_file.h"
#include "lib/log.h"

#define REFRESH_S         60
#define FLUSH_MS          300 /* for replies that are on their way out */
#define QUEUE_READY_SHARE 2   /* ready while at most half the queue is full */
/* Not ready for so long after the store failed: then it is tried again. */
#define FAILED_US (10 * INT64_C(1000000))

struct serving {
	struct server server; /* first */
	const char *config;
	struct event_base *base;
	struct listener public, admin;
	struct ssl_ctx_st *tls; /* of the public listener; NULL: plain */
	struct event *sigterm, *sigint, *sighup, *refresh;
};

/* --- the admin's routes --- */

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
	struct writer_figures figures;

	writer_read_figures(server->writer, &figures);
	if (server->ending)
		http_reply_busy(request, 503, 5, "ending");
	else if ((int64_t)figures.queued * QUEUE_READY_SHARE >
		 server->options.limit_queue)
		http_reply_busy(request, 503, 5, "the queue is filling up");
	else if (figures.failed_us != 0 &&
		 clock_mono_us() - figures.failed_us < FAILED_US)
		http_reply_busy(request, 503, 5, "the store fails");
	else
		reply_text(request, 200, "ready");
}

static void handle_metrics(
    struct server *server, struct evhttp_request *request)
{
	struct writer_figures figures;
	struct metrics_now now;
	struct buf body = {0};
	struct http_bytes bytes = {
	    .type = "text/plain; version=0.0.4; charset=utf-8",
	};

	writer_read_figures(server->writer, &figures);
	now.queued = figures.queued;
	now.commits = figures.commits;
	now.rows = figures.rows;
	now.store_fails = figures.failed_us != 0;
	now.expiries = figures.expiries;
	now.expired_reports = figures.expired_reports;
	now.expired_rows = figures.expired_rows;
	now.copies = figures.log.copies;
	now.copies_failed = figures.log.failed;
	now.log_pages = figures.log.log.pages;
	now.log_copied = figures.log.log.copied;
	metrics_write(&server->metrics, &now, &body);
	bytes.plain = body.data;
	bytes.plain_length = body.length;
	http_reply_bytes(request, &bytes);
	buf_free(&body);
}

static const struct route public_routes[] = {
    {"/v1/agents", false, true, ingest_enrolment},
    {"/v1/whoami", false, false, ingest_whoami},
    {"/v1/reports", false, true, ingest_report},
    {"/v1/networks", true, false, api_networks},
    {"/v1/measurements", false, false, api_measurements},
    {"/v1/summary", false, false, api_summary},
    {"/v1/endpoints", false, false, api_endpoints},
    {NULL, false, false, NULL},
};

static const struct route admin_routes[] = {
    {"/healthz", false, false, handle_health},
    {"/readyz", false, false, handle_ready},
    {"/metrics", false, false, handle_metrics},
    {NULL, false, false, NULL},
};

/* --- listeners --- */

static int load_tls(const struct collector_options *options,
    struct ssl_ctx_st **tls, struct err *err)
{
	*tls = NULL;
	if (options->tls_certificate[0] == '\0')
		return 0;
	return connection_tls_load(
	    options->tls_certificate, options->tls_key, tls, err);
}

static void use_tls(struct serving *serving, struct ssl_ctx_st *tls)
{
	SSL_CTX_free(serving->tls);
	serving->tls = tls;
	serving->public.tls = tls;
}

static void set_listener(struct serving *serving, struct listener *listener,
    const struct route *routes, bool has_pages)
{
	listener->server = &serving->server;
	listener->base = serving->base;
	listener->routes = routes;
	listener->has_pages = has_pages;
}

static int open_listeners(struct serving *serving, struct err *err)
{
	const struct collector_options *options = &serving->server.options;
	struct ssl_ctx_st *tls;
	char public[80], admin[80];
	int error;

	listener_allow_connections(options->limit_connections);
	set_listener(serving, &serving->public, public_routes, options->web);
	set_listener(serving, &serving->admin, admin_routes, false);
	error = load_tls(options, &tls, err);
	if (error < 0)
		return error;
	use_tls(serving, tls);
	error = listener_open(&serving->public, options->listen, err);
	if (error == 0)
		error = listener_open(&serving->admin, options->admin, err);
	if (error < 0)
		return error;
	log_info("serving %s/, metrics and health at %s/",
	    listener_format(&serving->public, public),
	    listener_format(&serving->admin, admin));
	return 0;
}

/* --- configuration --- */

static int load_endpoints(const struct collector_options *options,
    struct endpoint_list *endpoints, struct err *err)
{
	memset(endpoints, 0, sizeof(*endpoints));
	if (options->endpoints[0] == '\0')
		return 0;
	return endpoints_read(options->endpoints, endpoints, err);
}

/* What cannot change while we serve. */
static bool needs_restart(
    const struct collector_options *a, const struct collector_options *b)
{
	return strcmp(a->listen, b->listen) != 0 ||
	       strcmp(a->admin, b->admin) != 0 ||
	       strcmp(a->state, b->state) != 0 || a->backend != b->backend ||
	       strcmp(a->store_path, b->store_path) != 0 ||
	       a->limit_queue != b->limit_queue ||
	       a->limit_body_bytes != b->limit_body_bytes;
}

/* What a reload brings, before any of it is used. */
struct fresh {
	struct collector_options options;
	struct endpoint_list endpoints;
	struct prefix_list trusted;
	struct geo *geo;
	struct ssl_ctx_st *tls;
};

static void drop_fresh(struct fresh *fresh)
{
	endpoints_free(&fresh->endpoints);
	geo_close(fresh->geo);
	SSL_CTX_free(fresh->tls);
}

static int read_fresh(
    const struct serving *serving, struct fresh *fresh, struct err *err)
{
	struct collector_options *options = &fresh->options;
	int error = collector_options_read(serving->config, options, err);

	if (error == 0)
		error = collector_options_check(options, err);
	if (error == 0)
		error = prefixes_parse(
		    options->trusted_proxies, &fresh->trusted, err);
	if (error == 0 && needs_restart(options, &serving->server.options))
		error = err_input(err, "listen, admin, state, store, queue or "
				       "body changed: this needs a restart");
	if (error == 0)
		error = load_endpoints(options, &fresh->endpoints, err);
	if (error == 0)
		error = load_tls(options, &fresh->tls, err);
	if (error == 0)
		error = geo_open(
		    options->geo_asn, options->geo_country, &fresh->geo, err);
	return error;
}

static void use_fresh(struct serving *serving, const struct fresh *fresh)
{
	struct server *server = &serving->server;

	geo_close(server->geo);
	endpoints_free(&server->endpoints);
	server->geo = fresh->geo;
	server->endpoints = fresh->endpoints;
	server->trusted = fresh->trusted;
	server->options = fresh->options;
	writer_set_retention(server->writer, fresh->options.retention_s);
	use_tls(serving, fresh->tls);
	serving->public.has_pages = fresh->options.web;
	listener_allow_connections(fresh->options.limit_connections);
}

static int reload(struct serving *serving, struct err *err)
{
	struct fresh *fresh = calloc(1, sizeof(*fresh));
	int error;

	if (fresh == NULL)
		return err_system(err, -ENOMEM, "a reload");
	error = read_fresh(serving, fresh, err);
	if (error == 0)
		use_fresh(serving, fresh);
	else
		drop_fresh(fresh);
	free(fresh);
	return error;
}

static void on_reload(evutil_socket_t fd, short what, void *arg)
{
	struct serving *serving = arg;
	struct err err;

	(void)fd;
	(void)what;
	if (reload(serving, &err) < 0)
		log_error("nothing is reloaded: %s", err.text);
	else
		log_info("reloaded");
}

static void on_refresh(evutil_socket_t fd, short what, void *arg)
{
	struct serving *serving = arg;

	(void)fd;
	(void)what;
	geo_refresh(serving->server.geo);
}

/* --- start and end --- */

/* No new connections; what is queued is stored and acknowledged. */
static void on_end(evutil_socket_t number, short what, void *arg)
{
	struct serving *serving = arg;
	struct timeval flush = {.tv_usec = FLUSH_MS * 1000};

	(void)what;
	if (serving->server.ending)
		return;
	log_info("signal %d: ending", (int)number);
	serving->server.ending = true;
	listener_end_accepting(&serving->public);
	writer_drain(serving->server.writer);
	event_base_loopexit(serving->base, &flush);
}

static int watch_signals(struct serving *serving, struct err *err)
{
	struct timeval often = {.tv_sec = REFRESH_S};

	serving->sigterm = evsignal_new(
	    serving->base, SIGTERM, on_end, serving);
	serving->sigint = evsignal_new(serving->base, SIGINT, on_end, serving);
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

static int open_stores(struct serving *serving, struct err *err)
{
	struct server *server = &serving->server;
	struct store_settings settings = {
	    .backend = (enum store_backend)server->options.backend,
	};
	char secret[300];
	int error;

	if (mkdir(server->options.state, 0700) < 0 && errno != EEXIST)
		return err_system(err, -errno, "%s", server->options.state);
	snprintf(secret, sizeof(secret), "%s/secret", server->options.state);
	error = secret_load_or_make(secret, server->secret, err);
	if (error == 0)
		error = collector_options_database(&server->options,
		    settings.path, sizeof(settings.path), err);
	if (error == 0)
		error = writer_start(&settings, serving->base,
		    (size_t)server->options.limit_queue, &server->writer, err);
	if (error == 0)
		writer_set_retention(
		    server->writer, server->options.retention_s);
	settings.read_only = true;
	if (error == 0)
		error = store_open(&settings, &server->reader, err);
	return error;
}

static int open_all(struct serving *serving, struct err *err)
{
	struct server *server = &serving->server;
	const struct collector_options *options = &server->options;
	int error = collector_options_check(options, err);

	if (error == 0)
		error = prefixes_parse(
		    options->trusted_proxies, &server->trusted, err);
	if (error == 0)
		error = load_endpoints(options, &server->endpoints, err);
	if (error == 0)
		error = geo_open(
		    options->geo_asn, options->geo_country, &server->geo, err);
	if (error < 0)
		return error;
	serving->base = event_base_new();
	if (serving->base != NULL)
		server->connections = connections_new(
		    serving->base, &server->trusted);
	if (server->connections == NULL)
		return err_system(err, -ENOMEM, "the event loop");
	error = open_stores(serving, err);
	if (error == 0)
		error = watch_signals(serving, err);
	return error < 0 ? error : open_listeners(serving, err);
}

static void free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

static void close_all(struct serving *serving)
{
	writer_stop(serving->server.writer);
	listener_close(&serving->public);
	listener_close(&serving->admin);
	use_tls(serving, NULL);
	free_event(serving->sigterm);
	free_event(serving->sigint);
	free_event(serving->sighup);
	free_event(serving->refresh);
	connections_free(serving->server.connections);
	if (serving->base != NULL)
		event_base_free(serving->base);
	store_close(serving->server.reader);
	geo_close(serving->server.geo);
	endpoints_free(&serving->server.endpoints);
}

int command_serve(const struct collector_options *options, const char *config)
{
	struct serving *serving = calloc(1, sizeof(*serving));
	struct err err;
	int error;

	if (serving == NULL)
		return EXIT_OURS;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* the write says it: a store that is full */
	serving->server.options = *options;
	serving->config = config;
	error = open_all(serving, &err);
	if (error < 0)
		log_error("%s", err.text);
	else
		event_base_dispatch(serving->base);
	close_all(serving);
	free(serving);
	if (error == 0)
		return EXIT_FINE;
	return error == -EINVAL ? EXIT_USAGE : EXIT_OURS;
}
