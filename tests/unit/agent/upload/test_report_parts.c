/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/report_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/report/report_decode.h"
#include "lib/report/report_encode.h"
#include "tests/support/rows.h"

#define ID "01930000-0000-7123-8abc-000000000001"

/* A round of so many endpoints with so many addresses each, over IPv4 and
 * then IPv6, so many attempts on each, and paths of 30 hops. */
static void make(struct report *report, size_t endpoints, size_t addresses,
    size_t probes, size_t paths)
{
	struct path_seen path = {.port = 25, .answer_ttl = OBSERVE_ABSENT};
	struct target_seen *target;
	struct probe_seen probe;
	size_t i, j, k;

	memset(report, 0, sizeof(*report));
	strcpy(report->id, ID);
	strcpy(report->agent, "a1");
	strcpy(report->software, "egress25-agent/1");
	report->started_ms = 1795507200000;
	report->ended_ms = 1795507380000;
	for (k = 0; k < OBSERVE_HOPS_MAX; k++) {
		path.hops[k].ttl = (int)k + 1;
		path.hops[k].us = 12345;
		addr_parse(&path.hops[k].address, "2001:db8:ffff:ffff::1");
	}
	path.nhops = OBSERVE_HOPS_MAX;
	probe_seen_init(&probe, 25, MODE_STARTTLS);
	probe.ended = STAGE_CONNECT;
	probe.failure = FAILURE_TIMEOUT;
	for (i = 0; i < endpoints; i++) {
		for (j = 0; j < 2 * addresses; j++) {
			target = report_add_target(report);
			snprintf(target->endpoint, sizeof(target->endpoint),
			    "e%zu", i);
			snprintf(target->host, sizeof(target->host),
			    "mx%zu.example.net", i);
			target->family = j < addresses ? 4 : 6;
			addr_parse(&target->address,
			    j < addresses ? "192.0.2.1" : "2001:db8::1");
			target->address.bytes[2] = (uint8_t)j;
			target->at_ms = report->started_ms;
			for (k = 0; k < probes; k++)
				target_seen_add_probe(target, &probe);
			for (k = 0; k < paths; k++)
				target_seen_add_path(target, &path);
		}
	}
}

static const struct cut_row {
	const char *name;
	size_t endpoints, addresses, probes, paths;
	size_t parts;  /* at least, and at most one more */
	bool together; /* each endpoint in one part */
} cut_rows[] = {
    {"a round of nothing is one report", 0, 0, 0, 0, 1, true},
    {"a usual round is one report", 30, 1, 6, 2, 1, true},
    {"512 targets are one", 256, 1, 4, 0, 1, true},
    {"514 are two, about the same", 257, 1, 4, 0, 2, true},
    {"1,400 are three", 700, 1, 2, 0, 3, true},
    {"above 4,096 attempts there are two", 70, 1, 60, 0, 3, true},
    {"above 1 MiB there are several", 60, 2, 4, 4, 2, true},
    {"an endpoint that is too much is cut by family", 1, 16, 60, 16, 2, false},
    {"or by address", 1, 60, 60, 10, 4, false},
};

static void cut(void **state)
{
	const struct cut_row *row = *state;
	struct report whole, part, read;
	size_t *ends, count, i, from = 0, least = SIZE_MAX;
	struct buf json = {0};
	struct err err;

	make(&whole, row->endpoints, row->addresses, row->probes, row->paths);
	assert_int_equal(
	    report_parts_cut(&whole, &report_limits, &ends, &count), 0);
	assert_in_range(count, row->parts, row->parts + (row->parts > 1));
	for (i = 0; i < count; i++) {
		assert_true(ends[i] > from || whole.ntargets == 0);
		part = report_part(&whole, from, ends[i], ID);
		buf_clear(&json);
		report_encode(&part, &json);
		assert_true(json.length <= REPORT_BYTES_MAX);
		/* The reader takes it. */
		if (report_decode(json.data, json.length, &read, &err) < 0)
			fail_msg("part %zu: %s", i, err.text);
		assert_int_equal(read.ntargets, ends[i] - from);
		report_free(&read);
		if (row->together && from > 0)
			assert_string_not_equal(whole.targets[from].endpoint,
			    whole.targets[from - 1].endpoint);
		least = ends[i] - from < least ? ends[i] - from : least;
		from = ends[i];
	}
	assert_int_equal(from, whole.ntargets);
	/* None is left with hardly anything to compare with. */
	if (row->together && count > 1)
		assert_true(least * count * 2 >= whole.ntargets);
	free(ends);
	buf_free(&json);
	report_free(&whole);
}

static void halves(void **state)
{
	struct buf json = {0}, once[2] = {{0}}, twice[2] = {{0}};
	struct report whole, half;
	struct err err;
	char id[REPORT_ID_SIZE];
	size_t i, targets = 0;

	(void)state;
	make(&whole, 3, 1, 2, 1);
	report_encode(&whole, &json);
	assert_int_equal(report_halve(json.data, json.length, once, &err), 0);
	assert_int_equal(report_halve(json.data, json.length, twice, &err), 0);
	for (i = 0; i < 2; i++) {
		assert_string_equal(once[i].data, twice[i].data);
		assert_int_equal(
		    report_decode(once[i].data, once[i].length, &half, &err),
		    0);
		report_half_id(ID, (int)i, id);
		assert_string_equal(half.id, id);
		assert_true(strcmp(id, ID) > 0);
		assert_true(half.started_ms == whole.started_ms);
		targets += half.ntargets;
		assert_int_equal(half.ntargets % 2, 0); /* both families */
		report_free(&half);
		buf_free(&once[i]);
		buf_free(&twice[i]);
	}
	assert_int_equal(targets, 6);
	report_free(&whole);
	buf_free(&json);
}

/* Halved again and again, no two have the same id. */
static void ids(void **state)
{
	static char seen[256][REPORT_ID_SIZE];
	size_t count = 1, at, i;

	(void)state;
	strcpy(seen[0], ID);
	for (at = 0; count + 2 <= 256; at++) {
		report_half_id(seen[at], 0, seen[count++]);
		report_half_id(seen[at], 1, seen[count++]);
	}
	for (at = 0; at < count; at++) {
		assert_int_equal(strlen(seen[at]), REPORT_ID_SIZE - 1);
		assert_int_equal(seen[at][14], '7');
		for (i = at + 1; i < count; i++)
			assert_string_not_equal(seen[at], seen[i]);
	}
}

static void not_halved(void **state)
{
	struct buf json = {0}, two[2] = {{0}};
	struct report whole;
	struct err err;

	(void)state;
	make(&whole, 1, 1, 2, 0);
	whole.ntargets = 1;
	report_encode(&whole, &json);
	whole.ntargets = 2;
	assert_int_equal(
	    report_halve(json.data, json.length, two, &err), -EINVAL);
	assert_int_equal(report_halve("{}", 2, two, &err), -EINVAL);
	report_free(&whole);
	buf_free(&json);
	buf_free(&two[0]);
	buf_free(&two[1]);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, cut_rows, cut);
	test_add(&list, "two halves are all of it, the same each time", halves);
	test_add(&list, "no two halves have the same id", ids);
	test_add(&list, "one target cannot be halved", not_halved);
	return test_run("report_parts", &list);
}
