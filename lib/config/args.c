/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/config/args.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/rfc3339.h"
#include "lib/base/values.h"
#include "lib/config/port_list.h"

#define OPTIONS_MAX  32
#define LONG_ONLY    1000 /* getopt's codes: the letter, or this + index */
#define HELP_CODE    'h'
#define VERSION_CODE 'V'
#define HELP_WIDTH   80
#define HELP_COLUMN  26

static int set_time(int64_t *field, const char *text, struct err *err)
{
	if (!rfc3339_parse(text, field))
		return err_input(err,
		    "'%.80s' is no time: write 2026-01-31 or "
		    "2026-01-31T12:00:00Z",
		    text);
	return 0;
}

static int set_value(const struct args_option *option, void *settings,
    const char *text, struct err *err)
{
	void *field = (char *)settings + option->offset;

	switch (option->type) {
	case ARGS_FLAG:
		*(bool *)field = true;
		return 0;
	case ARGS_TEXT:
		*(const char **)field = text;
		return 0;
	case ARGS_COUNT:
		return values_parse_count(
		    text, option->least, option->most, field, err);
	case ARGS_CHOICE:
		return values_parse_choice(text, option->choices, field, err);
	case ARGS_PORTS:
		return port_list_parse(text, field, err);
	case ARGS_TIME:
		return set_time(field, text, err);
	}
	return err_input(err, "an option of no type");
}

/* A count that was not given is one less than the least. */
static void set_absent(const struct args_option *option, void *settings)
{
	int64_t *count = (int64_t *)((char *)settings + option->offset);

	*count = (int64_t)option->least - 1;
}

static int set_fallbacks(
    const struct args_command *command, void *settings, struct err *err)
{
	const struct args_option *option = command->options;
	int rc = 0;

	memset(settings, 0, command->settings_size);
	for (; rc == 0 && option->name != NULL; option++) {
		if (option->fallback != NULL)
			rc = set_value(option, settings, option->fallback, err);
		else if (option->type == ARGS_COUNT)
			set_absent(option, settings);
		if (rc != 0)
			err_prefix(err, "default of --%s", option->name);
	}
	return rc;
}

/* Our table in the form that getopt_long() wants. */
struct getopt_tables {
	struct option longs[OPTIONS_MAX + 3];
	char letters[2 * OPTIONS_MAX + 4];
};

static void make_tables(
    const struct args_command *command, struct getopt_tables *tables)
{
	const struct args_option *option = command->options;
	char *letters = tables->letters;
	size_t i;

	memset(tables, 0, sizeof(*tables));
	*letters++ = ':'; /* tell a missing value from an unknown option */
	*letters++ = HELP_CODE;
	for (i = 0; option[i].name != NULL && i < OPTIONS_MAX; i++) {
		bool takes = option[i].type != ARGS_FLAG;

		tables->longs[i].name = option[i].name;
		tables->longs[i].has_arg = takes ? required_argument
						 : no_argument;
		tables->longs[i].val = LONG_ONLY + (int)i;
		if (option[i].letter == '\0')
			continue;
		*letters++ = option[i].letter;
		if (takes)
			*letters++ = ':';
	}
	tables->longs[i].name = "help";
	tables->longs[i++].val = HELP_CODE;
	tables->longs[i].name = "version";
	tables->longs[i].val = VERSION_CODE;
}

static const struct args_option *option_of(
    const struct args_command *command, int code)
{
	const struct args_option *option = command->options;

	if (code >= LONG_ONLY)
		return &option[code - LONG_ONLY];
	while (option->name != NULL && option->letter != code)
		option++;
	return option;
}

/* Name the option that getopt_long() refused, as it was typed. */
static int err_option(int code, char **argv, struct err *err)
{
	const char *what = code == ':' ? "needs a value" : "is no option here";

	if (optopt != 0 && optopt < LONG_ONLY)
		return err_input(err, "-%c %s", optopt, what);
	return err_input(err, "%.80s %s", argv[optind - 1], what);
}

int args_parse(const struct args_command *command, int argc, char **argv,
    struct args_parsed *parsed, struct err *err)
{
	const struct args_option *option;
	struct getopt_tables tables;
	int rc = set_fallbacks(command, parsed->settings, err);
	int code;

	make_tables(command, &tables);
	parsed->help = parsed->version = false;
	optind = 0; /* glibc: start afresh */
	opterr = 0;
	while (rc == 0 && !parsed->help && !parsed->version) {
		code = getopt_long(
		    argc, argv, tables.letters, tables.longs, NULL);
		if (code == -1)
			break;
		if (code == '?' || code == ':')
			return err_option(code, argv, err);
		parsed->help = code == HELP_CODE;
		parsed->version = code == VERSION_CODE;
		if (parsed->help || parsed->version)
			break;
		option = option_of(command, code);
		rc = set_value(option, parsed->settings, optarg, err);
		if (rc != 0)
			err_prefix(err, "--%s", option->name);
	}
	parsed->first = optind;
	return rc;
}

