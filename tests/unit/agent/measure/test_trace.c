/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/trace.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/base/allowance.h"
#include "tests/support/rows.h"

/* Over the loopback every TTL reaches the server: it answers from wherever the
 * trace begins. */

/* A server, and what it does to each connection in turn: '.' nothing, 'g' it
 * greets, 'r' it resets what says something. */
struct run {
	struct event_base *base;
	const char *manners;
	struct bufferevent *streams[8];
	int connections, done;
	struct path_seen path;
};

static void forget(struct run *run, struct bufferevent *stream)
{
	int i;

	for (i = 0; i < run->connections; i++)
		if (run->streams[i] == stream)
			run->streams[i] = NULL;
	bufferevent_free(stream);
}

static void reset(struct bufferevent *stream, void *arg)
{
	struct linger hard = {1, 0};

	setsockopt(bufferevent_getfd(stream), SOL_SOCKET, SO_LINGER, &hard,
	    sizeof(hard));
	forget(arg, stream);
}

static void end(struct bufferevent *stream, short what, void *arg)
{
	(void)what;
	forget(arg, stream);
}

static void on_client(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int length, void *arg)
{
	static const char greeting[] = "220 mx.example.net\r\n";
	struct run *run = arg;
	struct bufferevent *stream = bufferevent_socket_new(
	    run->base, fd, BEV_OPT_CLOSE_ON_FREE);
	char manner = run->manners[run->connections];

	(void)listener;
	(void)from;
	(void)length;
	assert_non_null(stream);
	assert_int_not_equal(manner, '\0');
	run->streams[run->connections++] = stream;
	bufferevent_setcb(stream, manner == 'r' ? reset : NULL, NULL, end, run);
	bufferevent_enable(stream, EV_READ | EV_WRITE);
	if (manner == 'g')
		bufferevent_write(stream, greeting, sizeof(greeting) - 1);
}

static void on_done(void *arg, const struct path_seen *path)
{
	struct run *run = arg;

	run->path = *path;
	run->done++;
	event_base_loopbreak(run->base);
}

/* Listen on a free port of the loopback. */
static struct evconnlistener *serve(struct run *run, uint16_t *port)
{
	struct sockaddr_storage at;
	struct evconnlistener *listener;
	socklen_t length;
	struct addr any;

	assert_true(addr_parse(&any, "127.0.0.1"));
	length = addr_to_sockaddr(&any, 0, &at);
	listener = evconnlistener_new_bind(run->base, on_client, run,
	    LEV_OPT_CLOSE_ON_FREE, 16, (struct sockaddr *)&at, (int)length);
	assert_non_null(listener);
	assert_int_equal(getsockname(evconnlistener_get_fd(listener),
			     (struct sockaddr *)&at, &length),
	    0);
	*port = ntohs(((struct sockaddr_in *)&at)->sin_port);
	return listener;
}

static const struct look_row {
	const char *name;
	const char *manners; /* the first connection is the trace's */
	int from_ttl, limited_ttl;
	bool reset;
	int spent; /* SYNs of the allowance, at least */
} look_rows[] = {
    {"a reset that comes to a smaller TTL is the path's", ".r", 3, 2, true, 2},
    {"none comes: it may be the endpoint's", "..", 3, 2, false, 2},
    {"whom the words reached is nearer: one TTL less is asked", ".gr", 3, 1,
	true, 3},
    {"whom they always reach proves nothing", ".ggg", 5, 0, false, 4},
    {"no TTL is smaller than 1", ".g", 2, 0, false, 2},
    {"from TTL 1 on there is none to look at", ".", 1, 0, false, 1},
};

static void looks(void **state)
{
	const struct look_row *row = *state;
	struct run run = {.base = event_base_new(), .manners = row->manners};
	struct allowance allowance = {.rate = 20, .daily = 1000};
	struct trace_request request;
	struct evconnlistener *listener;
	struct addr address;
	uint16_t port;

	assert_non_null(run.base);
	listener = serve(&run, &port);
	assert_true(addr_parse(&address, "127.0.0.1"));
	trace_request_init(&request, &address, port);
	request.min_ttl = row->from_ttl;
	request.resets = true;
	request.allowance = &allowance;
	assert_non_null(trace_start(run.base, &request, on_done, &run));
	event_base_dispatch(run.base);
	assert_int_equal(run.done, 1);
	assert_int_equal(run.path.answer_ttl, row->from_ttl);
	assert_int_equal(run.path.limited_ttl, row->limited_ttl);
	assert_int_equal(run.path.limited_reset, row->reset);
	assert_true(allowance.spent >= row->spent);
	evconnlistener_free(listener);
	while (run.connections > 0)
		if (run.streams[--run.connections] != NULL)
			bufferevent_free(run.streams[run.connections]);
	event_base_free(run.base);
	allowance_free(&allowance);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, look_rows, looks);
	return test_run("trace", &list);
}
