/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/tally.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

/* Rows of (ASN, endpoint, count), and what is written of them. */
static const struct row {
	const char *name;
	enum query_axis x, y;
	struct {
		uint32_t asn;
		const char *endpoint;
		int64_t count;
	} rows[5];
	const char *json;
} rows[] = {
    {"nothing is counted of nothing", QUERY_AXIS_ASN, QUERY_AXIS_NONE,
	{{0, NULL, 0}}, "{\"items\":[]}"},
    {"equal values are one item, and items are in order", QUERY_AXIS_ASN,
	QUERY_AXIS_NONE, {{7, "b", 2}, {4000000000, "a", 1}, {7, "a", 5}},
	"{\"items\":[{\"asn\":7,\"measurements\":7},"
	"{\"asn\":4000000000,\"measurements\":1}]}"},
    {"endpoints are in the order of their names", QUERY_AXIS_ENDPOINT,
	QUERY_AXIS_ASN, {{7, "b", 2}, {8, "a", 1}, {7, "a", 5}},
	"{\"items\":[{\"endpoint\":\"a\",\"asn\":7,\"measurements\":5},"
	"{\"endpoint\":\"a\",\"asn\":8,\"measurements\":1},"
	"{\"endpoint\":\"b\",\"asn\":7,\"measurements\":2}]}"},
    {"what has no mechanism or country says so", QUERY_AXIS_COUNTRY,
	QUERY_AXIS_MECHANISM, {{7, "b", 2}},
	"{\"items\":[{\"country\":null,\"mechanism\":null,"
	"\"measurements\":2}]}"},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct tally tally = {.x = row->x, .y = row->y};
	struct buf out = {0};
	struct json_writer json = {.out = &out};
	int i;

	for (i = 0; row->rows[i].endpoint != NULL; i++) {
		struct rollup_row one = {
		    .asn = row->rows[i].asn,
		    .mechanism = MECHANISM_COUNT,
		    .count = row->rows[i].count,
		};

		strcpy(one.endpoint, row->rows[i].endpoint);
		assert_int_equal(tally_add(&tally, &one, ""), 0);
	}
	json_open_object(&json, NULL);
	assert_int_equal(tally_write(&tally, &json), 0);
	json_close_object(&json);
	assert_string_equal(out.data, row->json);
	buf_free(&out);
	tally_free(&tally);
}

static void many(void **state)
{
	struct tally tally = {.x = QUERY_AXIS_ASN, .y = QUERY_AXIS_DAY};
	struct rollup_row row = {.count = 1};

	(void)state;
	for (row.asn = 1; row.asn <= 3000; row.asn++)
		for (row.day = 0; row.day < 3; row.day++) {
			assert_int_equal(tally_add(&tally, &row, "DE"), 0);
			assert_int_equal(tally_add(&tally, &row, "DE"), 0);
		}
	assert_int_equal(tally.count, 9000);
	tally_free(&tally);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "thousands of cells are kept apart", many);
	return test_run("tally", &list);
}
