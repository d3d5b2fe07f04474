/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_CONFIG_ARGS_H
#define EGRESS25_LIB_CONFIG_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/*
 * The command line of a program with subcommands. One typed table per command
 * drives parsing, defaults and --help, as conf.h does for the file. Every
 * command has --help and --version. Wrong usage prints one line to stderr and
 * ends with EXIT_USAGE.
 */

/* The exit codes that all commands share (contract, section 2). */
enum exit_code { EXIT_FINE = 0, EXIT_USAGE = 2, EXIT_OURS = 4 };

enum args_type {
	ARGS_FLAG,   /* bool; takes no value */
	ARGS_TEXT,   /* const char *, into argv; NULL: not given */
	ARGS_COUNT,  /* int64_t, within least and most; least - 1: not given */
	ARGS_CHOICE, /* int: the index in `choices` */
	ARGS_PORTS,  /* struct port_list; count 0: not given */
	ARGS_TIME,   /* int64_t, ms since 1970 (RFC 3339); 0: not given */
};

struct args_option {
	const char *name; /* without "--"; NULL ends a table */
	char letter;      /* also as -x; 0: only long */
	enum args_type type : 8;
	uint16_t offset;      /* of the field in the command's settings */
	const char *value;    /* what the help calls its value */
	const char *fallback; /* NULL: "not given" */
	const char *choices;  /* CHOICE: "auto always never" */
	uint32_t least, most; /* COUNT */
	const char *help;     /* one line */
};

/* Run a command: its settings, its operands. Returns the exit code. */
typedef int args_run(const void *settings, char **operands, int noperands);

struct args_command {
	const char *name;     /* NULL ends a table; "": no command was named */
	const char *operands; /* "[HOST ...]", or NULL: it takes none */
	const char *summary;  /* one line */
	const struct args_option *options;
	size_t settings_size;
	args_run *run;
	const char *examples; /* lines, each as it is typed */
};

struct args_program {
	const char *name;    /* "egress25-agent" */
	const char *summary; /* one line */
	const struct args_command *commands;
};

/* Parse the command line, run the command, and return what main() returns.
 * Calls log_setup(). */
int args_main(const struct args_program *program, int argc, char **argv);

/* A parsed command line. */
struct args_parsed {
	void *settings;     /* the caller's, settings_size large */
	int first;          /* index of the first operand; options come first */
	bool help, version; /* asked for; the rest was not parsed */
};

/* Set all fields to their fallbacks, then parse argv[1] and what follows;
 * argv[0] is the command. 0, or -EINVAL for a wrong option or value. */
int args_parse(const struct args_command *command, int argc, char **argv,
    struct args_parsed *parsed, struct err *err);

/* Log the message. Returns the exit code for `error`: EXIT_USAGE for -EINVAL,
 * EXIT_OURS for any other. */
int args_fail(int error, const struct err *err);

/* Flush stdout. Returns EXIT_FINE, or EXIT_OURS, after a line on stderr, if not
 * all of the output could be written. */
int args_finish_output(void);

#endif
