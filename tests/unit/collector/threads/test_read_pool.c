/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/read_pool.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/intake/client_limits.h"
#include "tests/support/http_world.h"
#include "tests/support/rows.h"

#define CLOSE "Host: x\r\nConnection: close\r\n\r\n"

/* --- what the threads answer --- */

/* What was asked of a stream, and of scans and lookups. */
static struct served {
	int fills, ends, dispatched;
	_Atomic int scans, lookups, scans_in_vain;
} served;

/* Three parts, and between them some that are empty. */
static bool fill_parts(struct server *server, void *arg, struct buf *out)
{
	served.fills++;
	if (served.fills % 2 == 1)
		buf_printf(out, "part %d\n", served.fills);
	return served.fills < 6;
}

static bool fill_nothing(struct server *server, void *arg, struct buf *out)
{
	(void)out;
	return ++served.fills < 100000;
}

static bool fill_and_fail(struct server *server, void *arg, struct buf *out)
{
	buf_append_text(out, "part\n");
	if (++served.fills == 3)
		out->failed = true;
	return true;
}

static bool fill_long(struct server *server, void *arg, struct buf *out)
{
	memset(buf_reserve(out, 1 << 20), 'x', 1 << 20);
	buf_commit(out, 1 << 20);
	return ++served.fills < 1000;
}

static void end_parts(void *arg)
{
	served.ends++;
}

/* A scan that lasts until a lookup was answered, or a second. */
static void scan(void)
{
	int i;

	served.scans++;
	for (i = 0; i < 1000 && served.lookups == 0; i++)
		usleep(1000);
	served.scans_in_vain += served.lookups == 0;
}

static void answer(
    struct server *server, const struct request *request, struct reply *reply)
{
	static const struct {
		const char *path;
		reply_fill *fill;
	} streams[] = {
	    {"/stream", fill_parts},
	    {"/stream/nothing", fill_nothing},
	    {"/stream/fails", fill_and_fail},
	    {"/stream/long", fill_long},
	};
	struct buf body = {0};
	size_t i;

	assert_non_null(server->settings);
	for (i = 0; i < sizeof(streams) / sizeof(*streams); i++)
		if (strcmp(request->path, streams[i].path) == 0) {
			reply_stream(reply, "text/csv",
			    &(struct reply_stream){
				streams[i].fill, end_parts, &served});
			return;
		}
	if (strcmp(request->path, "/scan") == 0)
		scan();
	else
		served.lookups++;
	reply_set_header(reply, "Link", "<x>");
	buf_printf(&body, "{\"query\":\"%s\"}",
	    request->query != NULL ? request->query : "none");
	reply_json(reply, 200, &body);
}

static void dispatch(void *pool, struct exchange *exchange)
{
	served.dispatched++;
	read_pool_put(pool, exchange, answer,
	    strncmp(exchange->request.path, "/scan", 5) == 0);
}

/* --- a loop with two threads that read --- */

struct reading_world {
	struct http_world http;
	struct metrics metrics;
	struct server server;
};

static void open_world(struct reading_world *world)
{
	struct collector_options options;
	struct settings *settings;
	struct err err;

	memset(world, 0, sizeof(*world));
	memset(&served, 0, sizeof(served));
	assert_int_equal(
	    conf_defaults(collector_option_table, &options, &err), 0);
	assert_int_equal(settings_load(&options, &settings, &err), 0);
	world->server.metrics = &world->metrics;
	world->server.limits = client_limits_new();
	world->server.holder = settings_holder_new(settings);
	assert_int_equal(
	    read_pool_start(&world->server, NULL, 2, &world->server.pool, &err),
	    0);
	http_world_open_dispatch(&world->http, dispatch, world->server.pool);
}

static void close_world(struct reading_world *world)
{
	read_pool_stop(world->server.pool);
	http_world_close(&world->http);
	read_pool_free(world->server.pool);
	client_limits_free(world->server.limits);
	settings_holder_free(world->server.holder);
}

/* --- streams --- */

static const struct stream_row {
	const char *name, *request;
	int fills;
	const char *wanted[HTTP_WORLD_WANTED];
} stream_rows[] = {
    {"parts come in their order, and an end", "GET /stream HTTP/1.1\r\n" CLOSE,
	6,
	{"Transfer-Encoding: chunked\r\n", "Content-Type: text/csv\r\n",
	    "7\r\npart 1\n\r\n7\r\npart 3\n\r\n7\r\npart 5\n\r\n0\r\n\r\n",
	    "X-Content-Type-Options: nosniff"}},
    {"HTTP/1.0 gets them without chunks", "GET /stream HTTP/1.0\r\n\r\n", 6,
	{"~chunked", "\r\n\r\npart 1\npart 3\npart 5\n"}},
    {"HEAD gets none, and no length", "HEAD /stream HTTP/1.1\r\n" CLOSE, 0,
	{"Content-Type: text/csv\r\n", "~Content-Length", "~part"}},
    {"another request behind a stream",
	"GET /stream HTTP/1.1\r\nHost: x\r\n\r\nGET /json HTTP/1.1\r\n" CLOSE,
	6, {"part 5\n\r\n0\r\n\r\nHTTP/1.1 200 ", "{\"query\":\"none\"}"}},
    {"nothing, in very many parts", "GET /stream/nothing HTTP/1.1\r\n" CLOSE,
	100000, {"\r\n\r\n0\r\n\r\n"}},
    {"a reply as a whole", "GET /x?a=%20b HTTP/1.1\r\n" CLOSE, 0,
	{"HTTP/1.1 200 ", "ETag: ", "Link: <x>\r\n", "{\"query\":\"a=%20b\"}",
	    "Content-Type: application/json\r\n"}},
    {"what the client has already is not sent",
	"GET /x HTTP/1.1\r\nIf-None-Match: *\r\n" CLOSE, 0,
	{"HTTP/1.1 304 ", "~query"}},
    {"HEAD gets a length and no body", "HEAD /x HTTP/1.1\r\n" CLOSE, 0,
	{"HTTP/1.1 200 ", "Content-Length: 16\r\n", "~query"}},
    {"what failed has no good end", "GET /stream/fails HTTP/1.1\r\n" CLOSE, 3,
	{"5\r\npart\n\r\n", "~\r\n0\r\n\r\n"}},
};

