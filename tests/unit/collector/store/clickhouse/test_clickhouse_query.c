/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_servers.h"
#include "lib/base/clock.h"
#include "tests/support/rows.h"
#include "tests/support/server.h"

#define SERVERS_MOST 3

#define HEAD(status, length)                       \
	"HTTP/1.1 " status "\r\nConnection: close" \
	"\r\nContent-Length: " length "\r\n\r\n"
#define STORED HEAD("200 OK", "0")
/* The number has three digits. */
#define FAILED(code) HEAD("500 Internal", "12") "Code: " code ", e"
#define LOST         ""

/* What servers say to an insert, each to the one that it gets; LOST: they close
 * instead. */
static const struct row {
	const char *name;
	const char *answers[SERVERS_MOST];
	int result;
} rows[] = {
    {"the first server has it", {STORED}, 0},
    {"a full disk is left for the next server", {FAILED("243"), STORED}, 0},
    {"servers without memory or ZooKeeper are left for the next",
	{FAILED("241"), FAILED("225"), STORED}, 0},
    {"a connection that is lost is left for the next server", {LOST, STORED},
	0},
    {"what a server refuses is not stored", {FAILED("062")}, -EIO},
    {"whom a server refuses has nothing stored", {FAILED("516")}, -EPERM},
    {"after a lost answer a refusal does not say that nothing is stored",
	{LOST, FAILED("062")}, -EAGAIN},
    {"nor does one of the account", {LOST, FAILED("516")}, -EAGAIN},
    {"nor after a full disk, as other shards may have theirs",
	{FAILED("243"), FAILED("062")}, -EAGAIN},
};

/* Servers that answer like that, and who asks them, from the first one on. */
struct world {
	struct server_step steps[SERVERS_MOST][3];
	struct server servers[SERVERS_MOST];
	size_t count;
	struct clickhouse *handle;
};

static void open_world(struct world *world, const struct row *row)
{
	struct store_settings settings = {
	    .cluster = {.name = "c", .database = "d", .quorum = 2}};
	char *urls = settings.cluster.urls;
	struct err err = {""};
	size_t i;

	for (i = 0; i < SERVERS_MOST && row->answers[i] != NULL; i++) {
		struct server_step *steps = world->steps[i];

		steps[0].kind = SERVER_HEAR;
		steps[1].kind = row->answers[i][0] != '\0' ? SERVER_SAY
							   : SERVER_RST;
		steps[1].text = row->answers[i];
		server_start(&world->servers[i], "127.0.0.1", steps, NULL);
		snprintf(urls + strlen(urls),
		    sizeof(settings.cluster.urls) - strlen(urls),
		    "http://127.0.0.1:%u ", world->servers[i].port);
	}
	world->count = i;
	assert_int_equal(
	    clickhouse_handle_new(&settings, &world->handle, &err), 0);
	world->handle->url = 0;
}

/* What came after the head of the request. */
static const char *body_of(const struct server *server)
{
	const char *body = strstr(server->said, ";;");

	assert_non_null(body);
	return body;
}

static void close_world(struct world *world)
{
	size_t i;

	clickhouse_handle_free(world->handle);
	for (i = 0; i < world->count; i++)
		server_join(&world->servers[i]);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct world world = {.count = 0};
	struct buf rows_sent = {0};
	const struct clickhouse_insert insert = {
	    .into = "@D.t (a)", .rows = &rows_sent};
	struct err err = {""};
	size_t i;
	int result;

	wire_put_text(&rows_sent, "the same bytes");
	open_world(&world, row);
	result = clickhouse_insert(world.handle, &insert, &err);
	/* The one that answered is asked the next time. */
	if (result == 0)
		assert_int_equal(world.handle->url, world.count - 1);
	close_world(&world);
	buf_free(&rows_sent);
	assert_int_equal(result, row->result);
	for (i = 0; i < world.count; i++)
		if (row->answers[i][0] != '\0')
			assert_string_equal(
			    body_of(&world.servers[i]), ";;\016the same bytes");
}

static int take_byte(void *arg, struct wire *wire)
{
	uint64_t value = wire_take(wire, 1);

	if (!wire->ran_out)
		*(uint64_t *)arg = value;
	return 0;
}

