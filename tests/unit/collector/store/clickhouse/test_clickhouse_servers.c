/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_servers.h"

#include "tests/support/rows.h"
#include "tests/support/server.h"

/* How a server is each time that it is asked ('+': it answers, '-': it is
 * away), and when it is said that one went away ('!'). */
static const struct row {
	const char *name;
	const char *first, *second, *said;
} rows[] = {
    {"servers that answer are there", "++", "++", ".."},
    {"one that is away once is not said to be", "+-+", "+++", "..."},
    {"one that is away twice is, once", "+-----", "++++++", "..!..."},
    {"one that comes back and goes again is said to, again", "--+--+", "++++++",
	".!..!."},
    {"of two that are away each is said to be", "------", "++--++", ".!.!.."},
    {"who was never there is away", "--", "--", ".!"},
};

static const struct server_step answers[] = {
    {.kind = SERVER_HEAR},
    {.kind = SERVER_SAY,
	.text = "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nOk."},
    {.kind = SERVER_END},
};
static const struct server_step is_away[] = {{.kind = SERVER_RST}};

/* Each server takes one connection: they are others each time. */
static bool went_away(struct clickhouse *handle, const char how[2])
{
	struct server servers[2];
	bool went;
	size_t i;

	for (i = 0; i < 2; i++) {
		server_start(&servers[i], "127.0.0.1",
		    how[i] == '+' ? answers : is_away, NULL);
		handle->urls[i].port = servers[i].port;
	}
	went = servers_went_away(handle);
	for (i = 0; i < 2; i++)
		server_join(&servers[i]);
	return went;
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct store_settings settings = {
	    .cluster = {.name = "c",
		.database = "d",
		.urls = "http://127.0.0.1:1 http://127.0.0.1:2",
		.quorum = 2}};
	struct clickhouse *handle;
	struct err err = {""};
	size_t i;

	assert_int_equal(clickhouse_handle_new(&settings, &handle, &err), 0);
	for (i = 0; row->said[i] != '\0'; i++) {
		const char how[2] = {row->first[i], row->second[i]};

		assert_int_equal(went_away(handle, how), row->said[i] == '!');
	}
	clickhouse_handle_free(handle);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, test_row);
	return test_run("clickhouse_servers", &list);
}
