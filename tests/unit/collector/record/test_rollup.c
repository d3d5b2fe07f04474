/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/rollup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rows.h"

#define NOON INT64_C(1795521600000) /* 2026-11-24T12:00:00Z */
#define ROWS 200

static const struct day_row {
	const char *name;
	int64_t at_ms;
	int32_t day;
} day_rows[] = {
    {"1970 begins with day 0", 0, 0},
    {"the last millisecond of a day is of it", 86399999, 0},
    {"midnight is of the new day", 86400000, 1},
    {"before 1970 days are negative", -1, -1},
    {"a day of 2026", NOON, 20781},
};

static void day(void **state)
{
	const struct day_row *row = *state;

	assert_int_equal(rollup_day(row->at_ms), row->day);
}

static struct measurement any_row(void)
{
	struct measurement row = {
	    .at_ms = NOON + rand() % 40000000,
	    .asn = 64500,
	    .family = 4,
	    .port = 25,
	    .outcome = (enum outcome)(rand() % OUTCOME_COUNT),
	    .mechanism = (enum mechanism)(rand() % 3),
	    .where = (enum where)(rand() % 2),
	    .attributed = true,
	    .listed = true,
	};

	/* Names of which some are the beginnings of others. */
	snprintf(
	    row.endpoint, sizeof(row.endpoint), "%.*s", rand() % 5, "mxmx");
	return row;
}

/* Merge rows in steps of at most `step`, each step sorted. */
static void merge(
    const struct measurement *rows, size_t count, size_t step, struct buf *out)
{
	const struct measurement *sorted[ROWS];
	struct buf next = {0}, swap;
	size_t from, i, length;

	buf_clear(out);
	for (from = 0; from < count; from += length) {
		length = count - from < step ? count - from : step;
		for (i = 0; i < length; i++)
			sorted[i] = &rows[from + i];
		qsort(sorted, length, sizeof(*sorted), rollup_compare);
		buf_clear(&next);
		assert_int_equal(
		    rollup_merge(from > 0 ? out->data : NULL,
			from > 0 ? out->length : 0, sorted, length, &next),
		    0);
		swap = *out;
		*out = next;
		next = swap;
	}
	buf_free(&next);
}

static void any_order(void **state)
{
	static const size_t steps[] = {1, 2, 7, 50};
	struct measurement rows[ROWS];
	struct buf whole = {0}, parts = {0};
	size_t i;

	(void)state;
	srand(1);
	for (i = 0; i < ROWS; i++)
		rows[i] = any_row();
	merge(rows, ROWS, ROWS, &whole);
	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		merge(rows, ROWS, steps[i], &parts);
		assert_int_equal(parts.length, whole.length);
		assert_memory_equal(parts.data, whole.data, whole.length);
	}
	buf_free(&whole);
	buf_free(&parts);
}

struct seen {
	size_t count;
	int64_t total;
	struct rollup_row last;
};

static int see(void *arg, const struct rollup_row *row)
{
	struct seen *seen = arg;

	if (seen->count > 0)
		assert_true(strcmp(seen->last.endpoint, row->endpoint) <= 0);
	seen->count++;
	seen->total += row->count;
	seen->last = *row;
	return seen->count == 1000 ? 7 : 0;
}

static void counted(void **state)
{
	struct measurement rows[3];
	struct rollup_row row = {.day = rollup_day(NOON)};
	struct seen seen = {0};
	struct buf bytes = {0};
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		rows[i] = (struct measurement){.at_ms = NOON + i * 1000,
		    .asn = 64500,
		    .endpoint = "mx",
		    .outcome = OUTCOME_FILTERED,
		    .mechanism = MECHANISM_ICMP,
		    .where = WHERE_PATH,
		    .attributed = true,
		    .listed = true};
	}
	merge(rows, 3, 1, &bytes);
	assert_int_equal(
	    rollup_read(bytes.data, bytes.length, &row, see, &seen), 0);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.last.count, 3);
	assert_int_equal(seen.last.first_ms, NOON);
	assert_int_equal(seen.last.last_ms, NOON + 2000);
	assert_int_equal(seen.last.outcome, OUTCOME_FILTERED);
	assert_int_equal(seen.last.mechanism, MECHANISM_ICMP);
	assert_int_equal(seen.last.where, WHERE_PATH);
	assert_string_equal(seen.last.endpoint, "mx");
	buf_free(&bytes);
}

/* Every beginning of the bytes, each in memory that ends where it ends. */
static void damaged(void **state)
{
	struct rollup_row row = {.day = rollup_day(NOON)};
	struct measurement rows[20];
	const struct measurement *first = &rows[0];
	struct buf bytes = {0}, out = {0};
	struct seen seen = {0};
	int64_t total;
	size_t i, length;
	int round, refused = 0;

	(void)state;
	srand(2);
	for (i = 0; i < 20; i++)
		rows[i] = any_row();
	merge(rows, 20, 20, &bytes);
	assert_int_equal(
	    rollup_read(bytes.data, bytes.length, &row, see, &seen), 0);
	total = seen.total;
	for (length = 0; length < bytes.length; length++) {
		char *copy = malloc(length + (length == 0));

		memcpy(copy, bytes.data, length);
		memset(&seen, 0, sizeof(seen));
		if (rollup_read(copy, length, &row, see, &seen) == 0)
			assert_true(seen.total < total);
		free(copy);
	}
	for (round = 0; round < 3000; round++) {
		bytes.data[(size_t)rand() % bytes.length] = (char)rand();
		memset(&seen, 0, sizeof(seen));
		seen.last.endpoint[0] = '\0';
		buf_clear(&out);
		refused += rollup_merge(bytes.data, bytes.length, &first, 1,
			       &out) == -EBADMSG;
	}
	assert_in_range(refused, 1, round);
	buf_free(&bytes);
	buf_free(&out);
}

static const struct counts_row {
	const char *name;
	struct measurement row;
	bool counts;
} counts_rows[] = {
    {"an attributed diagnosis of what is listed counts",
	{.listed = true,
	    .attributed = true,
	    .asn = 1,
	    .outcome = OUTCOME_UNKNOWN},
	true},
    {"a control port does not count",
	{.listed = true,
	    .attributed = true,
	    .asn = 1,
	    .outcome = OUTCOME_COUNT},
	false},
    {"what is not attributed does not count",
	{.listed = true,
	    .attributed = false,
	    .asn = 1,
	    .outcome = OUTCOME_FILTERED},
	false},
    {"a network without a number does not count",
	{.listed = true,
	    .attributed = true,
	    .asn = 0,
	    .outcome = OUTCOME_FILTERED},
	false},
    {"what is not listed does not count",
	{.listed = false,
	    .attributed = true,
	    .asn = 1,
	    .outcome = OUTCOME_FILTERED},
	false},
};

static void counts(void **state)
{
	const struct counts_row *row = *state;

	assert_int_equal(rollup_is_counted(&row->row), row->counts);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, day_rows, day);
	TEST_ROWS(&list, counts_rows, counts);
	test_add(&list, "what agrees is counted, with its first and last time",
	    counted);
	test_add(
	    &list, "the order in which rows come does not show", any_order);
	test_add(&list, "damaged bytes are said to be", damaged);
	return test_run("rollup", &list);
}
