/* SPDX-License-Identifier: Apache-2.0 */

/* Both programs' option tables, checked as tables. */

#include <stdio.h>
#include <string.h>

#include "agent/base/options.h"
#include "collector/base/options.h"
#include "tests/support/rows.h"

union settings {
	struct agent_options agent;
	struct collector_options collector;
};

static const struct row {
	const char *name;
	const struct conf_option *table;
	size_t size;
} rows[] = {
    {"agent", agent_option_table, sizeof(struct agent_options)},
    {"collector", collector_option_table, sizeof(struct collector_options)},
};

static void sound(void **state)
{
	const struct row *row = *state;
	const struct conf_option *option, *other;
	union settings settings;
	struct buf sample = {0};
	struct err err = {""};
	struct conf_text text;

	assert_int_equal(conf_defaults(row->table, &settings, &err), 0);
	for (option = row->table; option->section != NULL; option++) {
		assert_true(option->offset + option->size <= row->size);
		assert_non_null(option->help);
		for (other = row->table; other < option; other++)
			assert_true(other->offset != option->offset);
	}
	conf_print_sample(row->table, &sample);
	text = (struct conf_text){"sample", sample.data, sample.length};
	assert_int_equal(
	    conf_read_text(&text, row->table, row->size, &settings, &err), 0);
	buf_free(&sample);
}

static const struct bad_row {
	const char *name;
	size_t program;
	const char *text, *why;
} bad_rows[] = {
    {"an interval under a minute", 0, "[agent]\ninterval = 59\n",
	"f:2: interval: '59' is less than 60 seconds"},
    {"a bare EHLO name", 0, "[agent]\nhelo = laptop\n",
	"f:2: helo: 'laptop' is not fully qualified"},
    {"a collector that is no URL", 0, "[agent]\ncollector = example.net\n",
	"f:2: collector: "},
    {"a name server by name", 0, "[agent]\ndns = ns.example.net\n",
	"f:2: dns: 'ns.example.net' is no name server"},
    {"an unknown section", 0, "[collector]\n", "f:1: unknown section"},
    {"a proxy that is no prefix", 1, "[collector]\ntrusted-proxies = proxy\n",
	"f:2: trusted-proxies: 'proxy' is no address"},
    {"a body over the contract's", 1, "[limits]\nbody = 2M\n",
	"f:2: body: '2M' is more than 1048576"},
    {"a store that is none", 1, "[store]\nbackend = mysql\n",
	"f:2: backend: 'mysql' is none of: sqlite clickhouse"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	const struct row *program = &rows[row->program];
	const struct conf_text text = {"f", row->text, strlen(row->text)};
	union settings settings;
	struct err err = {""};

	assert_int_not_equal(conf_read_text(&text, program->table,
				 program->size, &settings, &err),
	    0);
	assert_memory_equal(err.text, row->why, strlen(row->why));
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, sound);
	TEST_ROWS(&list, bad_rows, bad);
	return test_run("options", &list);
}
