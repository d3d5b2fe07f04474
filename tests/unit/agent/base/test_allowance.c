/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/allowance.h"

#include <string.h>

#include "tests/support/rows.h"

#define MINUTE    INT64_C(60000)
#define SECOND_US INT64_C(1000000)
#define RATE      20
#define DAY       INT64_C(20000)

static struct addr at(const char *text)
{
	struct addr addr;

	assert_true(addr_parse(&addr, text));
	return addr;
}

static struct allowance make(int64_t rate, int64_t daily)
{
	struct allowance allowance = {
	    .rate = rate, .daily = daily, .daily_questions = daily};

	allowance_set_day(&allowance, DAY * DAY_MS);
	return allowance;
}

/* --- visits --- */

static const struct visit_row {
	const char *name;
	struct {
		const char *to, *endpoint;
		int64_t interval_ms, at_ms;
		enum allowance_answer answer;
	} visits[4];
} visit_rows[] = {
    {"an endpoint again after a minute: its plan says when",
	{{"192.0.2.1", "a", 10 * MINUTE, 0, ALLOWANCE_YES},
	    {"192.0.2.1", "a", 10 * MINUTE, MINUTE, ALLOWANCE_YES}}},
    {"but not within one",
	{{"192.0.2.1", "a", 1, 0, ALLOWANCE_YES},
	    {"192.0.2.1", "a", 1, MINUTE - 1, ALLOWANCE_TOO_SOON}}},
    {"one address under two names: an interval between them",
	{{"192.0.2.1", "a", 10 * MINUTE, 0, ALLOWANCE_YES},
	    {"192.0.2.1", "b", 10 * MINUTE, 10 * MINUTE - 1,
		ALLOWANCE_TOO_SOON},
	    {"192.0.2.1", "b", 10 * MINUTE, 10 * MINUTE, ALLOWANCE_YES}}},
    {"one address under two names with huge haste: a minute",
	{{"192.0.2.1", "a", 1, 0, ALLOWANCE_YES},
	    {"192.0.2.1", "b", 1, MINUTE - 1, ALLOWANCE_TOO_SOON},
	    {"192.0.2.1", "b", 1, MINUTE, ALLOWANCE_YES}}},
    {"what was refused does not count as a visit",
	{{"192.0.2.1", "a", MINUTE, 0, ALLOWANCE_YES},
	    {"192.0.2.1", "b", MINUTE, MINUTE - 1, ALLOWANCE_TOO_SOON},
	    {"192.0.2.1", "c", MINUTE, MINUTE, ALLOWANCE_YES}}},
    {"another address is another matter",
	{{"192.0.2.1", "a", 10 * MINUTE, 0, ALLOWANCE_YES},
	    {"192.0.2.2", "a", 10 * MINUTE, 0, ALLOWANCE_YES}}},
};

static void visit(void **state)
{
	const struct visit_row *row = *state;
	struct allowance allowance = make(RATE, 1000);
	struct addr to;
	size_t i;

	for (i = 0; i < 4 && row->visits[i].to != NULL; i++) {
		to = at(row->visits[i].to);
		assert_int_equal(
		    allowance_visit(&allowance, &to, row->visits[i].endpoint,
			row->visits[i].interval_ms, row->visits[i].at_ms),
		    row->visits[i].answer);
	}
	allowance_free(&allowance);
}

/* The memory for addresses ends somewhere: the oldest visit is forgotten. */
static void many_addresses(void **state)
{
	struct allowance allowance = make(RATE, 1000);
	struct addr to = {.family = 4, .bytes = {192, 0}};
	int i;

	for (i = 0; i <= ALLOWANCE_ADDRESSES; i++) {
		to.bytes[2] = (uint8_t)(i >> 8);
		to.bytes[3] = (uint8_t)i;
		assert_int_equal(
		    allowance_visit(&allowance, &to, "a", MINUTE, i),
		    ALLOWANCE_YES);
	}
	assert_int_equal(allowance.nvisits, ALLOWANCE_ADDRESSES);
	to = at("192.0.0.0");
	assert_int_equal(
	    allowance_visit(&allowance, &to, "a", MINUTE, i), ALLOWANCE_YES);
	to = at("192.0.0.9");
	assert_int_equal(allowance_visit(&allowance, &to, "a", MINUTE, i),
	    ALLOWANCE_TOO_SOON);
	allowance_free(&allowance);
}