static void print_option(const struct args_option *option)
{
	char left[80];
	int width;

	width = snprintf(left, sizeof(left), "  %c%c%s--%s%s%s",
	    option->letter ? '-' : ' ', option->letter ? option->letter : ' ',
	    option->letter ? ", " : "  ", option->name,
	    option->value ? " " : "", option->value ? option->value : "");
	printf("%-*s", HELP_COLUMN, left);
	if (width >= HELP_COLUMN)
		printf("\n%*s", HELP_COLUMN, "");
	printf("%s", option->help);
	width = HELP_COLUMN + (int)strlen(option->help);
	if (option->choices != NULL &&
	    width + (int)strlen(option->choices) > HELP_WIDTH - 16)
		printf(":\n%*s%s", HELP_COLUMN, "", option->choices);
	else if (option->choices != NULL)
		printf(": %s", option->choices);
	if (option->fallback != NULL)
		printf(" [%s]", option->fallback);
	putchar('\n');
}

static void print_command_help(
    const struct args_program *program, const struct args_command *command)
{
	static const struct args_option help = {
	    .name = "help", .letter = HELP_CODE, .help = "print this"};
	const struct args_option *option;

	printf("usage: %s %s [OPTION ...]%s%s\n\n%s\n\n", program->name,
	    command->name, command->operands ? " " : "",
	    command->operands ? command->operands : "", command->summary);
	for (option = command->options; option->name != NULL; option++)
		print_option(option);
	print_option(&help);
	printf("\nexamples:\n%s", command->examples);
}

static void print_program_help(const struct args_program *program)
{
	const struct args_command *command;
	const struct args_option *option;

	printf("usage: %s COMMAND [OPTION ...]\n\n%s\n\ncommands:\n",
	    program->name, program->summary);
	for (command = program->commands; command->name != NULL; command++)
		if (*command->name != '\0')
			printf("  %-12s %s\n", command->name, command->summary);
	printf("\n'%s COMMAND --help' tells more. Without a command:\n",
	    program->name);
	for (command = program->commands; command->name != NULL; command++) {
		if (*command->name != '\0')
			continue;
		for (option = command->options; option->name != NULL; option++)
			print_option(option);
		printf("  -h, --help\n      --version\n\nexamples:\n%s",
		    command->examples);
	}
}

int args_finish_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_FINE;
	log_error("cannot write the output: %s", strerror(errno));
	return EXIT_OURS;
}

static const struct args_command *find_command(
    const struct args_program *program, const char *name)
{
	const struct args_command *command = program->commands;

	while (command->name != NULL && strcmp(command->name, name) != 0)
		command++;
	return command->name == NULL ? NULL : command;
}

static int print_help(
    const struct args_program *program, const struct args_command *command)
{
	if (*command->name != '\0')
		print_command_help(program, command);
	else
		print_program_help(program);
	return args_finish_output();
}

static int print_version(const struct args_program *program)
{
	printf("%s %s\n", program->name, EGRESS25_VERSION);
	return args_finish_output();
}

static int usage_error(const struct args_program *program,
    const struct args_command *command, const struct err *err)
{
	bool named = command != NULL && *command->name != '\0';

	log_error("%s (see '%s%s%s --help')", err->text, program->name,
	    named ? " " : "", named ? command->name : "");
	return EXIT_USAGE;
}

static int run_command(const struct args_program *program,
    const struct args_command *command, int argc, char **argv)
{
	struct args_parsed parsed = {calloc(1, command->settings_size)};
	struct err err = {""};
	int code;

	if (parsed.settings == NULL) {
		log_error("%s", strerror(ENOMEM));
		return EXIT_OURS;
	}
	if (args_parse(command, argc, argv, &parsed, &err) != 0) {
		code = usage_error(program, command, &err);
	} else if (parsed.help) {
		code = print_help(program, command);
	} else if (parsed.version) {
		code = print_version(program);
	} else if (parsed.first < argc && command->operands == NULL) {
		err_input(&err, "'%.80s' is too much", argv[parsed.first]);
		code = usage_error(program, command, &err);
	} else {
		code = command->run(
		    parsed.settings, argv + parsed.first, argc - parsed.first);
	}
	free(parsed.settings);
	return code;
}

int args_fail(int error, const struct err *err)
{
	log_error("%s", err->text);
	return error == -EINVAL ? EXIT_USAGE : EXIT_OURS;
}

int args_main(const struct args_program *program, int argc, char **argv)
{
	bool named = argc > 1 && argv[1][0] != '-';
	const struct args_command *command = find_command(
	    program, named ? argv[1] : "");
	struct err err;

	log_setup(program->name, LOG_LEVEL_INFO);
	if (argc >= 2 && command != NULL)
		return run_command(
		    program, command, argc - named, argv + named);
	if (argc < 2)
		err_input(&err, "no command");
	else
		err_input(&err, "'%.80s' is no command", argv[1]);
	return usage_error(program, NULL, &err);
}
