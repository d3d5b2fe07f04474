/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/config/args.h"

#include <errno.h>
#include <string.h>

#include "lib/config/port_list.h"
#include "tests/support/rows.h"

#define WORDS_MAX 16

struct settings {
	bool flag;
	const char *text;
	int64_t count;
	int choice;
	struct port_list ports;
	int64_t since_ms;
	int64_t large;
};

#define AT(field) offsetof(struct settings, field)

static const struct args_option options[] = {
    {"flag", 'f', ARGS_FLAG, AT(flag), .help = "a flag"},
    {"text", 't', ARGS_TEXT, AT(text), "TEXT", .help = "a text"},
    {"count", 0, ARGS_COUNT, AT(count), "N", "5", .least = 1, .most = 9,
	.help = "a count"},
    {"choice", 0, ARGS_CHOICE, AT(choice), "WORD", "b", "a b", .help = "one"},
    {"ports", 0, ARGS_PORTS, AT(ports), "LIST", .help = "ports"},
    {"since", 0, ARGS_TIME, AT(since_ms), "TIME", .help = "a time"},
    {"large", 0, ARGS_COUNT, AT(large), "N", .most = UINT32_MAX,
	.help = "as an AS number"},
    {NULL},
};

static int run(const void *settings, char **operands, int noperands)
{
	return 40 + noperands;
}

static const struct args_command commands[] = {
    {"", NULL, "none", options, sizeof(struct settings), run, ""},
    {"go", "[X ...]", "go on", options, sizeof(struct settings), run, ""},
    {"stay", NULL, "stay", options, sizeof(struct settings), run, ""},
    {NULL},
};

static const struct args_program program = {"prog", "a program", commands};

static int split(const char *line, char *copy, char **words)
{
	int n = 0;

	strcpy(copy, line);
	for (line = strtok(copy, " "); line != NULL; line = strtok(NULL, " "))
		words[n++] = (char *)line;
	words[n] = NULL;
	return n;
}

static int parse(
    const char *line, struct args_parsed *parsed, char **first, struct err *err)
{
	static char copy[256];
	char *words[WORDS_MAX + 1];
	int rc, n = split(line, copy, words);

	rc = args_parse(&commands[1], n, words, parsed, err);
	*first = rc == 0 ? words[parsed->first] : NULL;
	return rc;
}

static void defaults(void **state)
{
	struct settings s;
	struct args_parsed parsed = {&s};
	struct err err;
	char *first;

	assert_int_equal(parse("go", &parsed, &first, &err), 0);
	assert_false(s.flag);
	assert_null(s.text);
	assert_int_equal(s.count, 5);
	assert_int_equal(s.choice, 1);
	assert_int_equal(s.ports.count, 0);
	assert_int_equal(s.since_ms, 0);
	assert_int_equal(s.large, -1);
	assert_null(first);
}

static void all(void **state)
{
	struct settings s;
	struct args_parsed parsed = {&s};
	struct err err;
	char *first;

	assert_int_equal(parse("go host -f -tx --count=9 --choice a "
			       "--ports=25,465 --since=1970-01-02 "
			       "--large=4294967295",
			     &parsed, &first, &err),
	    0);
	assert_true(s.flag);
	assert_string_equal(s.text, "x");
	assert_int_equal(s.count, 9);
	assert_int_equal(s.choice, 0);
	assert_int_equal(s.ports.count, 2);
	assert_int_equal(s.since_ms, 86400000);
	assert_int_equal(s.large, UINT32_MAX);
	assert_string_equal(first, "host");
}

static const struct bad_row {
	const char *name, *line, *why;
} bad_rows[] = {
    {"an unknown long option", "go --flog", "--flog is no option here"},
    {"an unknown letter", "go -x", "-x is no option here"},
    {"an unknown letter behind a known one", "go -fx", "-x is no option here"},
    {"a long option without its value", "go --text", "--text needs a value"},
    {"a letter without its value", "go -t", "-t needs a value"},
    {"a value where none is taken", "go --flag=1", "--flag=1"},
    {"an ambiguous abbreviation", "go --c 1", "--c is no option here"},
    {"a value that is wrong names its option", "go --count 10",
	"--count: '10' is more than 9"},
    {"a choice that is none", "go --choice c", "--choice: 'c' is none of: a b"},
    {"a port that is none", "go --ports smtp", "--ports: 'smtp' is no port"},
    {"a time that is none", "go --since yesterday",
	"--since: 'yesterday' is no time"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	struct settings s;
	struct args_parsed parsed = {&s};
	struct err err = {""};
	char *first;

	assert_int_equal(parse(row->line, &parsed, &first, &err), -EINVAL);
	assert_memory_equal(err.text, row->why, strlen(row->why));
}

static void help(void **state)
{
	struct settings s;
	struct args_parsed parsed = {&s};
	struct err err;
	char *first;

	assert_int_equal(parse("go -fh --flog", &parsed, &first, &err), 0);
	assert_true(parsed.help);
	assert_int_equal(parse("go --vers", &parsed, &first, &err), 0);
	assert_true(parsed.version);
	assert_int_equal(parse("go -- --help", &parsed, &first, &err), 0);
	assert_false(parsed.help);
	assert_string_equal(first, "--help");
}

static const struct exit_row {
	const char *name, *line;
	int code;
} exit_rows[] = {
    {"operands reach their command", "prog go a b", 42},
    {"an operand where none is taken", "prog stay a", EXIT_USAGE},
    {"no command at all", "prog", EXIT_USAGE},
    {"an unknown command", "prog went", EXIT_USAGE},
    {"options without a command", "prog -f", 40},
    {"a wrong option", "prog go --flog", EXIT_USAGE},
};

static void exits(void **state)
{
	const struct exit_row *row = *state;
	char copy[256], *words[WORDS_MAX + 1];
	int n = split(row->line, copy, words);

	assert_int_equal(args_main(&program, n, words), row->code);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "fallbacks", defaults);
	test_add(&list, "every type, before and behind an operand", all);
	TEST_ROWS(&list, bad_rows, bad);
	test_add(&list, "help and version end the reading", help);
	TEST_ROWS(&list, exit_rows, exits);
	return test_run("args", &list);
}
