/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/witness.h"

#include <string.h>

#include "tests/support/rows.h"

static const struct silence_row {
	const char *name;
	int64_t again, failed; /* by how much the counters moved */
	int64_t retransmitted; /* by our own sockets */
	enum witness_says expected;
} silence_rows[] = {
    {"every retransmission failed inside", 3, 3, 3, WITNESS_HELD},
    {"none failed", 3, 0, 3, WITNESS_LEFT},
    {"none failed, and others retransmitted as well", 9, 0, 3, WITNESS_LEFT},
    {"a group of which one port is held", 6, 3, 6, WITNESS_MIXED},
    {"others' retransmissions failed too", 5, 5, 3, WITNESS_NOISE},
    {"others' segments that are no SYN failed too", 3, 7, 3, WITNESS_NOISE},
    {"only others' may have failed", 5, 3, 3, WITNESS_NOISE},
    {"counters that stand still in a sandbox", 0, 0, 3, WITNESS_NOTHING},
    {"counters that saw less than our socket", 2, 2, 3, WITNESS_NOTHING},
    {"a socket that does not say", 3, 3, OBSERVE_ABSENT, WITNESS_NOTHING},
    {"nothing was retransmitted yet", 0, 0, 0, WITNESS_NOTHING},
};

static void silence(void **state)
{
	const struct silence_row *row = *state;
	struct host_counters before = {true, 1000, 77, 5}, after = before;

	after.syns_sent_again += row->again;
	after.failed_inside += row->failed;
	assert_int_equal(
	    witness_of_silence(&before, &after, row->retransmitted),
	    row->expected);
	before.known = false;
	assert_int_equal(
	    witness_of_silence(&before, &after, row->retransmitted),
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
	assert_false(witness_report(WITNESS_NOTHING, 3).known);
	assert_false(witness_report(WITNESS_LEFT, 0).known);
}

static const struct reset_row {
	const char *name;
	int64_t looped[8];
	size_t tries;
	bool known;
	int expected;
} reset_rows[] = {
    {"a reset without a packet over lo came from outside", {0}, 1, true, 0},
    {"three times one packet over lo", {1, 1, 1}, 3, true, 1},
    {"twice is not enough", {1, 1}, 2, false, 0},
    {"others use lo too, and then not", {7, 2, 0}, 3, true, 0},
    {"others use lo all the time", {7, 2, 9, 4}, 4, false, 0},
    {"noise, and then three that agree", {9, 1, 1, 1}, 4, true, 1},
    {"equal figures that are not in a row", {1, 1, 2, 1}, 4, false, 0},
    {"nothing was tried", {0}, 0, false, 0},
};

static void resets(void **state)
{
	const struct reset_row *row = *state;
	struct host_seen host = witness_of_resets(row->looped, row->tries);

	assert_int_equal(host.known, row->known);
	assert_int_equal(host.looped, row->expected);
	assert_int_equal(host.failed, 0);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, silence_rows, silence);
	test_add(&list, "only what is proved is reported", reports);
	TEST_ROWS(&list, reset_rows, resets);
	return test_run("witness", &list);
}
