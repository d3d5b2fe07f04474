/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/service/status_text.h"
#include "tests/support/explain_round.h"
#include "tests/support/rows.h"

#define NOW_MS INT64_C(1795507200000) /* 2026-11-24T08:00:00Z */
#define MINUTE 60000

/* --- the states --- */

static void take(struct port_states *states, const char *text, int64_t now_ms)
{
	struct explain_round round;
	struct report report;

	explain_round_make(&round, &report, text);
	assert_int_equal(port_states_update(states, &round, now_ms), 0);
	explain_round_drop(&round, &report);
}

/* Rounds a minute apart, then the state of port 25 over IPv4 and the round
 * since which it has lasted. */
static const struct port_row {
	const char *name, *rounds[3];
	enum port_state state;
	int since;
} port_rows[] = {
    {"open is open", {"mx 4 25 open"}, PORT_OPEN, 0},
    {"dropped is filtered", {"mx 4 25 drop@2"}, PORT_FILTERED, 0},
    {"a state that stays keeps its start",
	{"mx 4 25 drop@2", "mx 4 25 drop@2", "mx 4 25 drop@2"}, PORT_FILTERED,
	0},
    {"a state that changes starts again", {"mx 4 25 open", "mx 4 25 drop@2"},
	PORT_FILTERED, 1},
    {"a different way to filter is still filtered",
	{"mx 4 25 drop@2", "mx 4 25 reset@2"}, PORT_FILTERED, 0},
    {"an inconclusive round changes nothing",
	{"mx 4 25 drop@2", "mx 4 25 offline"}, PORT_FILTERED, 0},
    {"endpoints that differ are mixed", {"mx 4 25 open; mx2 4 25 drop@2"},
	PORT_MIXED, 0},
    {"also in separate rounds", {"mx 4 25 open", "mx2 4 25 drop@2"}, PORT_MIXED,
	1},
    {"of two addresses the worse one counts",
	{"mx 4 25 open; mx#2 4 25 drop@2"}, PORT_FILTERED, 0},
    {"the families are separate", {"mx 4 25 open; mx 6 25 drop@2"}, PORT_OPEN,
	0},
    {"an endpoint that is down says nothing about the network",
	{"mx 4 25 open", "mx 4 25 down"}, PORT_OPEN, 0},
};

static void run_port(void **state)
{
	const struct port_row *row = *state;
	struct port_states states = {0};
	size_t i;

	for (i = 0; i < 3 && row->rounds[i] != NULL; i++)
		take(&states, row->rounds[i], NOW_MS + (int64_t)i * MINUTE);
	assert_true(states.nports > 0);
	assert_int_equal(states.ports[0].family, 4);
	assert_int_equal(states.ports[0].port, 25);
	assert_int_equal(states.ports[0].state, row->state);
	assert_true(states.ports[0].since_ms == NOW_MS + row->since * MINUTE);
	port_states_free(&states);
}

static const struct word_row {
	const char *name, *before, *now;
	bool turned_away, changed;
} word_rows[] = {
    {"the first round is no change", NULL, "mx 4 25 drop@2", false, false},
    {"the same again is no change", "mx 4 25 drop@2", "mx 4 25 drop@3", false,
	false},
    {"another mechanism is a change", "mx 4 25 open", "mx 4 25 drop@2", false,
	true},
    {"one port of several is a change", "mx 4 25 open; mx 4 587 open",
	"mx 4 25 open; mx 4 587 reset@2", false, true},
    {"an inconclusive round is no change", "mx 4 25 open", "mx 4 25 offline",
	false, false},
    {"another endpoint's change is not this one's", "mx 4 25 open; b 4 25 open",
	"mx 4 25 open; b 4 25 drop@2", false, false},
    {"a 4xx or 5xx turns us away", NULL, "mx 4 25 rejected; mx 4 587 open",
	true, false},
    {"refused on the only port turns us away", NULL, "mx 4 25 refused", true,
	false},
    {"a refused port beside an open one does not", NULL,
	"mx 4 25 open; mx 4 465 refused", false, false},
    {"another endpoint's refusal is not this one's", NULL,
	"mx 4 25 open; b 4 25 rejected", false, false},
    {"a filter's reset is not the endpoint's", NULL, "mx 4 25 reset@2", false,
	false},
};

