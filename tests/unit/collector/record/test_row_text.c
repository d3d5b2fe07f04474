/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/row_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/format.h"
#include "collector/record/repeated.h"
#include "tests/support/rows.h"

#define ROWS 3000

static uint64_t drawn = 1;

static unsigned draw(unsigned most)
{
	drawn = drawn * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(drawn >> 33) % most;
}

/* Few agents and endpoints, few ends, so that parts come again, and more of
 * them than are kept. */
static struct measurement draw_row(unsigned agents)
{
	struct measurement row = {0};
	unsigned agent = draw(agents);

	snprintf(row.id, sizeof(row.id), "01930000-0000-7000-8000-%012u:%u",
	    draw(9), draw(60));
	row.at_ms = INT64_C(1795521600123) + draw(86400000);
	row.connect_us = draw(3) ? (int64_t)draw(90000) : OBSERVE_ABSENT;
	row.total_us = draw(900000);
	row.endpoint_hops = draw(2) ? (int)draw(20) : OBSERVE_ABSENT;
	snprintf(row.agent, sizeof(row.agent), "%016x", agent);
	row.asn = draw(9) ? 64500 + agent : 0;
	snprintf(row.network, sizeof(row.network), "%sNet, \"%u\"",
	    draw(9) ? "" : "=", agent);
	strcpy(row.country, draw(9) ? "DE" : "");
	snprintf(row.prefix, sizeof(row.prefix), "198.51.%u.0/24", agent);
	row.family = 4;
	snprintf(row.endpoint, sizeof(row.endpoint), "mx%u", draw(4));
	addr_parse(&row.address, "192.0.2.25");
	row.address.bytes[3] = (uint8_t)draw(4);
	row.attributed = draw(9) != 0;
	strcpy(row.run_by, draw(3) ? "00000000000000bb" : "");
	row.port = draw(2) ? 25 : 587;
	row.listed = draw(9) != 0;
	row.mode = (enum port_mode)draw(2);
	row.ended = (enum stage)draw(3);
	row.failure = (enum failure)draw(4);
	row.outcome = (enum outcome)draw(OUTCOME_COUNT + 1);
	row.mechanism = (enum mechanism)draw(MECHANISM_COUNT + 1);
	row.after_hop = draw(2) ? (int)draw(4) : OBSERVE_ABSENT;
	row.before_hop = OBSERVE_ABSENT;
	row.after_asn = draw(2) ? 64500 : 0;
	row.signs = draw(3) ? 0 : SOFT_SLOW | SOFT_PATHS_DIFFER;
	row.icmp_type = row.icmp_code = OBSERVE_ABSENT;
	row.smtp_code = draw(2) ? 220 : OBSERVE_ABSENT;
	strcpy(row.tls_version, draw(2) ? "TLSv1.3" : "");
	return row;
}

/* Beside what each row gives alone. */
static void compare(bool is_json, unsigned agents)
{
	struct row_text *text = row_text_new(is_json);
	struct buf out = {0}, alone = {0};
	struct measurement row;
	int i;

	for (i = 0; i < ROWS; i++) {
		row = draw_row(agents);
		buf_clear(&out);
		buf_clear(&alone);
		row_text_append(text, &row, &out);
		if (is_json)
			format_measurement_json(&row, &alone);
		else
			format_measurement_csv(&row, &alone);
		assert_string_equal(out.data, alone.data);
	}
	buf_free(&out);
	buf_free(&alone);
	row_text_free(text);
}

static void csv_is_the_same(void **state)
{
	(void)state;
	compare(false, 3);
	compare(false, 200);
}

static void json_is_the_same(void **state)
{
	(void)state;
	compare(true, 3);
	compare(true, 200);
}

/* A row that differs in any byte that a column reads is another one. */
static void each_byte_counts(void **state)
{
	const struct column *column = format_measurement_columns;
	struct repeated *repeated = repeated_new(1);
	struct measurement row, other;
	enum row_part part;
	bool known;
	size_t i;

	(void)state;
	row = draw_row(3);
	for (; column->name != NULL; column++) {
		part = row_part_of(column);
		for (i = 0; part != ROW_PROBE && i < column->size; i++) {
			repeated_find(repeated, part, &row, &known);
			repeated_find(repeated, part, &row, &known);
			assert_true(known);
			other = row;
			((char *)&other)[column->offset + i] ^= 1;
			repeated_find(repeated, part, &other, &known);
			assert_false(known);
		}
	}
	repeated_clear(repeated);
	repeated_find(repeated, ROW_TARGET, &row, &known);
	assert_false(known);
	repeated_free(repeated, NULL);
}

int main(void)
{
	struct test_list list = {0};

	test_add(
	    &list, "6,000 rows as CSV are what each is alone", csv_is_the_same);
	test_add(&list, "6,000 rows as JSON are what each is alone",
	    json_is_the_same);
	test_add(&list, "what differs in a byte of a column is not repeated",
	    each_byte_counts);
	return test_run("row_text", &list);
}
