/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/report_detail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/keyword.h"
#include "tests/support/rows.h"

static const struct detail_path path = {
    .row = 3,
    .nrows = 4,
    .port = 25,
    .answer_ttl = OBSERVE_ABSENT,
    .nhops = 3,
    .hops =
	{
	    {1, true, ZONE_HOME, 0, "", 900},
	    {2, false, ZONE_NONE, 0, "", OBSERVE_ABSENT},
	    {3, true, ZONE_TRANSIT, 4200000000, "2001:db8:1::/48", 0},
	},
};

static const struct detail_probe probe = {
    .row = 5,
    .us = {OBSERVE_ABSENT, 12000, 0, 5, OBSERVE_ABSENT, 1, 2, 3},
    .text = "mx ESMTP",
    .ncaps = 2,
    .caps = {"PIPELINING", "SIZE 1"},
    .reply_code = 554,
    .reply = "no",
    .receipt = RECEIPT_OTHER_EHLO,
};

struct seen {
	char software[64];
	struct detail_path path;
	struct detail_probe probe;
	int paths, probes;
};

static int see_software(void *arg, const char *software)
{
	struct seen *seen = arg;

	strcpy(seen->software, software);
	return 0;
}

static int see_path(void *arg, const struct detail_path *read)
{
	struct seen *seen = arg;

	seen->path = *read;
	seen->paths++;
	return 0;
}

static int see_probe(void *arg, const struct detail_probe *read)
{
	struct seen *seen = arg;

	seen->probe = *read;
	return seen->probes++ < 1 ? 0 : -ECANCELED;
}

static int look(const void *bytes, size_t length, struct seen *seen)
{
	const struct report_detail_visitor visitor = {
	    see_software, see_path, see_probe, seen};

	memset(seen, 0, sizeof(*seen));
	return report_detail_read(bytes, length, &visitor);
}

static void pack(struct buf *out)
{
	report_detail_begin(out, "agent/1");
	report_detail_add_path(out, &path);
	report_detail_add_probe(out, &probe, NULL);
	assert_false(out->failed);
}

static void both_ways(void **state)
{
	struct buf out = {0};
	struct seen seen;
	size_t i;

	(void)state;
	pack(&out);
	assert_int_equal(look(out.data, out.length, &seen), 0);
	assert_string_equal(seen.software, "agent/1");
	assert_int_equal(seen.paths, 1);
	assert_int_equal(seen.probes, 1);
	assert_int_equal(seen.path.row, 3);
	assert_int_equal(seen.path.nrows, 4);
	assert_int_equal(seen.path.port, 25);
	assert_int_equal(seen.path.answer_ttl, OBSERVE_ABSENT);
	assert_int_equal(seen.path.nhops, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(seen.path.hops[i].ttl, path.hops[i].ttl);
		assert_int_equal(
		    seen.path.hops[i].answered, path.hops[i].answered);
		assert_int_equal(seen.path.hops[i].zone, path.hops[i].zone);
		assert_int_equal(seen.path.hops[i].asn, path.hops[i].asn);
		assert_string_equal(
		    seen.path.hops[i].prefix, path.hops[i].prefix);
		assert_int_equal(seen.path.hops[i].us, path.hops[i].us);
	}
	assert_int_equal(seen.probe.row, 5);
	assert_memory_equal(seen.probe.us, probe.us, sizeof(probe.us));
	assert_string_equal(seen.probe.text, "mx ESMTP");
	assert_int_equal(seen.probe.ncaps, 2);
	assert_string_equal(seen.probe.caps[1], "SIZE 1");
	assert_int_equal(seen.probe.reply_code, 554);
	assert_string_equal(seen.probe.reply, "no");
	assert_int_equal(seen.probe.receipt, RECEIPT_OTHER_EHLO);
	buf_free(&out);
}

/* As databases have it from before there were receipts: a byte less. */
static void without_receipt(void **state)
{
	struct buf out = {0};
	struct seen seen;

	(void)state;
	pack(&out);
	out.data[0] = 1;
	assert_int_equal(look(out.data, out.length - 1, &seen), 0);
	assert_string_equal(seen.probe.reply, "no");
	assert_int_equal(seen.probe.receipt, RECEIPT_NONE);
	buf_free(&out);
}

