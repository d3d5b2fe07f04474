/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/read_pool.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <unistd.h>

#include "collector/fleet/census.h"
#include "collector/http/kept.h"
#include "collector/intake/client_limits.h"
#include "lib/base/clock.h"

#define WAITING_MAX   256
#define RETRY_AFTER_S 5
#define READER_NICE   5

struct pool_reader {
	pthread_t thread;
	struct server server;
	struct read_pool *pool;
	struct kept kept; /* answers made from the published view */
};

STAILQ_HEAD(exchange_queue, exchange);

struct read_pool {
	pthread_mutex_t lock; /* of what follows, but for the readers */
	pthread_cond_t arrived;
	struct exchange_queue lookups, scans;
	size_t waiting;
	size_t scanning; /* readers that make a scan's reply */
	bool is_ending;
	size_t threads;  /* that there are to be; set before the first */
	size_t nreaders; /* the main thread's */
	struct pool_reader *readers;
};

/* --- the queue --- */

static struct exchange_queue *queue_of(
    struct read_pool *pool, const struct exchange *exchange)
{
	return exchange->is_scan ? &pool->scans : &pool->lookups;
}

static bool put(struct read_pool *pool, struct exchange *exchange)
{
	bool fits;

	pthread_mutex_lock(&pool->lock);
	fits = !pool->is_ending && pool->waiting < WAITING_MAX;
	if (fits) {
		STAILQ_INSERT_TAIL(queue_of(pool, exchange), exchange, entry);
		pool->waiting++;
	}
	pthread_mutex_unlock(&pool->lock);
	if (fits)
		pthread_cond_signal(&pool->arrived);
	return fits;
}

/* Whether another reader may scan: one of them is left for lookups. */
static bool may_scan(const struct read_pool *pool)
{
	return pool->scanning + 1 < pool->threads || pool->scanning == 0;
}

/* NULL: the queue is empty. */
static struct exchange *take_from(
    struct read_pool *pool, struct exchange_queue *queue)
{
	struct exchange *exchange = STAILQ_FIRST(queue);

	if (exchange == NULL)
		return NULL;
	STAILQ_REMOVE_HEAD(queue, entry);
	pool->waiting--;
	return exchange;
}

/* With the lock held. NULL: nothing waits that may be done now. */
static struct exchange *take_first(struct read_pool *pool)
{
	struct exchange *exchange = take_from(pool, &pool->lookups);

	if (exchange == NULL && may_scan(pool)) {
		exchange = take_from(pool, &pool->scans);
		pool->scanning += exchange != NULL;
	}
	return exchange;
}

/* Wait for an exchange. NULL: the end. */
static struct exchange *take(struct read_pool *pool)
{
	struct exchange *exchange = NULL;

	pthread_mutex_lock(&pool->lock);
	while (!pool->is_ending && (exchange = take_first(pool)) == NULL)
		pthread_cond_wait(&pool->arrived, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	return exchange;
}

static void end_scan(struct read_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->scanning--;
	pthread_mutex_unlock(&pool->lock);
	pthread_cond_signal(&pool->arrived);
}

/* --- on a reader's thread --- */

/* The entity tag of what is made from the published view now; "": there is
 * none. */
static void find_tag(struct server *server, char tag[REPLY_TAG_SIZE])
{
	const struct census_view *held = NULL;

	tag[0] = '\0';
	if (server->census != NULL)
		held = census_hold(server->census);
	if (held == NULL)
		return;
	snprintf(tag, REPLY_TAG_SIZE, "%" PRId64, held->published->generation);
	census_drop(server->census, held);
}

/* The reply, or a stream's next part. */
static void make_reply(struct pool_reader *reader, struct exchange *exchange)
{
	struct server *server = &reader->server;
	bool is_first = !exchange->is_settled;
	char tag[REPLY_TAG_SIZE];

	find_tag(server, tag);
	if (is_first && !kept_recall(&reader->kept, tag, &exchange->request,
			    &exchange->reply))
		exchange->handler(server, &exchange->request, &exchange->reply);
	exchange_prepare(exchange, server);
	if (is_first)
		kept_add(
		    &reader->kept, tag, &exchange->request, &exchange->reply);
	if (is_first)
		metrics_share_duration(&server->metrics->reads,
		    clock_mono_us() - exchange->ready_us);
}

/* The client pays for the time. */
static void make_reply_for(
    struct pool_reader *reader, struct exchange *exchange)
{
	struct server *server = &reader->server;
	int64_t began_us = clock_mono_us();