/* --- SYNs --- */

/* Send as soon as allowed, for ten seconds; to `addresses` addresses in turn.
 * `repeats` as a silent port has them. Returns the most that any second had,
 * to one address or to all. */
static size_t flood(
    int64_t rate, size_t addresses, int repeats, bool to_all, size_t *sent)
{
	static struct {
		int64_t us;
		size_t to;
	} log[40000];
	struct allowance allowance = make(rate, 1000000);
	size_t count = 0, i, j, in_second, most = 0, n = 0;
	int64_t now_us;
	int k;

	for (now_us = 0; now_us < 10 * SECOND_US; now_us += 5000) {
		for (i = 0; i < addresses; i++) {
			struct addr to = {.family = 4,
			    .bytes = {192, 0, (uint8_t)(i >> 8), (uint8_t)i}};

			if (allowance_wait_us(&allowance, &to, 1, now_us) != 0)
				continue;
			allowance_sent(&allowance, &to, 25, repeats, now_us);
			n++;
			for (k = 0; k <= repeats; k++) {
				assert_true(count < 40000);
				log[count].us = now_us + k * SECOND_US;
				log[count++].to = i;
			}
		}
	}
	for (i = 0; i < count; i++) {
		for (j = in_second = 0; j < count; j++)
			in_second += log[j].us >= log[i].us &&
				     log[j].us < log[i].us + SECOND_US &&
				     (to_all || log[j].to == log[i].to);
		most = in_second > most ? in_second : most;
	}
	allowance_free(&allowance);
	*sent = n;
	return most;
}

static const struct flood_row {
	const char *name;
	int64_t rate;
	size_t addresses;
	int repeats;
	bool to_all;
	size_t most, least_sent;
} flood_rows[] = {
    {"to one address as many as the rate", 20, 1, 0, false, 20, 200},
    {"the kernel's repeats are among them", 20, 1, 3, false, 20, 25},
    {"one a second is one a second", 1, 1, 0, false, 1, 10},
    {"each address has its own rate", 5, 3, 0, false, 5, 150},
    {"to all addresses ten times the rate", 5, 64, 0, true, 50, 500},
    {"with repeats too", 5, 64, 3, true, 50, 100},
};

static void rate(void **state)
{
	const struct flood_row *row = *state;
	size_t sent = 0;

	assert_in_range(
	    flood(row->rate, row->addresses, row->repeats, row->to_all, &sent),
	    row->most - (row->repeats > 0 ? row->most / 2 : 0), row->most);
	assert_true(sent >= row->least_sent);
}

static void answered(void **state)
{
	struct allowance allowance = make(2, 1000);
	struct addr to = at("192.0.2.1");

	assert_int_equal(allowance_wait_us(&allowance, &to, 1, 0), 0);
	allowance_sent(&allowance, &to, 25, 3, 0);
	assert_int_equal(allowance.spent, 4);
	allowance_ended(&allowance, &to, 26, 1000);
	assert_int_equal(allowance.spent, 4);
	allowance_ended(&allowance, &to, 25, 1000);
	assert_int_equal(allowance.spent, 1);
	assert_int_equal(allowance_wait_us(&allowance, &to, 1, 2000), 0);
	assert_int_equal(
	    allowance_wait_us(&allowance, &to, 2, 2000), SECOND_US - 2000);
	assert_true(
	    allowance_wait_us(&allowance, &to, 3, 2000) == ALLOWANCE_NEVER);
	allowance_free(&allowance);
}