/* The client may know of the end before the server does. */
static void wait_for_end(struct reading_world *world)
{
	int i;

	for (i = 0; i < 1000 && served.ends == 0; i++) {
		struct timeval most = {.tv_usec = 10000};

		event_base_loopexit(world->http.base, &most);
		event_base_dispatch(world->http.base);
	}
}

static void run_stream(void **state)
{
	const struct stream_row *row = *state;
	struct reading_world world;

	open_world(&world);
	http_world_talk(&world.http, row->request, strlen(row->request));
	http_world_expect(&world.http, row->wanted);
	if (row->fills > 0)
		wait_for_end(&world);
	assert_int_equal(served.fills, row->fills);
	assert_int_equal(served.ends, strstr(row->request, "/stream") != NULL);
	close_world(&world);
}

/* 1000 MiB would come; the client leaves with the first bytes. */
static void client_leaves(void **state)
{
	static const char ask[] =
	    "GET /stream/long HTTP/1.1\r\nHost: x\r\n\r\n";
	struct reading_world world;

	(void)state;
	open_world(&world);
	world.http.leaves = true;
	http_world_talk(&world.http, ask, strlen(ask));
	wait_for_end(&world);
	assert_int_equal(served.ends, 1);
	assert_in_range(served.fills, 1, 20);
	close_world(&world);
}

/* A server that ends in the middle of a stream. */
static void server_ends(void **state)
{
	static const char ask[] =
	    "GET /stream/long HTTP/1.1\r\nHost: x\r\n\r\n";
	struct reading_world world;

	(void)state;
	open_world(&world);
	world.http.leaves = true;
	http_world_talk(&world.http, ask, strlen(ask));
	assert_int_equal(served.ends, 0);
	close_world(&world);
	assert_int_equal(served.ends, 1);
}

/* What waits when the threads end is told so. */
static void late_question(void **state)
{
	static const char ask[] = "GET /x HTTP/1.1\r\n" CLOSE;
	const char *const wanted[HTTP_WORLD_WANTED] = {
	    "HTTP/1.1 503 ", "Retry-After: 5\r\n", "too many questions wait"};
	struct reading_world world;

	(void)state;
	open_world(&world);
	read_pool_stop(world.server.pool);
	http_world_talk(&world.http, ask, strlen(ask));
	http_world_expect(&world.http, wanted);
	close_world(&world);
}

static int ask_for_a_scan(const struct reading_world *world)
{
	static const char ask[] = "GET /scan HTTP/1.1\r\n" CLOSE;
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons(world->http.port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (void *)&at, sizeof(at)), 0);
	assert_int_equal(write(fd, ask, strlen(ask)), strlen(ask));
	return fd;
}

/* Four scans, each as long as it takes, and a lookup behind them. */
static void scans_and_a_lookup(void **state)
{
	static const char ask[] = "GET /x HTTP/1.1\r\n" CLOSE;
	struct reading_world world;
	int i, fds[4];

	(void)state;
	open_world(&world);
	for (i = 0; i < 4; i++)
		fds[i] = ask_for_a_scan(&world);
	while (served.dispatched < 4 || served.scans == 0)
		event_base_loop(world.http.base, EVLOOP_NONBLOCK);
	usleep(20000); /* for the other thread to take one, if it did */
	http_world_talk(&world.http, ask, strlen(ask));
	for (i = 0; i < 4; i++)
		close(fds[i]);
	close_world(&world);
	assert_int_equal(served.lookups, 1);
	assert_int_equal(served.scans_in_vain, 0);
}

int main(void)
{
	struct test_list list = {0};

	signal(SIGPIPE, SIG_IGN);
	TEST_ROWS(&list, stream_rows, run_stream);
	test_add(&list, "a client that leaves ends its stream", client_leaves);
	test_add(&list, "a server that ends ends its streams", server_ends);
	test_add(&list, "a question after the end is told so", late_question);
	test_add(&list, "a lookup waits for no scan, however many",
	    scans_and_a_lookup);
	return test_run("read_pool", &list);
}
