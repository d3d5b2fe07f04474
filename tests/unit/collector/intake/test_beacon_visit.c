/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/beacon_visit.h"

#include "tests/support/rows.h"

/* A visit of ports 25 and 587, by what their receipts are worth. */
static const struct row {
	const char *name;
	bool is_beacon;
	enum receipt_worth on_25, on_587;
	enum outcome outcome; /* of port 25 */
	bool counts;
} rows[] = {
    {"an MX needs no receipt to be reachable", false, RECEIPT_NONE,
	RECEIPT_NONE, OUTCOME_REACHABLE, true},
    {"a beacon is reachable with its receipt", true, RECEIPT_RIGHT,
	RECEIPT_RIGHT, OUTCOME_REACHABLE, true},
    {"without one it is only said to be", true, RECEIPT_NONE, RECEIPT_NONE,
	OUTCOME_REACHABLE, false},
    {"another port's receipt is not this one's", true, RECEIPT_MISSING,
	RECEIPT_RIGHT, OUTCOME_REACHABLE, false},
    {"nor is one by a key of the agent's own", true, RECEIPT_UNKNOWN_KEY,
	RECEIPT_RIGHT, OUTCOME_REACHABLE, false},
    {"nor one that another network's host brought", true, RECEIPT_OTHER_SOURCE,
	RECEIPT_RIGHT, OUTCOME_REACHABLE, false},
    {"a filter beside a right receipt counts", true, RECEIPT_NONE,
	RECEIPT_RIGHT, OUTCOME_FILTERED, true},
    {"so does one where no port got as far as EHLO", true, RECEIPT_NONE,
	RECEIPT_NONE, OUTCOME_FILTERED, true},
    {"where the listed key is old, failures do not count either", true,
	RECEIPT_NONE, RECEIPT_UNKNOWN_KEY, OUTCOME_FILTERED, false},
    {"nor where a clock is wrong", true, RECEIPT_NONE, RECEIPT_STALE,
	OUTCOME_FILTERED, false},
    {"nor those of another uplink", true, RECEIPT_NONE, RECEIPT_OTHER_SOURCE,
	OUTCOME_FILTERED, false},
    {"nor those of a beacon that does not sign", true, RECEIPT_NONE,
	RECEIPT_MISSING, OUTCOME_FILTERED, false},
    {"a proxy shows by the port whose receipt is right", true,
	RECEIPT_OTHER_EHLO, RECEIPT_RIGHT, OUTCOME_INTERCEPTED, true},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct endpoint_known known = {.nreceipt_keys = row->is_beacon};
	struct probe_seen probes[2];
	struct target_seen target = {.probes = probes, .nprobes = 2};

	probe_seen_init(&probes[0], 25, MODE_STARTTLS);
	probe_seen_init(&probes[1], 587, MODE_STARTTLS);
	probes[0].receipt.worth = row->on_25;
	probes[1].receipt.worth = row->on_587;
	assert_int_equal(beacon_visit_counts(&target, &known, 25, row->outcome),
	    row->counts);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	return test_run("beacon_visit", &list);
}
