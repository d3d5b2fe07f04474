/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/dispatch.h"

#include <string.h>

#include "collector/intake/client_limits.h"
#include "collector/threads/read_pool.h"
#include "lib/base/clock.h"

#define WAITED_MOST_US 100000
#define RETRY_AFTER_S  5

/* --- routing --- */

/* A read of its kind has none, so another server may take it for the next
 * request. */
static void refuse_body(struct reply *reply)
{
	reply_set_header(reply, "Connection", "close");
	reply_error(reply, 400, NULL, "this takes no body");
}

static void allow_other_sites(const struct route_table *table,
    const struct route *route, struct reply *reply)
{
	if (!table->is_public || route->is_signed || route->get == NULL)
		return;
	reply_set_header(reply, "Access-Control-Allow-Origin", "*");
	reply_set_header(reply, "Access-Control-Expose-Headers",
	    "Accept-Ranges, Content-Range, ETag, Link, Retry-After");
}

static void reply_options(const struct route_table *table,
    const struct route *route, struct reply *reply)
{
	reply_set_header(reply, "Allow", route_methods(route));
	if (table->is_public && !route->is_signed && route->get != NULL) {
		reply_set_header(
		    reply, "Access-Control-Allow-Methods", "GET, HEAD");
		reply_set_header(reply, "Access-Control-Allow-Headers",
		    "If-None-Match, If-Range, Range");
		reply_set_header(reply, "Access-Control-Max-Age", "86400");
	}
	reply_nothing(reply);
}

static bool takes(const struct route *route, const struct request *request)
{
	return request_is_read(request)
		   ? route->get != NULL
		   : request->method == METHOD_POST && route->post != NULL;
}

/* A request of a method that the route does not have. */
static void refuse_method(const struct route_table *table,
    const struct route *route, const struct request *request,
    struct reply *reply)
{
	if (request->method == METHOD_OPTIONS)
		reply_options(table, route, reply);
	else if (request->body_length > 0 && route->post == NULL)
		refuse_body(reply);
	else
		reply_wrong_method(reply, route_methods(route));
}

/* The path of a folder without the slash at its end: its page is at the path
 * with it. What is itself a page ("/data") has no parameter. False: it is none,
 * or no name of one. */
static bool reply_folder(const struct route_table *table,
    const struct request *request, struct reply *reply)
{
	struct request folder = *request;
	struct buf path = {0};
	const struct route *route;
	struct query_error error;
	struct query query;
	bool is_found;

	buf_printf(&path, "%s/", request->path);
	folder.path = path.data;
	route = path.failed || !request_is_read(request)
		    ? NULL
		    : route_find(table, path.data);
	is_found = route != NULL && strchr(route->path, '{') != NULL &&
		   route_read(route, &folder, &query, &error) == 0;
	if (is_found) {
		if (request->query != NULL)
			buf_printf(&path, "?%s", request->query);
		allow_other_sites(table, route, reply);
		reply_moved(reply, path.failed ? folder.path : path.data);
	}
	buf_free(&path);
	return is_found;
}

const struct route *dispatch_find(const struct route_table *table,
    struct server *server, const struct request *request, struct reply *reply)
{
	const struct route *route = route_find(table, request->path);
	struct query_error error;
	struct query query;

	if (route == NULL) {
		if (!reply_folder(table, request, reply))
			table->other(server, request, reply);
		return NULL;
	}
	allow_other_sites(table, route, reply);
	if (!takes(route, request)) {
		refuse_method(table, route, request, reply);
		return NULL;
	}
	if (route_read(route, request, &query, &error) == 0)
		return route;
	reply_error(reply, 400, error.field, error.message);
	return NULL;
}

/* --- POST --- */

/* More comes in than can be done. To say so costs a twentieth of the work, so
 * that later requests are served in time. */
static bool is_overloaded(
    struct server *server, const struct exchange *exchange)
{
	struct metrics *metrics = server->metrics;
	int64_t now_us = clock_mono_us();

	if (now_us - exchange->ready_us > WAITED_MOST_US)
		metrics->reports_refused[REFUSED_OVERLOAD]++;
	else if (writer_is_full(server->writer))
		metrics->reports_refused[REFUSED_QUEUE_FULL]++;
	else
		return false;
	metrics->overloaded_us = now_us;
	return true;
}

