/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/exchange.h"

#include <event2/event.h>
#include <pthread.h>
#include <string.h>

#include "tests/support/http_world.h"
#include "tests/support/rows.h"

#define ASK "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

/* What the dispatcher of a test does, and what it saw. */
struct dispatcher {
	struct event_base *base;
	void (*reply)(struct dispatcher *dispatcher, struct exchange *exchange);
	struct exchange *kept;
	pthread_t thread;
	int finished;
};

static void dispatch(void *arg, struct exchange *exchange)
{
	struct dispatcher *dispatcher = arg;

	exchange->arg = dispatcher;
	dispatcher->reply(dispatcher, exchange);
}

static void fill(struct exchange *exchange)
{
	struct buf body = {0};

	buf_append_text(&body, "{\"a\":1}");
	reply_json(&exchange->reply, 200, &body);
}

/* As the result of a job becomes a reply. */
static void on_finish(struct exchange *exchange)
{
	struct dispatcher *dispatcher = exchange->arg;

	dispatcher->finished++;
	fill(exchange);
}

/* --- ways to reply --- */

static void reply_at_once(
    struct dispatcher *dispatcher, struct exchange *exchange)
{
	fill(exchange);
	exchange_send(exchange);
}

static void on_later(evutil_socket_t fd, short what, void *exchange)
{
	fill(exchange);
	exchange_send(exchange);
}

static void reply_later(
    struct dispatcher *dispatcher, struct exchange *exchange)
{
	struct timeval soon = {.tv_usec = 10000};

	event_base_once(
	    dispatcher->base, -1, EV_TIMEOUT, on_later, exchange, &soon);
}

static void *post(void *exchange)
{
	exchange_post(exchange);
	return NULL;
}

static void reply_from_thread(
    struct dispatcher *dispatcher, struct exchange *exchange)
{
	exchange->finish = on_finish;
	pthread_create(&dispatcher->thread, NULL, post, exchange);
}

static void refuse(struct dispatcher *dispatcher, struct exchange *exchange)
{
	fill(exchange);
	exchange_refuse(exchange, 7, "not now");
	exchange_send(exchange);
}

static void keep(struct dispatcher *dispatcher, struct exchange *exchange)
{
	exchange->finish = on_finish;
	dispatcher->kept = exchange;
	event_base_loopbreak(dispatcher->base);
}

static const struct row {
	const char *name, *request;
	void (*reply)(struct dispatcher *dispatcher, struct exchange *exchange);
	int finished;
	const char *wanted[HTTP_WORLD_WANTED];
} rows[] = {
    {"a reply at once", ASK, reply_at_once, 0,
	{"HTTP/1.1 200 ", "\r\n\r\n{\"a\":1}"}},
    {"a reply later on the loop", ASK, reply_later, 0,
	{"HTTP/1.1 200 ", "\r\n\r\n{\"a\":1}"}},
    {"a reply from another thread is finished on the loop", ASK,
	reply_from_thread, 1, {"HTTP/1.1 200 ", "\r\n\r\n{\"a\":1}"}},
    {"the next request waits for the reply to the one before",
	"GET /x HTTP/1.1\r\nHost: x\r\n\r\n" ASK, reply_later, 0,
	{"\r\n\r\n{\"a\":1}HTTP/1.1 200 "}},
    {"a refusal replaces what was made", ASK, refuse, 0,
	{"HTTP/1.1 503 ", "Retry-After: 7\r\n", "not now", "~{\"a\":1}"}},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct dispatcher dispatcher = {.reply = row->reply};
	struct http_world world;

	http_world_open_dispatch(&world, dispatch, &dispatcher);
	dispatcher.base = world.base;
	http_world_talk(&world, row->request, strlen(row->request));
	http_world_expect(&world, row->wanted);
	assert_int_equal(dispatcher.finished, row->finished);
	if (row->reply == reply_from_thread)
		pthread_join(dispatcher.thread, NULL);
	http_world_close(&world);
}

/* The reply comes when the connection is gone: it is finished, and dropped. */
static void reply_too_late(void **state)
{
	struct dispatcher dispatcher = {.reply = keep};
	struct http_world world;

	(void)state;
	http_world_open_dispatch(&world, dispatch, &dispatcher);
	dispatcher.base = world.base;
	http_world_talk(&world, ASK, strlen(ASK));
	assert_non_null(dispatcher.kept);
	http_world_close(&world);
	assert_string_equal(dispatcher.kept->request.path, "/x");
	exchange_send(dispatcher.kept);
	assert_int_equal(dispatcher.finished, 1);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(
	    &list, "a reply to a client that left is dropped", reply_too_late);
	return test_run("exchange", &list);
}
