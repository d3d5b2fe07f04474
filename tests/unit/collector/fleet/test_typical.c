/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/typical.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

#define ID "3f2a1c04-0000-4000-8000-%012d:0"

/* A measurement of AS64500 over IPv4 on port 25, but for what is said. */
struct seen {
	int report; /* 0: none */
	int64_t at_ms;
	enum outcome outcome;
	enum mechanism mechanism;
	enum where where;
	bool is_unattributed, is_unlisted;
	uint16_t port;
};

#define OPEN        OUTCOME_REACHABLE, MECHANISM_OPEN, WHERE_NONE
#define DROP(where) OUTCOME_FILTERED, MECHANISM_DROP, WHERE_##where

static const struct row {
	const char *name;
	struct seen seen[6];
	enum network_state state;
	enum mechanism mechanism;
	enum where where;
	int64_t since_ms;
	int report; /* 0: none is found */
} rows[] = {
    {"of equal ones the newest, in whatever order they came",
	{{1, 10, OPEN}, {2, 30, OPEN}, {3, 20, OPEN}}, STATE_OPEN,
	MECHANISM_OPEN, WHERE_NONE, 0, 2},
    {"a newer one that got out shows no filter",
	{{1, 10, DROP(PATH)}, {2, 30, OPEN}}, STATE_FILTERED, MECHANISM_DROP,
	WHERE_PATH, 0, 1},
    {"one that stops at the place beats a newer one that does not",
	{{1, 10, DROP(PATH)}, {2, 30, DROP(ACCESS)}}, STATE_FILTERED,
	MECHANISM_DROP, WHERE_PATH, 0, 1},
    {"the mechanism beats the place",
	{{1, 10, OUTCOME_FILTERED, MECHANISM_RESET, WHERE_ACCESS},
	    {2, 30, DROP(PATH)}},
	STATE_FILTERED, MECHANISM_RESET, WHERE_PATH, 0, 1},
    {"a filter of another kind is better than none",
	{{1, 10, OUTCOME_FILTERED, MECHANISM_RESET, WHERE_ACCESS}},
	STATE_PARTIAL, MECHANISM_DROP, WHERE_PATH, 0, 1},
    {"what is no longer stored is not named", {{1, 10, OPEN}}, STATE_OPEN,
	MECHANISM_OPEN, WHERE_NONE, 11, 0},
    {"nothing shows what nobody knows", {{1, 10, DROP(PATH)}},
	STATE_INSUFFICIENT, MECHANISM_COUNT, WHERE_NONE, 0, 0},
    {"another port is another network", {{1, 10, DROP(PATH), .port = 587}},
	STATE_FILTERED, MECHANISM_DROP, WHERE_PATH, 0, 0},
    {"what is not proved or not listed shows nothing",
	{{1, 10, OPEN, .is_unattributed = true},
	    {2, 20, OPEN, .is_unlisted = true}},
	STATE_OPEN, MECHANISM_OPEN, WHERE_NONE, 0, 0},
    {"of five kinds the oldest is forgotten, not the fitting one",
	{{1, 20, OPEN}, {2, 10, DROP(HOST)}, {3, 30, DROP(PATH)},
	    {4, 40, DROP(ACCESS)}, {5, 50, DROP(LINK)}},
	STATE_OPEN, MECHANISM_OPEN, WHERE_NONE, 0, 1},
};

static void see(struct typical *typical, const struct seen *seen, uint32_t asn)
{
	struct measurement row = {
	    .at_ms = seen->at_ms,
	    .asn = asn,
	    .family = 4,
	    .port = seen->port != 0 ? seen->port : 25,
	    .outcome = seen->outcome,
	    .mechanism = seen->mechanism,
	    .where = seen->where,
	    .after_hop = seen->report,
	    .attributed = !seen->is_unattributed,
	    .listed = !seen->is_unlisted,
	};

	snprintf(row.id, sizeof(row.id), ID, seen->report);
	assert_int_equal(typical_see(typical, &row), 0);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	const struct network_verdict verdict = {
	    .asn = 64500,
	    .family = 4,
	    .port = 25,
	    .state = row->state,
	    .mechanism = row->mechanism,
	    .where = row->where,
	};
	struct typical typical = {0};
	struct network_typical found;
	char id[ROW_ID_SIZE] = "";
	size_t i;

	for (i = 0; i < 6 && row->seen[i].report != 0; i++)
		see(&typical, &row->seen[i], 64500);
	typical_find(&typical, &verdict, row->since_ms, &found);
	if (row->report != 0)
		snprintf(id, sizeof(id), ID, row->report);
	id[row->report != 0 ? 36 : 0] = '\0';
	assert_string_equal(found.report, id);
	assert_int_equal(
	    found.after_hop, row->report != 0 ? row->report : OBSERVE_ABSENT);
	typical_free(&typical);
}

static void many(void **state)
{
	const struct seen seen = {7, 10, OPEN};
	struct network_verdict verdict = {
	    .family = 4, .port = 25, .state = STATE_OPEN};
	struct typical typical = {0};
	struct network_typical found;

	(void)state;
	for (verdict.asn = 1; verdict.asn <= 5000; verdict.asn++)
		see(&typical, &seen, verdict.asn);
	for (verdict.asn = 1; verdict.asn <= 5000; verdict.asn++) {
		typical_find(&typical, &verdict, 0, &found);
		assert_int_equal(found.after_hop, 7);
	}
	typical_find(&typical, &verdict, 0, &found);
	assert_string_equal(found.report, "");
	typical_free(&typical);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "five thousand networks are kept apart", many);
	return test_run("typical", &list);
}
