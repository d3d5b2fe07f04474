/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/report_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/support/rows.h"

/* What a hostile report has: each target's rows far apart. */
static struct measurement *scattered(size_t count, size_t targets)
{
	struct measurement *rows = calloc(count, sizeof(*rows));
	size_t i, target;

	assert_non_null(rows);
	for (i = 0; i < count; i++) {
		target = i * 7 % targets;
		snprintf(rows[i].endpoint, sizeof(rows[i].endpoint),
		    "endpoint-%zu", target / 2);
		rows[i].family = rows[i].address.family = target % 2 ? 4 : 6;
		rows[i].address.bytes[0] = (uint8_t)(target / 3);
		rows[i].port = (uint16_t)(i / targets % 5);
		rows[i].ended = i % 3 == 0 ? STAGE_DONE : STAGE_CONNECT;
	}
	return rows;
}

static bool same_target(
    const struct measurement *a, const struct measurement *b)
{
	return a->family == b->family &&
	       strcmp(a->endpoint, b->endpoint) == 0 &&
	       addr_equal(&a->address, &b->address);
}

/* As it was done at first: by looking at all other rows. */
static void looked_for(void **state)
{
	enum { COUNT = 1000, TARGETS = 40 };
	struct measurement *rows = scattered(COUNT, TARGETS);
	struct report_row *list = report_order(rows, COUNT);
	size_t i, j, at = 0, tries;

	(void)state;
	assert_non_null(list);
	for (i = 0; i < COUNT; i++) {
		for (j = 0; j < i && !same_target(&rows[j], &rows[i]); j++)
			;
		if (j < i)
			continue;
		for (; j < COUNT; j++) {
			if (!same_target(&rows[j], &rows[i]))
				continue;
			assert_ptr_equal(list[at].row, &rows[j]);
			assert_int_equal(list[at++].first, i);
		}
	}
	assert_int_equal(at, COUNT);
	for (i = 0; i < COUNT; i++) {
		for (j = 0, tries = 0; j < COUNT; j++)
			tries += same_target(list[j].row, list[i].row) &&
				 list[j].row->port == list[i].row->port &&
				 list[j].row->ended == list[i].row->ended;
		assert_int_equal(list[i].tries, tries);
	}
	free(list);
	free(rows);
}

static int64_t cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Eight times as many as a report has: to look at all others of each would take
 * a billion comparisons. */
static void many(void **state)
{
	enum { COUNT = 8 * 4096 };
	struct measurement *rows = scattered(COUNT, COUNT / 2);
	int64_t began_ms = cpu_ms();
	struct report_row *list = report_order(rows, COUNT);

	(void)state;
	assert_non_null(list);
	assert_true(cpu_ms() - began_ms < 3000);
	free(list);
	free(rows);
}

static void none(void **state)
{
	struct report_row *list = report_order(NULL, 0);

	(void)state;
	assert_non_null(list);
	free(list);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "targets and tries are as if looked for", looked_for);
	test_add(&list, "many targets take no time", many);
	test_add(&list, "no rows are none", none);
	return test_run("report_order", &list);
}
