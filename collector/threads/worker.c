/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/worker.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "collector/base/mailbox.h"
#include "collector/http/connection.h"

/* A word of the main thread to the worker's loop. */
struct word {
	struct message message; /* first */
	struct worker *worker;
};

struct worker {
	struct server server;
	struct event_base *base;
	struct listener listener;
	pthread_t thread;
	bool is_started;
	int flush_ms;
	struct word end, leave;
};

static void on_end(struct message *message)
{
	struct worker *worker = ((struct word *)message)->worker;

	listener_end_accepting(&worker->listener);
}

static void on_leave(struct message *message)
{
	struct worker *worker = ((struct word *)message)->worker;
	struct timeval flush = {
	    .tv_sec = worker->flush_ms / 1000,
	    .tv_usec = worker->flush_ms % 1000 * 1000,
	};

	event_base_loopexit(worker->base, &flush);
}

static void *run(void *arg)
{
	struct worker *worker = arg;

	pthread_setname_np(pthread_self(), "worker");
	event_base_dispatch(worker->base);
	return NULL;
}

static int open_all(struct worker *worker,
    const struct store_settings *settings, int fd, struct err *err)
{
	struct server *server = &worker->server;
	int error = store_open(settings, &server->reader, err);

	if (error == 0) {
		worker->base = event_base_new();
		if (worker->base == NULL)
			error = err_system(err, -ENOMEM, "an event loop");
	}
	if (error == 0)
		error = mailbox_new(worker->base, &server->mailbox, err);
	if (error == 0) {
		server->connections = connections_new(worker->base,
		    &server->trusted, &server->metrics->connections_ended);
		if (server->connections == NULL)
			error = err_system(err, -ENOMEM, "connections");
	}
	if (error < 0) {
		close(fd);
		return error;
	}
	worker->listener.server = server;
	worker->listener.base = worker->base;
	return listener_open(&worker->listener, fd, err);
}

int worker_start(const struct server *like, const struct route *routes,
    const struct store_settings *settings, int fd, struct worker **out,
    struct err *err)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	int error;

	if (worker == NULL) {
		close(fd);
		return err_system(err, -ENOMEM, "a worker");
	}
	worker->server = *like;
	worker->server.settings = NULL;
	worker->server.reader = NULL;
	worker->server.mailbox = NULL;
	worker->server.connections = NULL;
	worker->listener.routes = routes;
	worker->listener.is_public = true;
	worker->end = (struct word){{.deliver = on_end}, worker};
	worker->leave = (struct word){{.deliver = on_leave}, worker};
	error = open_all(worker, settings, fd, err);
	if (error == 0) {
		error = -pthread_create(&worker->thread, NULL, run, worker);
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

void worker_end_accepting(struct worker *worker)
{
	mailbox_post(worker->server.mailbox, &worker->end.message);
}

void worker_leave(struct worker *worker, int flush_ms)
{
	worker->flush_ms = flush_ms;
	mailbox_post(worker->server.mailbox, &worker->leave.message);
}

void worker_free(struct worker *worker)
{
	if (worker == NULL)
		return;
	if (worker->is_started)
		pthread_join(worker->thread, NULL);
	mailbox_free(worker->server.mailbox);
	listener_close(&worker->listener);
	connections_free(worker->server.connections);
	if (worker->base != NULL)
		event_base_free(worker->base);
	store_close(worker->server.reader);
	settings_drop(worker->server.holder, &worker->server.settings);
	free(worker);
}