/* On the writer's thread. */
static void on_written(struct writer_job *job)
{
	exchange_post(((struct deferred_reply *)job)->exchange);
}

static void on_finish(struct exchange *exchange)
{
	struct deferred_reply *deferred = exchange->arg;

	deferred->finish(deferred->server, deferred, &exchange->reply);
	metrics_share_duration(&deferred->server->metrics->acks,
	    clock_mono_us() - exchange->ready_us);
	deferred->release(deferred);
}

static void defer(struct server *server, struct exchange *exchange,
    struct deferred_reply *deferred)
{
	deferred->server = server;
	deferred->exchange = exchange;
	deferred->job.done = on_written;
	exchange->arg = deferred;
	exchange->finish = on_finish;
	exchange_drop_body(exchange);
	if (writer_put(server->writer, &deferred->job) == 0)
		return;
	server->metrics->reports_refused[REFUSED_QUEUE_FULL]++;
	exchange->finish = NULL;
	deferred->release(deferred);
	reply_busy(&exchange->reply, 503, RETRY_AFTER_S,
	    "too many reports wait to be stored");
	exchange_send(exchange);
}

static void handle_post(
    struct server *server, const struct route *route, struct exchange *exchange)
{
	struct deferred_reply *deferred = NULL;

	if (is_overloaded(server, exchange))
		reply_busy(&exchange->reply, 503, RETRY_AFTER_S,
		    "more comes in than can be taken");
	else
		deferred = route->post(
		    server, &exchange->request, &exchange->reply);
	if (deferred != NULL)
		defer(server, exchange, deferred);
	else
		exchange_send(exchange);
}

/* --- the listener's callbacks --- */

/* Who has used up what readers have for one address. */
static void refuse_read(
    struct server *server, int after_s, struct exchange *exchange)
{
	server->metrics->reads_limited++;
	reply_busy(&exchange->reply, 429, after_s,
	    "your address has taken much of the readers' time of late; for "
	    "much at once there are streams (format=csv) and daily files");
	exchange_send(exchange);
}

static void handle_read(
    struct server *server, const struct route *route, struct exchange *exchange)
{
	int after_s;

	if (!route->is_quick) {
		after_s = client_limits_may_read(server->limits,
		    &server->settings->options, &exchange->request.client);
		if (after_s > 0) {
			refuse_read(server, after_s, exchange);
			return;
		}
		read_pool_put(
		    server->pool, exchange, route->get, route->is_scan);
		return;
	}
	route->get(server, &exchange->request, &exchange->reply);
	exchange_send(exchange);
}

static void dispatch(void *arg, struct exchange *exchange)
{
	struct dispatcher *dispatcher = arg;
	struct server *server = dispatcher->server;
	const struct route *route = dispatch_find(
	    dispatcher->table, server, &exchange->request, &exchange->reply);

	exchange->request.route = route;
	if (route == NULL)
		exchange_send(exchange);
	else if (request_is_read(&exchange->request))
		handle_read(server, route, exchange);
	else
		handle_post(server, route, exchange);
}

static void refresh(void *arg, struct peer_rules *rules)
{
	const struct dispatcher *dispatcher = arg;
	struct server *server = dispatcher->server;

	server_take_settings(server);
	rules->trusted = server->settings->trusted;
	rules->request_us = server->settings->options.limit_request_s * 1000000;
	rules->address_most = server->settings->options
				  .limit_connections_address;
	rules->memory_most = server->settings->options.limit_memory_bytes;
	rules->tls = dispatcher->has_tls ? server->settings->tls : NULL;
}

void dispatch_connect(
    struct dispatcher *dispatcher, struct listener_settings *settings)
{
	settings->metrics = dispatcher->server->metrics;
	/* Who looks after the collector is let in whatever others do. */
	settings->addresses = dispatcher->has_tls
				  ? dispatcher->server->addresses
				  : NULL;
	settings->refresh = refresh;
	settings->dispatch = dispatch;
	settings->arg = dispatcher;
}
