/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/health/ready.h"

#include "tests/support/rows.h"

#define SECOND INT64_C(1000000)
#define NOW    (1000 * SECOND)

/* All is well but for what a row says instead. */
#define BASE  .now_us = NOW, .queue_most = 100, .descriptors_most = 1000
#define ROOM  .free_bytes = 500, .free_least = 256
#define SOUND .geo_is_sound = true
#define WELL  BASE, ROOM, SOUND

static const struct row {
	const char *name;
	struct ready_facts facts;
	const char *reason; /* NULL: ready */
} rows[] = {
    {"nothing speaks against it", {WELL}, NULL},
    {"it ends", {WELL, .is_ending = true}, "ending"},
    {"half a queue is ready", {WELL, .queued = 50}, NULL},
    {"more than half is not", {WELL, .queued = 51}, "the queue is filling up"},
    {"a store that failed", {WELL, .failed_us = NOW - 9 * SECOND},
	"the store fails"},
    {"that is tried again", {WELL, .failed_us = NOW - 10 * SECOND}, NULL},
    {"too much was refused", {WELL, .overloaded_us = NOW - SECOND},
	"more comes in than it takes"},
    {"and no more", {WELL, .overloaded_us = NOW - 2 * SECOND}, NULL},
    {"connections hold too much", {WELL, .crowded_us = NOW - SECOND},
	"connections hold as much memory as they may"},
    {"and did so", {WELL, .crowded_us = NOW - 2 * SECOND}, NULL},
    {"a transaction runs", {WELL, .busy_us = NOW - 2 * SECOND}, NULL},
    {"it does not end", {WELL, .busy_us = NOW - 2 * SECOND - 1},
	"a transaction does not end"},
    {"one was slow", {WELL, .slow_us = NOW - 9 * SECOND},
	"transactions are slow"},
    {"that was long ago", {WELL, .slow_us = NOW - 10 * SECOND}, NULL},
    {"what is asked for is free",
	{BASE, SOUND, .free_bytes = 256, .free_least = 256}, NULL},
    {"less is free", {BASE, SOUND, .free_bytes = 255, .free_least = 256},
	"the disk is nearly full"},
    {"nothing is asked for", {BASE, SOUND, .free_bytes = 0, .free_least = 0},
	NULL},
    {"it is not known what is free",
	{BASE, SOUND, .free_bytes = -1, .free_least = 256}, NULL},
    {"nine tenths of the connections", {WELL, .descriptors = 900}, NULL},
    {"more of them", {WELL, .descriptors = 901},
	"nearly all connections are taken"},
    {"a log of 1 GiB", {WELL, .log_pages = 1 << 18}, NULL},
    {"a longer one", {WELL, .log_pages = (1 << 18) + 1},
	"somebody who reads holds the store's log"},
    {"geo data that cannot be read", {BASE, ROOM, .geo_is_sound = false},
	"a geo database cannot be read"},
    {"the worst is said first", {BASE, ROOM, .queued = 99, .failed_us = NOW},
	"the store fails"},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	const char *reason = ready_reason(&row->facts);

	if (row->reason == NULL)
		assert_null(reason);
	else
		assert_string_equal(reason, row->reason);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	return test_run("ready", &list);
}
