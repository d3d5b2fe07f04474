/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/read_pool.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/base/mailbox.h"
#include "collector/http/http.h"

#define WAITING_MAX   256
#define RETRY_AFTER_S 5
#define READER_NICE   5

/* A request that is answered here. It is its loop's, or while `is_away` the
 * threads', but for the request and the connection, which stay the loop's. */
struct reading {
	struct message message; /* first */
	struct reading *next;
	struct readings *readings;
	struct mailbox *mailbox;
	struct evhttp_request *request; /* NULL: the client went away */
	struct evhttp_connection *connection;
	bool is_away;
	server_handler *handle;
	struct evhttp_request *copy;
	struct http_parked parked;
	bool is_answered; /* the handler has run */
	bool is_begun;    /* a stream's head was sent */
	bool has_more;    /* of a stream */
	bool is_late;     /* the threads ended before it */
	struct buf part;
};

struct thread {
	pthread_t id;
	struct server server;
	struct readings *readings;
};

struct readings {
	pthread_mutex_t lock; /* of the queue */
	pthread_cond_t arrived;
	struct reading *first, **last;
	size_t waiting;
	bool is_ending;
	size_t nthreads;
	struct thread *threads;
};

/* --- the queue --- */

static bool put(struct readings *readings, struct reading *reading)
{
	bool fits;

	reading->next = NULL;
	pthread_mutex_lock(&readings->lock);
	fits = !readings->is_ending && readings->waiting < WAITING_MAX;
	if (fits) {
		reading->is_away = true;
		*readings->last = reading;
		readings->last = &reading->next;
		readings->waiting++;
	}
	pthread_mutex_unlock(&readings->lock);
	if (fits)
		pthread_cond_signal(&readings->arrived);
	return fits;
}

/* With the lock. */
static struct reading *take_first(struct readings *readings)
{
	struct reading *reading = readings->first;

	if (reading == NULL)
		return NULL;
	readings->first = reading->next;
	if (readings->first == NULL)
		readings->last = &readings->first;
	readings->waiting--;
	return reading;
}

/* NULL: the end. */
static struct reading *take(struct readings *readings)
{
	struct reading *reading = NULL;

	pthread_mutex_lock(&readings->lock);
	while (readings->first == NULL && !readings->is_ending)
		pthread_cond_wait(&readings->arrived, &readings->lock);
	if (!readings->is_ending)
		reading = take_first(readings);
	pthread_mutex_unlock(&readings->lock);
	return reading;
}

/* --- on a thread --- */

static void answer(struct server *server, struct reading *reading)
{
	if (!reading->is_answered) {
		reading->handle(server, reading->copy);
		reading->is_answered = true;
		reading->has_more = reading->parked.fill != NULL;
	}
	while (reading->has_more && reading->part.length == 0 &&
	       !reading->part.failed)
		reading->has_more = reading->parked.fill(
		    server, reading->parked.arg, &reading->part);
}

static void *run(void *arg)
{
	struct thread *thread = arg;
	struct server *server = &thread->server;
	struct reading *reading;

	pthread_setname_np(pthread_self(), "reader");
	/* Where processors are short, reports go first. */
	setpriority(PRIO_PROCESS, (id_t)gettid(), READER_NICE);
	while ((reading = take(thread->readings)) != NULL) {
		server_take_settings(server);
		answer(server, reading);
		mailbox_post(reading->mailbox, &reading->message);
	}
	return NULL;
}

/* --- on the loop --- */

static void free_reading(struct reading *reading)
{
	if (reading->parked.end != NULL)
		reading->parked.end(reading->parked.arg);
	evhttp_request_free(reading->copy);
	buf_free(&reading->part);
	free(reading);
}

static void on_closed(struct evhttp_connection *connection, void *arg)
{
	struct reading *reading = arg;

	(void)connection;
	http_abandon(reading->request);
	reading->request = NULL;
	if (!reading->is_away)
		free_reading(reading);
}

/* Without the last chunk the client knows that this is not all (RFC 9112, 8).
 * The loop sees the end of the connection and calls on_closed(). */
static void cut(struct reading *reading)
{
	shutdown(bufferevent_getfd(
		     evhttp_connection_get_bufferevent(reading->connection)),
	    SHUT_RDWR);
}

/* The request, to be answered now. */
static struct evhttp_request *take_request(struct reading *reading)
{
	evhttp_connection_set_closecb(reading->connection, NULL, NULL);
	return reading->request;
}

static void finish_stream(struct reading *reading)
{
	evhttp_send_reply_end(take_request(reading));
	free_reading(reading);
}

static void refuse(struct reading *reading, const char *why)
{
	http_reply_busy(take_request(reading), 503, RETRY_AFTER_S, why);
	free_reading(reading);
}

/* The part before has been sent. */
static void on_sent(struct evhttp_connection *connection, void *arg)
{
	struct reading *reading = arg;

	(void)connection;
	if (!reading->has_more)
		finish_stream(reading);
	else if (!put(reading->readings, reading))
		cut(reading);
}

