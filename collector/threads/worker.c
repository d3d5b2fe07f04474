/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/worker.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* From the main thread to the worker's loop. */
struct worker_message {
	struct message message; /* first */
	struct worker *worker;
};

struct worker {
	struct server server;
	struct dispatcher dispatcher;
	struct event_base *base;
	struct listener *listener;
	pthread_t thread;
	bool is_started;
	int flush_ms;
	struct worker_message stop_accepting, stop;
};

static void on_stop_accepting(struct message *message)
{
	struct worker *worker = ((struct worker_message *)message)->worker;

	listener_stop_accepting(worker->listener);
}

static void on_stop(struct message *message)
{
	struct worker *worker = ((struct worker_message *)message)->worker;
	struct timeval flush = {
	    .tv_sec = worker->flush_ms / 1000,
	    .tv_usec = worker->flush_ms % 1000 * 1000,
	};

	event_base_loopexit(worker->base, &flush);
}

static void *run_worker(void *arg)
{
	struct worker *worker = arg;

	pthread_setname_np(pthread_self(), "worker");
	event_base_dispatch(worker->base);
	return NULL;
}

static int open_listener(struct worker *worker, int fd, struct err *err)
{
	struct listener_settings settings = {
	    .base = worker->base,
	    .body_most = worker->server.settings->options.limit_body_bytes,
	};

	dispatch_connect(&worker->dispatcher, &settings);
	return listener_open(&settings, fd, &worker->listener, err);
}

static int open_all(struct worker *worker,
    const struct store_settings *settings, int fd, struct err *err)
{
	int error = store_open(settings, &worker->server.reader, err);

	server_take_settings(&worker->server);
	if (error == 0) {
		worker->base = event_base_new();
		if (worker->base == NULL)
			error = err_system(err, -ENOMEM, "an event loop");
	}
	if (error == 0)
		return open_listener(worker, fd, err);
	close(fd);
	return error;
}

static struct worker *new_worker(
    const struct server *like, const struct route_table *table)
{
	struct worker *worker = calloc(1, sizeof(*worker));

	if (worker == NULL)
		return NULL;
	server_init(&worker->server, like);
	worker->dispatcher = (struct dispatcher){
	    .server = &worker->server, .table = table, .has_tls = true};
	worker->stop_accepting = (struct worker_message){
	    {.deliver = on_stop_accepting}, worker};
	worker->stop = (struct worker_message){{.deliver = on_stop}, worker};
	return worker;
}

int worker_start(const struct server *like, const struct route_table *table,
    const struct store_settings *settings, int fd, struct worker **out,
    struct err *err)
{
	struct worker *worker = new_worker(like, table);
	int error;

	if (worker == NULL) {
		close(fd);
		return err_system(err, -ENOMEM, "a worker");
	}
	error = open_all(worker, settings, fd, err);
	if (error == 0) {
		error = -pthread_create(
		    &worker->thread, NULL, run_worker, worker);
		worker->is_started = error == 0;
		if (error < 0)
			err_system(err, error, "a worker");
	}
	if (error < 0) {
		worker_free(worker);
		return error;
	}
	*out = worker;
	return 0;
}

void worker_stop_accepting(struct worker *worker)
{
	listener_post(worker->listener, &worker->stop_accepting.message);
}

void worker_stop(struct worker *worker, int flush_ms)
{
	worker->flush_ms = flush_ms;
	listener_post(worker->listener, &worker->stop.message);
}

void worker_free(struct worker *worker)
{
	if (worker == NULL)
		return;
	if (worker->is_started)
		pthread_join(worker->thread, NULL);
	listener_close(worker->listener);
	if (worker->base != NULL)
		event_base_free(worker->base);
	server_end(&worker->server);
	free(worker);
}
