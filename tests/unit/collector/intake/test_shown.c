/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/shown.h"

#include <stdio.h>
#include <string.h>

#include "collector/record/report_detail.h"
#include "tests/support/rows.h"

#define WORDS  4
#define KINDS  (WORDS * WORDS * WORDS)
#define HIDDEN "[removed]"

/* What a server says, and what is shown of it. */
static const struct {
	const char *said, *shown;
} words[WORDS] = {
    {"", ""},
    {"250 hello there", "250 hello there"},
    {"250 hello 192.0.2.7", "250 hello " HIDDEN},
    {"250 hello host.example.org", "250 hello " HIDDEN},
};

static const struct {
	size_t count;
	const char *said[3], *shown[3];
} keywords[WORDS] = {
    {0, {NULL}, {NULL}},
    {2, {"PIPELINING", "SIZE 7"}, {"PIPELINING", "SIZE 7"}},
    {2, {"PIPELINING", "SIZE 192.0.2.7"}, {"PIPELINING", "SIZE " HIDDEN}},
    {3, {"PIPELINING", "SIZE 7", "BUY"}, {"PIPELINING", "SIZE 7", HIDDEN}},
};

/* A probe by its number. */
struct kind {
	size_t text, reply, caps;
};

static struct kind kind_of(size_t number)
{
	return (struct kind){number % WORDS, number / WORDS % WORDS,
	    number / WORDS / WORDS % WORDS};
}

static void add_probe(struct target_seen *target, size_t number)
{
	struct kind kind = kind_of(number);
	struct probe_seen probe;
	size_t i;

	probe_seen_init(&probe, 25, MODE_STARTTLS);
	strcpy(probe.smtp.text, words[kind.text].said);
	strcpy(probe.reply.text, words[kind.reply].said);
	probe.smtp.ncaps = keywords[kind.caps].count;
	for (i = 0; i < probe.smtp.ncaps; i++)
		strcpy(probe.smtp.caps[i], keywords[kind.caps].said[i]);
	assert_int_equal(target_seen_add_probe(target, &probe), 0);
}

struct reading {
	const size_t *numbers;
	size_t count;
};

static int see_probe(void *arg, const struct detail_probe *probe)
{
	struct reading *reading = arg;
	struct kind kind = kind_of(reading->numbers[reading->count]);
	size_t i;

	assert_int_equal(probe->row, reading->count++);
	assert_string_equal(probe->text, words[kind.text].shown);
	assert_string_equal(probe->reply, words[kind.reply].shown);
	assert_int_equal(probe->ncaps, keywords[kind.caps].count);
	for (i = 0; i < probe->ncaps; i++)
		assert_string_equal(
		    probe->caps[i], keywords[kind.caps].shown[i]);
	return 0;
}

static int see_path(void *arg, const struct detail_path *path)
{
	(void)arg;
	(void)path;
	return 0;
}

static int see_software(void *arg, const char *software)
{
	(void)arg;
	(void)software;
	return 0;
}

/* `first` and `second` of one endpoint, then both of another one. */
static void check(size_t first, size_t second)
{
	const size_t numbers[] = {first, second, first, second};
	struct measurement rows[4] = {{{0}}};
	struct endpoint_list endpoints = {0};
	struct attribution attribution = {.endpoints = &endpoints};
	struct reading reading = {numbers, 0};
	const struct report_detail_visitor visitor = {
	    see_software, see_path, see_probe, &reading};
	struct report report = {0};
	struct buf out = {0};
	size_t i;

	for (i = 0; i < 2; i++) {
		struct target_seen *target = report_add_target(&report);

		assert_non_null(target);
		add_probe(target, first);
		add_probe(target, second);
	}
	shown_pack(&report, &attribution, rows, &out);
	assert_false(out.failed);
	assert_int_equal(report_detail_read(out.data, out.length, &visitor), 0);
	assert_int_equal(reading.count, 4);
	buf_free(&out);
	report_free(&report);
}

static void each_its_own(void **state)
{
	size_t first, second;

	(void)state;
	for (first = 0; first < KINDS; first++)
		for (second = 0; second < KINDS; second++)
			check(first, second);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "each probe is shown with its own words", each_its_own);
	return test_run("shown", &list);
}