static void day(void **state)
{
	struct allowance allowance = make(1000, 5);
	struct addr to = at("192.0.2.1"), other = at("192.0.2.2");
	int i;

	for (i = 0; i < 5; i++) {
		assert_int_equal(allowance_wait_us(&allowance, &to, 1, i), 0);
		allowance_sent(&allowance, &to, 25, 0, i);
	}
	assert_true(
	    allowance_wait_us(&allowance, &to, 1, 9) == ALLOWANCE_NEVER);
	assert_int_equal(allowance_visit(&allowance, &other, "a", MINUTE, 0),
	    ALLOWANCE_DAY_SPENT);
	/* A clock that is set back begins no new day. */
	allowance_set_day(&allowance, (DAY - 1) * DAY_MS);
	allowance_set_day(&allowance, DAY * DAY_MS + 5000);
	assert_int_equal(allowance.spent, 5);
	allowance_set_day(&allowance, (DAY + 1) * DAY_MS);
	assert_int_equal(
	    allowance_visit(&allowance, &other, "a", MINUTE, 0), ALLOWANCE_YES);
	assert_int_equal(allowance.spent, 0);
	/* A clock that was a year ahead does not stop it for a year. */
	allowance_set_day(&allowance, (DAY + 365) * DAY_MS);
	allowance.spent = 5;
	allowance_set_day(&allowance, (DAY + 1) * DAY_MS);
	assert_int_equal(allowance.spent, 0);
	allowance_free(&allowance);
}

/* --- questions --- */

/* Two at a time, as a host's are, as soon as allowed: the most of any second.
 */
static void questions_rate(void **state)
{
	static int64_t log[2000];
	struct allowance allowance = make(5, 1000000);
	size_t count = 0, i, j, in_second, most = 0;
	int64_t now_us;

	(void)state;
	for (now_us = 0; now_us < 10 * SECOND_US; now_us += 1000) {
		if (allowance_ask_wait_us(&allowance, 2, now_us) != 0)
			continue;
		allowance_asked(&allowance, 2, now_us);
		log[count++] = now_us;
		log[count++] = now_us;
		assert_true(count < 2000);
	}
	for (i = 0; i < count; i++) {
		for (j = i, in_second = 0; j < count; j++)
			in_second += log[j] < log[i] + SECOND_US;
		most = in_second > most ? in_second : most;
	}
	assert_in_range(most, 48, 50);
	assert_int_equal(allowance.asked, count);
	assert_int_equal(allowance.spent, 0);
	allowance_free(&allowance);
}

static void questions_day(void **state)
{
	struct allowance allowance = make(1000, 5);
	struct addr to = at("192.0.2.1");

	(void)state;
	allowance_asked(&allowance, 4, 0);
	assert_true(
	    allowance_ask_wait_us(&allowance, 2, SECOND_US) == ALLOWANCE_NEVER);
	assert_int_equal(allowance_ask_wait_us(&allowance, 1, SECOND_US), 0);
	allowance_asked(&allowance, 1, SECOND_US);
	assert_true(allowance_ask_wait_us(&allowance, 1, 2 * SECOND_US) ==
		    ALLOWANCE_NEVER);
	assert_int_equal(
	    allowance_visit(&allowance, &to, "a", MINUTE, 0), ALLOWANCE_YES);
	assert_int_equal(allowance_wait_us(&allowance, &to, 5, SECOND_US), 0);
	allowance_sent(&allowance, &to, 25, 4, SECOND_US);
	assert_true(allowance_wait_us(&allowance, &to, 1, SECOND_US) ==
		    ALLOWANCE_NEVER);
	allowance_set_day(&allowance, (DAY + 1) * DAY_MS);
	assert_int_equal(allowance.asked, 0);
	assert_int_equal(
	    allowance_ask_wait_us(&allowance, 2, 2 * SECOND_US), 0);
	allowance_free(&allowance);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, visit_rows, visit);
	test_add(&list, "4,096 addresses are remembered", many_addresses);
	TEST_ROWS(&list, flood_rows, rate);
	test_add(&list, "an answer calls the repeats off", answered);
	test_add(&list, "a day's SYNs are spent until the next day", day);
	test_add(
	    &list, "ten times the rate of questions a second", questions_rate);
	test_add(&list, "a day's questions are spent apart from its SYNs",
	    questions_day);
	return test_run("allowance", &list);
}
