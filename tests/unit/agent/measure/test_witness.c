/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rows.h"

static const struct silence_row {
	const char *name;
	int64_t again, failed;        /* by how much the counters moved */
	int64_t retransmitted, least; /* by our own sockets */
	enum witness_says expected;
	int64_t looped; /* packets over lo */
} silence_rows[] = {
    {"every retransmission failed inside", 3, 3, 3, 3, WITNESS_HELD},
    {"none failed", 3, 0, 3, 3, WITNESS_LEFT},
    {"none failed, and others retransmitted as well", 9, 0, 3, 3, WITNESS_LEFT},
    {"a group of which one port is held", 6, 3, 6, 3, WITNESS_MIXED},
    {"others' segments are held as well", 5, 5, 3, 3, WITNESS_HELD},
    {"others' segments pass, fewer than ours", 5, 3, 3, 3, WITNESS_HELD},
    {"others' segments are held, fewer than ours", 5, 2, 3, 3, WITNESS_LEFT},
    {"others' segments pass, as many as ours", 6, 3, 3, 3, WITNESS_NOISE},
    {"of one of two, others' may be the failures", 5, 2, 4, 2, WITNESS_NOISE},
    {"a group, and others' failure", 5, 1, 4, 2, WITNESS_LEFT},
    {"a group, and others' segment that passed", 5, 4, 4, 2, WITNESS_HELD},
    {"a filter switched on between two", 2, 1, 2, 2, WITNESS_MIXED},
    {"counters that stand still in a sandbox", 0, 0, 3, 3, WITNESS_NOTHING},
    {"counters that saw less than our socket", 2, 2, 3, 3, WITNESS_NOTHING},
    {"a socket that does not say", 3, 3, 0, OBSERVE_ABSENT, WITNESS_NOTHING},
    {"nothing was retransmitted yet", 0, 0, 0, 0, WITNESS_NOTHING},
    {"as many went over lo: perhaps to this host itself", 3, 0, 3, 3,
	WITNESS_LOOPED, 3},
    {"fewer went over lo", 3, 0, 3, 3, WITNESS_LEFT, 2},
    {"a group, and as many over lo as one of them", 4, 0, 4, 2, WITNESS_LOOPED,
	2},
    {"what fails inside is held, whatever goes over lo", 3, 3, 3, 3,
	WITNESS_HELD, 9},
};

static void silence(void **state)
{
	const struct silence_row *row = *state;
	struct host_counters before = {true, 1000, 77, 5}, after = before;

	after.sent_again += row->again;
	after.failed_inside += row->failed;
	after.loopback_packets += row->looped;
	assert_int_equal(
	    witness_of_silence(&before, &after, row->retransmitted, row->least),
	    row->expected);
	before.known = false;
	assert_int_equal(
	    witness_of_silence(&before, &after, row->retransmitted, row->least),
	    WITNESS_NOTHING);
}

static void reports(void **state)
{
	struct host_seen host = witness_report(WITNESS_HELD, 3);

	(void)state;
	assert_true(host.known && host.retransmitted == 3 && host.failed == 3);
	host = witness_report(WITNESS_LEFT, 2);
	assert_true(host.known && host.retransmitted == 2 && host.failed == 0);
	assert_false(witness_report(WITNESS_MIXED, 3).known);
	assert_false(witness_report(WITNESS_NOISE, 3).known);
	assert_false(witness_report(WITNESS_LOOPED, 3).known);
	assert_false(witness_report(WITNESS_NOTHING, 3).known);
	assert_false(witness_report(WITNESS_LEFT, 0).known);
}

static const struct reset_row {
	const char *name;
	struct witness_try tries[16];
	size_t count;
	bool known;
	int expected;
} reset_rows[] = {
    {"a reset without a packet over lo came from outside", {{0, 0}}, 1, true,
	0},
    {"five times one packet over lo", {{1}, {1}, {1}, {1}, {1}}, 5, true, 1},
    {"four times is not enough", {{1}, {1}, {1}, {1}}, 4, false, 0},
    {"the figures may differ: others have handshakes too",
	{{3}, {5}, {3}, {4}, {3}}, 5, true, 3},
    {"others use lo too, and then not", {{7, 3}, {2, 0}, {0, 0}}, 3, true, 0},
    {"others use lo all the time, and once less", {{7, 3}, {9, 4}, {0, 4}}, 3,
	true, 0},
    {"others use lo all the time",
	{{7, 3}, {2, 1}, {9, 9}, {4, 2}, {1, 1}, {5, 2}}, 6, false, 0},
    {"a try with noise takes back one without",
	{{1}, {1}, {1}, {1}, {1, 2}, {1}}, 6, false, 0},
    {"and one more without is enough", {{1}, {1}, {1}, {1}, {1, 2}, {1}, {1}},
	7, true, 1},
    {"on a busy machine, whoever interrupted a try is no noise",
	{{1, 0, 90}, {9, 2, 900}, {1, 0, 80}, {5, 1, 600}, {1, 0, 90},
	    {1, 0, 99}, {9, 1, 5000}, {1, 0, 300}},
	8, true, 1},
    {"nor does it prove",
	{{1, 0, 90}, {1, 0, 500}, {1, 0, 500}, {1, 0, 500}, {1, 0, 500}}, 5,
	false, 0},
    {"without a packet over lo it clears the host all the same",
	{{1, 0, 90}, {0, 0, 900}}, 2, true, 0},
    {"nothing was tried", {{0}}, 0, false, 0},
};