#define FRESH "max_replica_delay_for_distributed_queries=60 "
#define ANY   "max_replica_delay_for_distributed_queries=0 "

/* Which copies each of three servers is asked to read, of which the third
 * answers. */
static const struct read_row {
	const char *name;
	bool for_public, hung;
	const char *read[SERVERS_MOST];
} read_rows[] = {
    {"a read goes on at the next server, and reads no copy that is behind",
	false, false, {FRESH, FRESH, FRESH}},
    {"the public is shown a copy that is behind where two servers failed", true,
	false, {FRESH, FRESH, ANY}},
    {"a count waits for a copy that is not behind where reads hang", false,
	true, {FRESH, FRESH, FRESH}},
    {"the public is shown a copy that is behind where reads hang", true, true,
	{ANY, ANY, ANY}},
};

static void test_select(void **state)
{
	static const struct row row = {
	    "", {FAILED("243"), FAILED("202"), HEAD("200 OK", "1") "7"}, 0};
	const struct read_row *read = *state;
	struct world world = {.count = 0};
	uint64_t found = 0;
	const struct clickhouse_select select = {.sql = "SELECT 1",
	    .row = take_byte,
	    .arg = &found,
	    .for_public = read->for_public};
	struct err err = {""};
	size_t i;
	int result;

	if (read->hung)
		servers_note_hang();
	open_world(&world, &row);
	result = clickhouse_select(world.handle, &select, &err);
	close_world(&world);
	assert_int_equal(result, 0);
	for (i = 0; i < SERVERS_MOST; i++)
		assert_non_null(strstr(world.servers[i].said, read->read[i]));
	assert_int_equal(found, '7');
}

/* What they say to a statement that all servers are told. */
static const struct row told[] = {
    {"a server that was told has done it", {STORED}, 0},
    {"what was told is told once, and done when a server is back",
	{FAILED("159")}, -EINPROGRESS},
    {"the next server is told where one has no ZooKeeper",
	{FAILED("225"), STORED}, 0},
    {"what a server refuses to do is not told again", {FAILED("062")}, -EIO},
};

/* After them comes one that is away: to be told would fail. */
static void test_told(void **state)
{
	const struct row *row = *state;
	struct world world = {.count = 0};
	struct clickhouse *handle;
	struct err err = {""};
	int result;

	open_world(&world, row);
	handle = world.handle;
	handle->urls[handle->nurls] = handle->urls[0];
	handle->urls[handle->nurls++].port = 1;
	result = clickhouse_tell(handle, "ALTER", &err);
	assert_int_equal(handle->url, world.count - 1);
	close_world(&world);
	assert_int_equal(result, row->result);
}

/* Servers that take connections and say nothing. */
static void test_told_silent(void **state)
{
	struct store_settings settings = {
	    .cluster = {.name = "c", .database = "d", .quorum = 2}};
	struct server silent[SERVERS_MOST];
	char *urls = settings.cluster.urls;
	int64_t began_us = clock_mono_us();
	struct clickhouse *handle;
	struct err err = {""};
	size_t i;

	(void)state;
	for (i = 0; i < SERVERS_MOST; i++) {
		server_start_silent(&silent[i], 16);
		snprintf(urls + strlen(urls),
		    sizeof(settings.cluster.urls) - strlen(urls),
		    "http://127.0.0.1:%u ", silent[i].port);
	}
	assert_int_equal(clickhouse_handle_new(&settings, &handle, &err), 0);
	assert_true(clickhouse_tell(handle, "ALTER", &err) < 0);
	/* A try would take a minute, and there are three. */
	assert_true(clock_mono_us() - began_us < 30 * 1000000);
	clickhouse_handle_free(handle);
	for (i = 0; i < SERVERS_MOST; i++)
		server_stop_silent(&silent[i]);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, test_row);
	TEST_ROWS(&list, told, test_told);
	TEST_ROWS(&list, read_rows, test_select);
	test_add(&list, "servers that say nothing are told for some seconds",
	    test_told_silent);
	return test_run("clickhouse_query", &list);
}