static void send_part(struct reading *reading)
{
	struct evbuffer *part = evbuffer_new();
	struct buf bytes = reading->part;

	memset(&reading->part, 0, sizeof(reading->part));
	if (!reading->is_begun)
		http_start_parked(reading->request, reading->copy);
	reading->is_begun = true;
	if (part == NULL || bytes.failed ||
	    evbuffer_add(part, bytes.data, bytes.length) < 0)
		cut(reading);
	else if (bytes.length == 0)
		finish_stream(reading);
	else
		evhttp_send_reply_chunk_with_cb(
		    reading->request, part, on_sent, reading);
	if (part != NULL)
		evbuffer_free(part);
	buf_free(&bytes);
}

static void on_answered(struct message *message)
{
	struct reading *reading = (struct reading *)message;

	reading->is_away = false;
	if (reading->request == NULL) {
		free_reading(reading);
	} else if (reading->is_late && reading->is_begun) {
		cut(reading);
	} else if (reading->is_late) {
		refuse(reading, "ending");
	} else if (reading->parked.fill != NULL) {
		send_part(reading);
	} else {
		http_send_parked(take_request(reading), reading->copy);
		free_reading(reading);
	}
}

static struct reading *new_reading(struct server *server,
    struct evhttp_request *request, server_handler *handle)
{
	struct reading *reading = calloc(1, sizeof(*reading));

	if (reading == NULL)
		return NULL;
	reading->copy = http_copy(request, &reading->parked);
	if (reading->copy == NULL) {
		free(reading);
		return NULL;
	}
	reading->message.deliver = on_answered;
	reading->readings = server->readings;
	reading->mailbox = server->mailbox;
	reading->request = request;
	reading->connection = evhttp_request_get_connection(request);
	reading->handle = handle;
	return reading;
}

void reading_begin(struct server *server, struct evhttp_request *request,
    server_handler *handle)
{
	struct reading *reading = new_reading(server, request, handle);

	if (reading == NULL) {
		http_reply_busy(request, 503, RETRY_AFTER_S, "out of memory");
		return;
	}
	evhttp_connection_set_closecb(reading->connection, on_closed, reading);
	if (!put(server->readings, reading))
		refuse(reading, "too many questions wait");
}

/* --- start and end --- */

static int start_thread(struct readings *readings,
    const struct store_settings *settings, const struct server *like,
    struct err *err)
{
	struct thread *thread = &readings->threads[readings->nthreads];
	int error;

	thread->server = *like;
	thread->server.settings = NULL;
	thread->server.mailbox = NULL;
	thread->server.connections = NULL;
	thread->readings = readings;
	if (settings != NULL) {
		error = store_open(settings, &thread->server.reader, err);
		if (error < 0)
			return error;
	}
	error = -pthread_create(&thread->id, NULL, run, thread);
	if (error < 0) {
		store_close(thread->server.reader);
		return err_system(err, error, "a thread");
	}
	readings->nthreads++;
	return 0;
}

int readings_start(const struct server *like,
    const struct store_settings *settings, size_t threads,
    struct readings **out, struct err *err)
{
	struct readings *readings = calloc(1, sizeof(*readings));
	int error = 0;

	if (readings != NULL)
		readings->threads = calloc(threads, sizeof(*readings->threads));
	if (readings == NULL || readings->threads == NULL) {
		free(readings);
		return err_system(err, -ENOMEM, "threads");
	}
	pthread_mutex_init(&readings->lock, NULL);
	pthread_cond_init(&readings->arrived, NULL);
	readings->last = &readings->first;
	while (error == 0 && readings->nthreads < threads)
		error = start_thread(readings, settings, like, err);
	*out = readings;
	return error;
}

void readings_stop(struct readings *readings)
{
	struct reading *reading;
	size_t i;

	if (readings == NULL)
		return;
	pthread_mutex_lock(&readings->lock);
	readings->is_ending = true;
	pthread_mutex_unlock(&readings->lock);
	pthread_cond_broadcast(&readings->arrived);
	for (i = 0; i < readings->nthreads; i++)
		if (readings->threads[i].server.reader != NULL)
			store_interrupt(readings->threads[i].server.reader);
	for (i = 0; i < readings->nthreads; i++) {
		struct server *server = &readings->threads[i].server;

		pthread_join(readings->threads[i].id, NULL);
		settings_drop(server->holder, &server->settings);
		store_close(server->reader);
	}
	readings->nthreads = 0;
	while ((reading = take_first(readings)) != NULL) {
		reading->is_late = true;
		mailbox_post(reading->mailbox, &reading->message);
	}
}

void readings_free(struct readings *readings)
{
	if (readings == NULL)
		return;
	readings_stop(readings);
	pthread_mutex_destroy(&readings->lock);
	pthread_cond_destroy(&readings->arrived);
	free(readings->threads);
	free(readings);
}
