/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/prometheus/prometheus.h"

#include "tests/support/rows.h"

static const struct sample_row {
	const char *name, *labels;
	int64_t value;
	const char *line;
} sample_rows[] = {
    {"a sample without labels", NULL, 7, "p_x 7\n"},
    {"a sample with labels", "a=\"b\",c=\"d\"", 7, "p_x{a=\"b\",c=\"d\"} 7\n"},
    {"nothing is a number, too", NULL, 0, "p_x 0\n"},
    {"the largest number is whole", NULL, INT64_MAX,
	"p_x 9223372036854775807\n"},
    {"a gauge may be below zero", NULL, -1, "p_x -1\n"},
};

static void write_sample(void **state)
{
	const struct sample_row *row = *state;
	struct buf out = {0};
	const struct prometheus to = {&out, "p_"};

	prometheus_sample(&to, "x", row->labels, row->value);
	assert_string_equal(out.data, row->line);
	buf_free(&out);
}

static const struct seconds_row {
	const char *name, *labels;
	int64_t time;
	int decimals;
	const char *line;
} seconds_rows[] = {
    {"milliseconds have three decimals", NULL, 1250, 3, "p_x 1.250\n"},
    {"microseconds have six", NULL, 1250, 6, "p_x 0.001250\n"},
    {"whole seconds have them as well", NULL, 2000, 3, "p_x 2.000\n"},
    {"no time at all", NULL, 0, 6, "p_x 0.000000\n"},
    {"a time of today, with a label", "port=\"25\"", 1764115200001, 3,
	"p_x{port=\"25\"} 1764115200.001\n"},
    {"the longest of all", NULL, INT64_MAX, 6, "p_x 9223372036854.775807\n"},
};

static void write_seconds(void **state)
{
	const struct seconds_row *row = *state;
	struct buf out = {0};
	const struct prometheus to = {&out, "p_"};

	prometheus_seconds(&to, "x", row->labels, row->time, row->decimals);
	assert_string_equal(out.data, row->line);
	buf_free(&out);
}

static const struct type_row {
	const char *name;
	enum prometheus_type type;
	const char *text;
} type_rows[] = {
    {"a counter is announced", PROMETHEUS_COUNTER,
	"# HELP p_x What it is.\n# TYPE p_x counter\n"},
    {"a gauge is announced", PROMETHEUS_GAUGE,
	"# HELP p_x What it is.\n# TYPE p_x gauge\n"},
    {"a histogram is announced", PROMETHEUS_HISTOGRAM,
	"# HELP p_x What it is.\n# TYPE p_x histogram\n"},
};

static void announce(void **state)
{
	const struct type_row *row = *state;
	struct buf out = {0};
	const struct prometheus to = {&out, "p_"};

	prometheus_begin(&to, "x", row->type, "What it is.");
	assert_string_equal(out.data, row->text);
	buf_free(&out);
}

static void whole_metrics(void **state)
{
	struct buf out = {0};
	const struct prometheus to = {&out, ""};

	(void)state;
	buf_append_text(&out, "before\n");
	prometheus_counter(&to, "a_total", "All of a.", 3);
	prometheus_gauge(&to, "b", "What b is.", 4);
	assert_string_equal(out.data,
	    "before\n"
	    "# HELP a_total All of a.\n# TYPE a_total counter\na_total 3\n"
	    "# HELP b What b is.\n# TYPE b gauge\nb 4\n");
	buf_free(&out);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, sample_rows, write_sample);
	TEST_ROWS(&list, seconds_rows, write_seconds);
	TEST_ROWS(&list, type_rows, announce);
	test_add(&list, "whole metrics follow what is there", whole_metrics);
	return test_run("prometheus", &list);
}