static void run_word(void **state)
{
	const struct word_row *row = *state;
	struct port_states states = {0};
	struct explain_round round;
	struct port_states_news news;
	struct report report;

	if (row->before != NULL)
		take(&states, row->before, NOW_MS);
	explain_round_make(&round, &report, row->now);
	news = port_states_compare(&states, &round, "mx");
	assert_int_equal(news.turned_away, row->turned_away);
	assert_int_equal(news.changed, row->changed);
	explain_round_drop(&round, &report);
	port_states_free(&states);
}

static void forgotten(void **state)
{
	struct port_states states = {0};

	(void)state;
	take(&states, "mx 4 25 drop@2; mx 6 25 open; mx 6 587 open", NOW_MS);
	port_states_forget(&states, 6);
	assert_int_equal(states.nports, 1);
	assert_int_equal(states.ports[0].family, 4);
	assert_int_equal(states.ports[0].state, PORT_FILTERED);
	assert_int_equal(states.nseen, 1);
	assert_int_equal(states.seen[0].family, 4);
	port_states_free(&states);
}

/* --- the status --- */

static void fill(struct status *status)
{
	struct status_endpoint *endpoint;

	memset(status, 0, sizeof(*status));
	status->pid = 4242;
	status->process_start = 99;
	strcpy(status->software, "egress25-agent/1");
	strcpy(status->agent, "a1");
	strcpy(status->collector, "https://c.example");
	strcpy(status->doing, "resting");
	status->started_ms = NOW_MS - 7200000;
	status->written_ms = NOW_MS - 5000;
	status->round_began_ms = NOW_MS - 200000;
	status->round_ended_ms = NOW_MS - 180000;
	status->round_addresses = 8;
	status->next_ms = NOW_MS + 420000;
	status->spool_reports = 3;
	status->spool_dropped = 1;
	status->upload_ms = NOW_MS - 3 * 86400000;
	status->upload_failed_ms = NOW_MS - 30000;
	status->upload_retry_ms = NOW_MS + 90000;
	strcpy(status->upload_error, "no answer in time");
	status->day_ms = NOW_MS - NOW_MS % 86400000;
	status->day_syns = 1234;
	status->day_most = 200000;
	status->day_questions = 56;
	status->day_questions_most = 100000;
	status->plan_taken_ms = NOW_MS - 600000;
	status->plan_until_ms = NOW_MS + 3000000;
	addr_parse(&status->source4, "203.0.113.7");
	take(&status->port_states,
	    "mx 4 25 drop@2; mx 6 25 open; mx 4 587 open", NOW_MS - 86400000);
	endpoint = status_endpoint(status, "mx");
	endpoint->visited_ms = NOW_MS - 200000;
	endpoint->next_ms = NOW_MS + 420000;
	endpoint->away = 2;
}

static void round_trip(void **state)
{
	struct buf once = {0}, twice = {0};
	struct status status, again;
	struct err err;

	(void)state;
	fill(&status);
	status_encode(&status, &once);
	if (status_decode(once.data, once.length, &again, &err) != 0)
		fail_msg("%s", err.text);
	status_encode(&again, &twice);
	assert_string_equal(once.data, twice.data);
	assert_non_null(strstr(once.data, "\"turned_away\":2"));
	assert_non_null(strstr(once.data, "\"syns\":1234,\"most\":200000,"
					  "\"questions\":56,"
					  "\"questions_most\":100000"));
	status_free(&status);
	status_free(&again);
	buf_free(&once);
	buf_free(&twice);
}