/* Bytes on the heap, so that ASan sees who reads beyond them. */
static void damaged(void **state)
{
	struct buf out = {0};
	struct seen seen;
	size_t length, at;
	char *copy;
	int bit;

	(void)state;
	pack(&out);
	for (length = 1; length < out.length; length++) {
		copy = malloc(length);
		assert_non_null(copy);
		memcpy(copy, out.data, length);
		look(copy, length, &seen);
		assert_int_equal(seen.probes, 0);
		free(copy);
	}
	for (at = 0; at < out.length; at++)
		for (bit = 0; bit < 8; bit++) {
			out.data[at] = (char)(out.data[at] ^ (1 << bit));
			look(out.data, out.length, &seen);
			assert_true(seen.path.nhops <= OBSERVE_HOPS_MAX);
			assert_true(seen.probe.ncaps <= OBSERVE_CAPS_MAX);
			out.data[at] = (char)(out.data[at] ^ (1 << bit));
		}
	buf_free(&out);
}

static void nothing(void **state)
{
	struct seen seen;

	(void)state;
	assert_int_equal(look("", 0, &seen), 0);
	assert_int_equal(look("\3", 1, &seen), -EBADMSG);
}

/* Kept in databases: what a number means never changes. */
static const struct keyword_row {
	const char *name, *keyword;
	uint64_t number; /* 0: written as text */
} keyword_rows[] = {
    {"the first keyword", "PIPELINING", 32},
    {"one with an argument", "AUTH PLAIN LOGIN", 47},
    {"the last keyword", "REQUIRETLS", 52},
    {"another size", "SIZE 10240001", 0},
    {"part of one", "PIPELININ", 0},
    {"one in small letters", "pipelining", 0},
    {"none", "", 0},
    {"the longest that is kept", "XABCDEFGHIJKLMNOPQRSTUVWXYZABCD", 0},
};

static void keyword_row(void **state)
{
	const struct keyword_row *row = *state;
	struct detail_probe said = probe;
	struct buf out = {0};
	struct seen seen;
	size_t length = strlen(row->keyword);

	assert_int_equal(keyword_number(row->keyword, length), row->number);
	said.ncaps = 1;
	strcpy(said.caps[0], row->keyword);
	report_detail_begin(&out, "agent/1");
	report_detail_add_probe(&out, &said, NULL);
	assert_int_equal(look(out.data, out.length, &seen), 0);
	assert_int_equal(seen.probe.ncaps, 1);
	assert_string_equal(seen.probe.caps[0], row->keyword);
	assert_string_equal(seen.probe.reply, "no");
	buf_free(&out);
}

static void unknown_keyword(void **state)
{
	struct buf out = {0};
	struct seen seen;
	size_t at;

	(void)state;
	pack(&out);
	/* Two keywords, the first of which has the number 32. */
	for (at = 0; out.data[at] != 2 || out.data[at + 1] != 32; at++)
		assert_true(at + 2 < out.length);
	out.data[at + 1] = 0x7f;
	assert_int_equal(look(out.data, out.length, &seen), -EBADMSG);
	assert_null(keyword_text(0x7f));
	assert_null(keyword_text(31));
	buf_free(&out);
}

/* Whichever way a keyword is looked for, it finds its own number. */
static void all_keywords(void **state)
{
	const char *keyword;
	uint64_t number;

	(void)state;
	for (number = 32; (keyword = keyword_text(number)) != NULL; number++)
		assert_int_equal(
		    keyword_number(keyword, strlen(keyword)), number);
	assert_int_equal(number, 53);
}

static void visitor_ends(void **state)
{
	struct buf out = {0};
	struct seen seen;

	(void)state;
	pack(&out);
	report_detail_add_probe(&out, &probe, NULL);
	report_detail_add_probe(&out, &probe, NULL);
	assert_int_equal(look(out.data, out.length, &seen), -ECANCELED);
	assert_int_equal(seen.probes, 2);
	buf_free(&out);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "what is packed is read again", both_ways);
	test_add(&list, "what an older version packed has no receipt",
	    without_receipt);
	test_add(&list, "damaged bytes end the reading", damaged);
	test_add(&list, "a report without detail has none", nothing);
	TEST_ROWS(&list, keyword_rows, keyword_row);
	test_add(&list, "each keyword has its number", all_keywords);
	test_add(&list, "a number that no keyword has", unknown_keyword);
	test_add(&list, "a visitor ends the reading", visitor_ends);
	return test_run("report_detail", &list);
}