	make_reply(reader, exchange);
	client_limits_spend(server->limits, &server->settings->options,
	    &exchange->request.client, clock_mono_us() - began_us);
}

static void *run_reader(void *arg)
{
	struct pool_reader *reader = arg;
	struct server *server = &reader->server;
	struct exchange *exchange;
	bool is_scan;

	pthread_setname_np(pthread_self(), "reader");
	/* If CPU time is short, reports go first. */
	setpriority(PRIO_PROCESS, (id_t)gettid(), READER_NICE);
	while ((exchange = take(reader->pool)) != NULL) {
		is_scan = exchange->is_scan;
		server_take_settings(server);
		make_reply_for(reader, exchange);
		exchange_post(exchange);
		if (is_scan)
			end_scan(reader->pool);
	}
	return NULL;
}

/* --- on a loop's thread --- */

static void put_or_refuse(struct read_pool *pool, struct exchange *exchange)
{
	if (put(pool, exchange))
		return;
	exchange_refuse(exchange, RETRY_AFTER_S, "too many questions wait");
	exchange_send(exchange);
}

static void on_refill(struct exchange *exchange)
{
	put_or_refuse(exchange->arg, exchange);
}

void read_pool_put(struct read_pool *pool, struct exchange *exchange,
    request_handler *handler, bool is_scan)
{
	exchange->handler = handler;
	exchange->is_scan = is_scan;
	exchange->refill = on_refill;
	exchange->arg = pool;
	put_or_refuse(pool, exchange);
}

/* --- start and end --- */

static int start_reader(struct read_pool *pool,
    const struct store_settings *settings, const struct server *like,
    struct err *err)
{
	struct pool_reader *reader = &pool->readers[pool->nreaders];
	int error = 0;

	server_init(&reader->server, like);
	reader->pool = pool;
	if (settings != NULL)
		error = store_open(settings, &reader->server.reader, err);
	if (error < 0)
		return error;
	error = -pthread_create(&reader->thread, NULL, run_reader, reader);
	if (error < 0) {
		server_end(&reader->server);
		return err_system(err, error, "a thread");
	}
	pool->nreaders++;
	return 0;
}

int read_pool_start(const struct server *like,
    const struct store_settings *settings, size_t threads,
    struct read_pool **out, struct err *err)
{
	struct read_pool *pool = calloc(1, sizeof(*pool));
	int error = 0;

	if (pool != NULL)
		pool->readers = calloc(threads, sizeof(*pool->readers));
	if (pool == NULL || pool->readers == NULL) {
		free(pool);
		return err_system(err, -ENOMEM, "threads");
	}
	pool->threads = threads;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->arrived, NULL);
	STAILQ_INIT(&pool->lookups);
	STAILQ_INIT(&pool->scans);
	while (error == 0 && pool->nreaders < threads)
		error = start_reader(pool, settings, like, err);
	*out = pool;
	return error;
}

static void join_readers(struct read_pool *pool)
{
	size_t i;

	for (i = 0; i < pool->nreaders; i++)
		if (pool->readers[i].server.reader != NULL)
			store_interrupt(pool->readers[i].server.reader);
	for (i = 0; i < pool->nreaders; i++) {
		pthread_join(pool->readers[i].thread, NULL);
		server_end(&pool->readers[i].server);
		kept_free(&pool->readers[i].kept);
	}
	pool->nreaders = 0;
}

static void refuse_all(struct read_pool *pool, struct exchange_queue *queue)
{
	struct exchange *exchange;

	while ((exchange = take_from(pool, queue)) != NULL) {
		exchange_refuse(exchange, RETRY_AFTER_S, "ending");
		exchange_post(exchange);
	}
}

void read_pool_stop(struct read_pool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->is_ending = true;
	pthread_mutex_unlock(&pool->lock);
	pthread_cond_broadcast(&pool->arrived);
	join_readers(pool);
	refuse_all(pool, &pool->lookups);
	refuse_all(pool, &pool->scans);
}

void read_pool_free(struct read_pool *pool)
{
	if (pool == NULL)
		return;
	read_pool_stop(pool);
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->arrived);
	free(pool->readers);
	free(pool);
}
