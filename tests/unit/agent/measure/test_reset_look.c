/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/reset_look.h"

#include <event2/event.h>
#include <string.h>

#include "tests/support/rows.h"
#include "tests/support/server.h"

/* Over the loopback every TTL reaches the server, which plays the path. */

struct run {
	struct event_base *base;
	int done;
	enum reset_look_found found;
};

static void on_done(void *arg, enum reset_look_found found)
{
	struct run *run = arg;

	run->found = found;
	run->done++;
	event_base_loopbreak(run->base);
}

static enum reset_look_found look_at(const struct server *server)
{
	struct run run = {.base = event_base_new()};

	assert_non_null(run.base);
	assert_non_null(reset_look_start(
	    run.base, &server->address, server->port, 1, on_done, &run));
	event_base_dispatch(run.base);
	assert_int_equal(run.done, 1);
	event_base_free(run.base);
	return run.found;
}

static const struct look_row {
	const char *name;
	struct server_step steps[3];
	enum reset_look_found found;
} look_rows[] = {
    {"a reset that answers EHLO is seen", {{SERVER_HEAR}, {SERVER_RST}},
	RESET_LOOK_CAME},
    {"a reset that answers the handshake is seen", {{SERVER_RST}},
	RESET_LOOK_CAME},
    {"who greets has got the words, and proves nothing",
	{{SERVER_SAY, "220 mx.example.net\r\n"}, {SERVER_END}},
	RESET_LOOK_HEARD},
};

static void looks(void **state)
{
	const struct look_row *row = *state;
	struct server server;

	server_start(&server, "127.0.0.1", row->steps, NULL);
	assert_int_equal(look_at(&server), row->found);
	server_join(&server);
}

static void silence(void **state)
{
	struct server server;

	server_start_silent(&server, 4);
	assert_int_equal(look_at(&server), RESET_LOOK_NONE);
	server_stop_silent(&server);
}

static void cancelled(void **state)
{
	struct run run = {.base = event_base_new()};
	struct server server;

	server_start_silent(&server, 4);
	reset_look_cancel(reset_look_start(
	    run.base, &server.address, server.port, 1, on_done, &run));
	reset_look_cancel(NULL);
	event_base_dispatch(run.base);
	assert_int_equal(run.done, 0);
	event_base_free(run.base);
	server_stop_silent(&server);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, look_rows, looks);
	test_add(&list, "no reset for two seconds is none", silence);
	test_add(&list, "a look that is cancelled says nothing", cancelled);
	return test_run("reset_look", &list);
}