static void resets(void **state)
{
	const struct reset_row *row = *state;
	struct host_seen host = witness_of_resets(row->tries, row->count);

	assert_int_equal(host.known, row->known);
	assert_int_equal(host.looped, row->expected);
	assert_int_equal(host.failed, 0);
}

/* Attempts as "PORT=WORD", and the suspects that they leave. */
static const struct suspect_row {
	const char *name, *address, *attempts, *expected;
} suspect_rows[] = {
    {"a port that was silent twice", "192.0.2.25",
	"443=open 25=silent 25=silent", "25"},
    {"a port that was reset", "192.0.2.25", "25=reset", "25r"},
    {"what the attempts proved needs no more", "192.0.2.25",
	"25=silent 25=proved", ""},
    {"a port that passed once was not held here", "192.0.2.25",
	"25=silent 25=done", ""},
    {"control ports are not asked about", "192.0.2.25", "443=mute", ""},
    {"a port that is answered from TTL 1", "192.0.2.25", "25=done 25=near",
	"25r"},
    {"three ports", "2001:db8::25", "25=silent 587=reset 465=silent",
	"25 587r 465"},
    {"this host itself has nothing to leave", "127.0.0.1", "25=reset", ""},
    {"nor has it over IPv6", "::1", "25=reset", ""},
};

static void add_attempt(struct target_seen *target, const char *text)
{
	const char *word = strchr(text, '=') + 1;
	const struct path_seen near = {.port = 25,
	    .reached = true,
	    .answer = ANSWER_SYN_ACK,
	    .answer_ttl = 1};
	struct probe_seen probe;

	probe_seen_init(&probe, (uint16_t)atoi(text),
	    strcmp(word, "open") == 0 || strcmp(word, "mute") == 0
		? MODE_CONNECT
		: MODE_STARTTLS);
	probe.failure = strcmp(word, "reset") == 0 ? FAILURE_REFUSED
						   : FAILURE_TIMEOUT;
	if (strcmp(word, "open") == 0 || strcmp(word, "done") == 0 ||
	    strcmp(word, "near") == 0)
		probe.failure = FAILURE_NONE;
	probe.host.known = strcmp(word, "proved") == 0;
	assert_int_equal(target_seen_add_probe(target, &probe), 0);
	if (strcmp(word, "near") == 0)
		assert_int_equal(target_seen_add_path(target, &near), 0);
}

static void suspects(void **state)
{
	const struct suspect_row *row = *state;
	struct witness_suspect found[4];
	struct target_seen target = {0};
	char copy[100], text[100] = "", *save = NULL, *token;
	size_t i, count, length = 0;

	assert_true(addr_parse(&target.address, row->address));
	snprintf(copy, sizeof(copy), "%s", row->attempts);
	for (token = strtok_r(copy, " ", &save); token != NULL;
	     token = strtok_r(NULL, " ", &save))
		add_attempt(&target, token);
	count = witness_add_suspects(&target, found, 0, 4);
	for (i = 0; i < count; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
		    "%s%u%s", i ? " " : "", found[i].port,
		    found[i].answered ? "r" : "");
	assert_string_equal(text, row->expected);
	target_seen_free(&target);
}

static void keeps(void **state)
{
	struct target_seen target = {0};
	struct witness_suspect found[4];

	(void)state;
	assert_true(addr_parse(&target.address, "192.0.2.25"));
	add_attempt(&target, "25=silent");
	assert_int_equal(witness_add_suspects(&target, found, 0, 4), 1);
	assert_int_equal(witness_keep(&target, &found[0]), 0);
	assert_int_equal(target.nprobes, 1);
	found[0].host = witness_report(WITNESS_HELD, 3);
	assert_int_equal(witness_keep(&target, &found[0]), 0);
	assert_int_equal(target.nprobes, 2);
	assert_int_equal(target.probes[1].failure, FAILURE_TIMEOUT);
	assert_int_equal(target.probes[1].host.failed, 3);
	assert_int_equal(target.probes[1].mode, MODE_STARTTLS);
	assert_true(addr_parse(&found[0].address, "192.0.2.26"));
	assert_int_equal(witness_keep(&target, &found[0]), 0);
	assert_int_equal(target.nprobes, 2);
	target_seen_free(&target);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, silence_rows, silence);
	test_add(&list, "only what is proved is reported", reports);
	TEST_ROWS(&list, reset_rows, resets);
	TEST_ROWS(&list, suspect_rows, suspects);
	test_add(&list, "what was proved is one more attempt", keeps);
	return test_run("witness", &list);
}
