/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/pack_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/bytes.h"
#include "collector/record/codes.h"
#include "tests/support/rows.h"

#define ROWS 60

/* --- numbers --- */

static const struct number_row {
	const char *name;
	int64_t number;
	size_t length;
} number_rows[] = {
    {"zero takes a byte", 0, 1},
    {"63 takes a byte", 63, 1},
    {"64 takes two", 64, 2},
    {"-64 takes a byte", -64, 1},
    {"-65 takes two", -65, 2},
    {"the greatest number takes ten", INT64_MAX, 10},
    {"the least number takes ten", INT64_MIN, 10},
};

static void number(void **state)
{
	const struct number_row *row = *state;
	uint8_t room[BYTES_NUMBER_MAX];
	struct bytes bytes = {.at = room};

	bytes.end = bytes_write_signed(room, row->number);
	assert_int_equal(bytes.end - room, row->length);
	assert_true(bytes_take_signed(&bytes) == row->number);
	assert_true(bytes.at == bytes.end && !bytes.bad);
	bytes_take(&bytes);
	assert_true(bytes.bad);
}

static const struct bad_number_row {
	const char *name;
	const char *text;
	size_t length;
} bad_number_rows[] = {
    {"a number of no bytes is bad", "", 0},
    {"a number that stops is bad", "\x80", 1},
    {"a number of eleven bytes is bad",
	"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11},
    {"a number of more than 64 bits is bad",
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10},
};

static void bad_number(void **state)
{
	const struct bad_number_row *row = *state;
	struct bytes bytes = {.at = (const uint8_t *)row->text};

	bytes.end = bytes.at + row->length;
	assert_int_equal(bytes_take(&bytes), 0);
	assert_true(bytes.bad);
	assert_null(bytes_take_span(&bytes, 0));
}

/* --- codes --- */

static const struct code_row {
	const char *name;
	enum code_kind kind;
	int count, absent; /* absent: the one value with the code 0, or -1 */
} code_rows[] = {
    {"every mode has its code", CODE_MODE, MODE_COUNT, -1},
    {"every stage has its code", CODE_STAGE, STAGE_COUNT, -1},
    {"every failure has its code", CODE_FAILURE, FAILURE_COUNT, FAILURE_NONE},
    {"every word of tls_verify has its code", CODE_VERIFY, VERIFY_COUNT,
	VERIFY_ABSENT},
    {"every outcome has its code", CODE_OUTCOME, OUTCOME_COUNT, OUTCOME_COUNT},
    {"every mechanism has its code", CODE_MECHANISM, MECHANISM_COUNT,
	MECHANISM_COUNT},
    {"every where has its code", CODE_WHERE, WHERE_COUNT, WHERE_NONE},
};

static void code(void **state)
{
	const struct code_row *row = *state;
	int value;

	for (value = 0; value < row->count; value++) {
		uint8_t code = code_of(row->kind, value);

		assert_int_equal(code == 0, value == row->absent);
		assert_int_equal(code_value(row->kind, code), value);
	}
	assert_int_equal(code_value(row->kind, 0), row->absent);
	assert_int_equal(code_value(row->kind, 200), -1);
}

/* --- rows --- */

static int pick(int count)
{
	return rand() % count;
}

static int or_absent(int value)
{
	return pick(4) == 0 ? OBSERVE_ABSENT : value;
}

/* Any row that there may be; few values each, so that some agree. */
static struct measurement any_row(void)
{
	static const char *const networks[] = {"", "Example", "Ömer & Söhne"};
	static const char *const countries[] = {"", "DE", "FR"};
	static const char *const addresses[] = {"", "192.0.2.1", "2001:db8::1"};
	static const char *const versions[] = {
	    "", "TLSv1.3", "123456789012345"};
	struct measurement row = {
	    .at_ms = INT64_C(1795521600000) + pick(3) * 1000 - pick(2) * 5000,
	    .asn = (uint32_t)pick(3) * 2147483646u,
	    .family = (uint8_t)(4 + pick(2) * 2),
	    .port = (uint16_t)(pick(3) * 32767),
	    .mode = (enum port_mode)pick(MODE_COUNT),
	    .ended = (enum stage)pick(STAGE_COUNT),
	    .failure = (enum failure)pick(FAILURE_COUNT),
	    .outcome = (enum outcome)pick(OUTCOME_COUNT + 1),
	    .mechanism = (enum mechanism)pick(MECHANISM_COUNT + 1),
	    .where = (enum where)pick(WHERE_COUNT),
	    .after_hop = or_absent(pick(30)),
	    .before_hop = or_absent(pick(30)),
	    .after_asn = (uint32_t)pick(3) * 2147483647u,
	    .before_asn = (uint32_t)pick(3) * 2147483646u,
	    .signs = (unsigned)pick(1 << SOFT_SIGNS),
	    .endpoint_hops = or_absent(pick(30)),
	    .icmp_type = or_absent(pick(256)),
	    .icmp_code = or_absent(pick(256)),
	    .smtp_code = or_absent(pick(600)),
	    .tls_verify = (enum tls_verify)pick(VERIFY_COUNT),
	    .connect_us = or_absent(pick(30000000)),
	    .total_us = pick(9) ? pick(30000000) : INT64_MAX - 1,
	    .attributed = pick(2),
	    .listed = pick(4) != 0,
	};

	snprintf(row.agent, sizeof(row.agent), "%016x", pick(3));
	snprintf(row.run_by, sizeof(row.run_by), "%.*x", pick(8), pick(3));
	strcpy(row.network, networks[pick(3)]);
	strcpy(row.country, countries[pick(3)]);
	snprintf(row.prefix, sizeof(row.prefix), "10.0.%d.0/24", pick(3));
	snprintf(row.endpoint, sizeof(row.endpoint), "mx%d", pick(20));
	addr_parse(&row.address, addresses[pick(3)]);
	strcpy(row.tls_version, versions[pick(3)]);
	return row;
}

struct packed {
	struct measurement rows[ROWS];
	struct buf bytes, summary;
};

static void fill(struct packed *packed, struct packer *packer)
{
	uint32_t i;

	buf_clear(&packed->bytes);
	buf_clear(&packed->summary);
	for (i = 0; i < ROWS; i++) {
		packed->rows[i] = any_row();
		packer_add(packer, &packed->rows[i], i * 977 % 1000);
	}
	packer_finish(packer, &packed->bytes, &packed->summary);
	assert_false(packed->bytes.failed || packed->summary.failed);
}

static void empty(struct packed *packed)
{
	buf_free(&packed->bytes);
	buf_free(&packed->summary);
}

static void as_they_went_in(void **state)
{
	struct packed packed = {.bytes = {0}};
	struct packer packer = {.outcomes = 0};
	struct pack pack = {0};
	struct measurement row;
	uint32_t i;
	int round;

	(void)state;
	srand(1);
	for (round = 0; round < 50; round++) {
		fill(&packed, &packer);
		assert_int_equal(
		    pack_read(&pack, packed.bytes.data, packed.bytes.length),
		    0);
		assert_int_equal(pack.counts[PACK_ROWS], ROWS);
		for (i = 0; i < ROWS; i++) {
			pack_row_at(&pack, i, &row);
			assert_memory_equal(&row, &packed.rows[i], sizeof(row));
			assert_int_equal(pack.rows[i].n, i * 977 % 1000);
		}
	}
	packer_free(&packer);
	pack_free(&pack);
	empty(&packed);
}

/* The summary lets nothing through the net: it may say yes in vain, never no.
 */
static void summary(void **state)
{
	struct packed packed = {.bytes = {0}};
	struct packer packer = {.outcomes = 0};
	struct pack pack = {0};
	struct row_filter filter;
	int round, in_vain = 0;
	size_t i;

	(void)state;
	srand(2);
	fill(&packed, &packer);
	pack_read(&pack, packed.bytes.data, packed.bytes.length);
	for (round = 0; round < 3000; round++) {
		bool held = false;

		row_filter_init(&filter);
		filter.has_asn = pick(2);
		filter.asn = (uint32_t)pick(4) * 2147483646u;
		filter.family = (uint8_t)(pick(4) * 2);
		filter.outcome = pick(OUTCOME_COUNT + 1) - 1;
		if (pick(2))
			filter.port = pick(2) ? 25 : 2525;
		if (pick(2))
			strcpy(filter.country, pick(2) ? "FR" : "IT");
		for (i = 0; i < ROWS; i++)
			held |= pack_matches(&pack, i, &filter);
		if (pack_may_match((uint8_t *)packed.summary.data,
			packed.summary.length, &filter))
			in_vain += !held;
		else
			assert_false(held);
	}
	assert_in_range(in_vain, 0, round / 4);
	packer_free(&packer);
	pack_free(&pack);
	empty(&packed);
}

/* An agent's own inventions are in the pack, and pass no filter. */
static void not_listed(void **state)
{
	struct packed packed = {.bytes = {0}};
	struct packer packer = {.outcomes = 0};
	struct pack pack = {0};
	struct row_filter filter;
	uint32_t i, listed = 0;

	(void)state;
	srand(5);
	row_filter_init(&filter);
	fill(&packed, &packer);
	assert_int_equal(
	    pack_read(&pack, packed.bytes.data, packed.bytes.length), 0);
	for (i = 0; i < ROWS; i++) {
		assert_int_equal(
		    pack_matches(&pack, i, &filter), packed.rows[i].listed);
		listed += packed.rows[i].listed;
	}
	assert_in_range(listed, 1, ROWS - 1);
	buf_clear(&packed.bytes);
	buf_clear(&packed.summary);
	for (i = 0; i < ROWS; i++) {
		packed.rows[i].listed = false;
		packer_add(&packer, &packed.rows[i], i);
	}
	packer_finish(&packer, &packed.bytes, &packed.summary);
	assert_false(pack_may_match(
	    (uint8_t *)packed.summary.data, packed.summary.length, &filter));
	packer_free(&packer);
	pack_free(&pack);
	empty(&packed);
}

static void many_sources(void **state)
{
	struct packed packed = {.bytes = {0}};
	struct packer packer = {.outcomes = 0};
	struct row_filter filter;
	uint32_t i;

	(void)state;
	row_filter_init(&filter);
	filter.has_asn = true;
	filter.asn = 10000000;
	for (i = 0; i < ROWS; i++) {
		packed.rows[i] = any_row();
		packed.rows[i].asn = i + 1;
		packed.rows[i].listed = true;
		packer_add(&packer, &packed.rows[i], i);
	}
	packer_finish(&packer, &packed.bytes, &packed.summary);
	assert_false(pack_may_match(
	    (uint8_t *)packed.summary.data, packed.summary.length, &filter));
	buf_clear(&packed.summary);
	for (i = 0; i < 4 * ROWS; i++) {
		packed.rows[i % ROWS].asn = i + 1;
		packer_add(&packer, &packed.rows[i % ROWS], i);
	}
	packer_finish(&packer, &packed.bytes, &packed.summary);
	assert_true(pack_may_match(
	    (uint8_t *)packed.summary.data, packed.summary.length, &filter));
	packer_free(&packer);
	empty(&packed);
}

/* Whether a report of `ports` ports, 25 among them, may hold rows of `port`. */
static bool may_hold(struct packed *packed, int ports, uint16_t port)
{
	struct packer packer = {.outcomes = 0};
	struct row_filter filter;
	bool may;
	int i;

	row_filter_init(&filter);
	filter.port = port;
	for (i = 0; i < ports; i++) {
		packed->rows[i] = any_row();
		packed->rows[i].port = (uint16_t)(25 + i);
		packed->rows[i].listed = true;
		packer_add(&packer, &packed->rows[i], (uint32_t)i);
	}
	buf_clear(&packed->bytes);
	buf_clear(&packed->summary);
	packer_finish(&packer, &packed->bytes, &packed->summary);
	may = pack_may_match(
	    (uint8_t *)packed->summary.data, packed->summary.length, &filter);
	packer_free(&packer);
	return may;
}

static void ports(void **state)
{
	struct packed packed = {.bytes = {0}};

	(void)state;
	assert_true(may_hold(&packed, 1, 25));
	assert_false(may_hold(&packed, 1, 26));
	assert_true(may_hold(&packed, 16, 40));
	assert_false(may_hold(&packed, 16, 41));
	assert_true(may_hold(&packed, 17, 2525));
	empty(&packed);
}

/* A summary of a database from before it named the ports. */
static void no_summary(void **state)
{
	struct row_filter filter;

	(void)state;
	row_filter_init(&filter);
	filter.port = 25;
	assert_true(pack_may_match((const uint8_t *)"", 0, &filter));
}

/* A copy whose end is where the memory ends, so that a step too far shows. */
static int read_copy(struct pack *pack, const char *bytes, size_t length)
{
	char *copy = malloc(length + (length == 0));
	int error;

	memcpy(copy, bytes, length);
	error = pack_read(pack, copy, length);
	free(copy);
	return error;
}

static void cut_short(void **state)
{
	struct packed packed = {.bytes = {0}};
	struct packer packer = {.outcomes = 0};
	struct pack pack = {0};
	size_t length;

	(void)state;
	srand(3);
	fill(&packed, &packer);
	for (length = 0; length < packed.bytes.length; length++)
		assert_int_equal(
		    read_copy(&pack, packed.bytes.data, length), -EBADMSG);
	buf_append_char(&packed.bytes, 0);
	assert_int_equal(
	    read_copy(&pack, packed.bytes.data, packed.bytes.length), -EBADMSG);
	assert_int_equal(pack.counts[PACK_ROWS], 0);
	packer_free(&packer);
	pack_free(&pack);
	empty(&packed);
}

/* Whatever the bytes: rows, or "damaged"; nothing worse (ASan looks on). */
static void damaged(void **state)
{
	struct packed packed = {.bytes = {0}};
	struct packer packer = {.outcomes = 0};
	struct pack pack = {0};
	struct measurement row;
	int round, change;
	size_t i;

	(void)state;
	srand(4);
	for (round = 0; round < 3000; round++) {
		if (round % 100 == 0)
			fill(&packed, &packer);
		for (change = 0; change < 2; change++)
			packed.bytes.data[(size_t)rand() %
					  packed.bytes.length] = (char)rand();
		if (read_copy(&pack, packed.bytes.data, packed.bytes.length) <
		    0)
			continue;
		for (i = 0; i < pack.counts[PACK_ROWS]; i++)
			pack_row_at(&pack, i, &row);
	}
	packer_free(&packer);
	pack_free(&pack);
	empty(&packed);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, number_rows, number);
	TEST_ROWS(&list, bad_number_rows, bad_number);
	TEST_ROWS(&list, code_rows, code);
	test_add(&list, "rows come back as they went in", as_they_went_in);
	test_add(&list, "a summary never hides a row", summary);
	test_add(&list, "a summary names a report's ports, unless many", ports);
	test_add(&list, "an empty summary hides nothing", no_summary);
	test_add(&list, "what is not listed is kept, and passes no filter",
	    not_listed);
	test_add(&list, "a summary of very many networks says nothing",
	    many_sources);
	test_add(&list, "a pack that is cut or has more is damaged", cut_short);
	test_add(&list, "no bytes do harm", damaged);
	return test_run("pack", &list);
}