static const struct text_row {
	const char *name;
	bool running;
	const char *wanted[9], *absent;
} text_rows[] = {
    {"a running agent says what it does and when", true,
	{"The agent is running (process 4242, for 2 h): resting.",
	    "last round   3 min ago, 8 addresses in 20 s",
	    "next visit   in 7 min", "the collector's, 10 min old",
	    "1234 of at most 200000 SYNs and 56 of at most 100000 DNS "
	    "questions "
	    "sent today (UTC)",
	    "3 waiting, 1 dropped", "next upload  in 90 s",
	    "upload error 30 s ago: no answer in time",
	    "IPv4    25     filtered     2026-11-23T08:00:00Z"},
	"No agent"},
    {"an agent that has ended shows its last status and no next visit", false,
	{"No agent is running here. The last one wrote this 5 s ago:",
	    "last upload  3 d ago", "IPv6    25     open"},
	"next"},
};

static void run_text(void **state)
{
	const struct text_row *row = *state;
	struct buf text = {0};
	struct status status;
	size_t i;

	fill(&status);
	status_text(&status, row->running, NOW_MS, &text);
	for (i = 0; i < 9 && row->wanted[i] != NULL; i++)
		if (strstr(text.data, row->wanted[i]) == NULL)
			fail_msg(
			    "%s is not in:\n%s", row->wanted[i], text.data);
	assert_null(strstr(text.data, row->absent));
	status_free(&status);
	buf_free(&text);
}

static void fresh_text(void **state)
{
	struct status status = {.started_ms = NOW_MS};
	struct buf text = {0};

	(void)state;
	status_text(&status, true, NOW_MS, &text);
	assert_non_null(strstr(text.data, "not enrolled yet"));
	assert_non_null(strstr(text.data, "last round   none yet"));
	assert_non_null(strstr(text.data, "last upload  none yet"));
	assert_non_null(strstr(text.data, "none: visiting the endpoints file"));
	assert_non_null(strstr(text.data, "Nothing is known"));
	buf_free(&text);
}

#define FORMAT "{\"format\":\"egress25-status/1\","

static const struct bad_row {
	const char *name, *json;
} bad_rows[] = {
    {"an empty file", ""},
    {"a truncated file", FORMAT "\"pid\":1"},
    {"another format", "{\"format\":\"egress25-status/2\"}"},
    {"a negative pid", FORMAT "\"pid\":-1}"},
    {"an invalid time", FORMAT "\"started\":\"now\"}"},
    {"a round that is a number", FORMAT "\"round\":1}"},
    {"an invalid port",
	FORMAT "\"ports\":[{\"family\":4,\"port\":0,\"state\":\"open\"}]}"},
    {"an unknown state",
	FORMAT "\"ports\":[{\"family\":4,\"port\":25,\"state\":\"shut\"}]}"},
    {"endpoints that are numbers", FORMAT "\"endpoints\":[1]}"},
};

static void run_bad(void **state)
{
	const struct bad_row *row = *state;
	struct status status;
	struct err err = {""};

	assert_int_equal(
	    status_decode(row->json, strlen(row->json), &status, &err),
	    -EINVAL);
	assert_true(err.text[0] != '\0');
	assert_int_equal(status.nendpoints, 0);
	assert_null(status.port_states.ports);
}

static void dropped(void **state)
{
	struct status status;

	(void)state;
	fill(&status);
	status_endpoint(&status, "b");
	status_drop_endpoint(&status, "mx");
	assert_int_equal(status.nendpoints, 1);
	assert_string_equal(status.endpoints[0].name, "b");
	assert_int_equal(status.port_states.nseen, 0);
	status_free(&status);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, port_rows, run_port);
	TEST_ROWS(&list, word_rows, run_word);
	test_add(&list, "a family on another network is forgotten, not both",
	    forgotten);
	test_add(&list, "a status survives encoding and decoding", round_trip);
	TEST_ROWS(&list, text_rows, run_text);
	test_add(&list, "an agent that has just started says so", fresh_text);
	TEST_ROWS(&list, bad_rows, run_bad);
	test_add(&list, "an endpoint is removed with its diagnoses", dropped);
	return test_run("status", &list);
}
