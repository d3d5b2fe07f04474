/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/told.h"

#include <string.h>

#include "tests/support/rows.h"
#include "tests/support/stored.h"

#define EARLIER (STORED_NOON - 40 * DAY_MS)
#define LATER   (STORED_NOON - 20 * DAY_MS)

/* A network's events, and what is published of it without a date. */
static const struct row {
	const char *name;
	struct told_event {
		enum network_state from, to;
		int64_t at_ms;
	} events[2];
	enum network_state state;
	int64_t lines_ms; /* what its lines say; 0: nothing */
	int64_t since_ms;
	bool is_first;
} rows[] = {
    {"no event: it was never seen otherwise", {{0}}, STATE_FILTERED, 0, 0,
	true},
    {"the first that was told is no change",
	{{STATE_INSUFFICIENT, STATE_FILTERED, LATER}}, STATE_FILTERED, 0, 0,
	true},
    {"a change from another verdict says when",
	{{STATE_INSUFFICIENT, STATE_OPEN, EARLIER},
	    {STATE_OPEN, STATE_FILTERED, LATER}},
	STATE_FILTERED, 0, LATER, false},
    {"a lift does, too",
	{{STATE_INSUFFICIENT, STATE_FILTERED, EARLIER},
	    {STATE_FILTERED, STATE_OPEN, LATER}},
	STATE_OPEN, 0, LATER, false},
    {"what its lines say is nearer",
	{{STATE_INSUFFICIENT, STATE_OPEN, EARLIER},
	    {STATE_OPEN, STATE_FILTERED, LATER}},
	STATE_FILTERED, LATER - 5, LATER - 5, false},
    {"a change into another state says nothing of this one",
	{{STATE_INSUFFICIENT, STATE_OPEN, EARLIER},
	    {STATE_OPEN, STATE_FILTERED, LATER}},
	STATE_PARTIAL, 0, 0, true},
    {"that nothing is known has no date",
	{{STATE_INSUFFICIENT, STATE_OPEN, EARLIER},
	    {STATE_OPEN, STATE_INSUFFICIENT, LATER}},
	STATE_INSUFFICIENT, 0, 0, false},
};

static void store_events_of(struct store *store, const struct row *row)
{
	struct event events[2];
	struct store_past past = {.events = events, .closed_day = STORE_NO_DAY};
	struct err err;

	for (; past.nevents < 2; past.nevents++) {
		const struct told_event *from = &row->events[past.nevents];

		if (from->at_ms == 0)
			break;
		events[past.nevents] = (struct event){
		    .at_ms = from->at_ms,
		    .asn = 64500,
		    .family = 4,
		    .port = 25,
		    .from = from->from,
		    .to = from->to,
		};
		event_identify(&events[past.nevents]);
	}
	if (past.nevents > 0)
		assert_int_equal(store_add_past(store, &past, &err), 0);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct network_verdict verdict = {
	    .asn = 64500,
	    .family = 4,
	    .port = 25,
	    .state = row->state,
	    .since_ms = row->lines_ms,
	    .since_is_first = row->lines_ms == 0 &&
			      row->state != STATE_INSUFFICIENT,
	};
	struct told told = {0};
	struct store *store;
	struct err err;

	assert_int_equal(stored_set_up(NULL), 0);
	store = stored_open(false);
	store_events_of(store, row);
	assert_int_equal(told_load(&told, store, &err), 0);
	told_date(&told, &verdict);
	assert_int_equal(verdict.since_ms, row->since_ms);
	assert_int_equal(verdict.since_is_first, row->is_first);
	verdict.port = 587; /* of which nothing was told */
	verdict.since_ms = 0;
	told_date(&told, &verdict);
	assert_int_equal(verdict.since_ms, 0);
	told_free(&told);
	store_close(store);
	assert_int_equal(stored_tear_down(NULL), 0);
}

int main(int argc, char **argv)
{
	struct test_list list = {0};

	stored_on_cluster(argc, argv);
	TEST_ROWS(&list, rows, run_row);
	return test_run("told", &list);
}
