/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>

#include "beacon/serve.h"
#include "lib/config/args.h"

struct command_arguments {
	const char *config; /* NULL: the default path */
	bool check_config, print_config;
};

#define AT(field) offsetof(struct command_arguments, field)

/* clang-format off */
#define CONFIG_OPTION \
	{"config", 0, ARGS_TEXT, AT(config), "FILE", \
	    .help = "configuration [" BEACON_CONFIG_PATH "]"}
#define CHECK_CONFIG_OPTION \
	{"check-config", 0, ARGS_FLAG, AT(check_config), \
	    .help = "check the configuration, then exit"}
/* clang-format on */

static const struct args_option no_command_options[] = {
    CONFIG_OPTION,
    CHECK_CONFIG_OPTION,
    {"print-config", 0, ARGS_FLAG, AT(print_config),
	.help = "print a sample configuration and exit"},
    {NULL},
};

static const struct args_option serve_options[] = {
    CONFIG_OPTION,
    CHECK_CONFIG_OPTION,
    {NULL},
};

static const struct args_option key_options[] = {
    CONFIG_OPTION,
    {NULL},
};

static int print_config(void)
{
	struct buf sample = {0};

	conf_print_sample(beacon_option_table, &sample);
	if (!sample.failed)
		fputs(sample.data, stdout);
	buf_free(&sample);
	return args_finish_output();
}

/* Read the configuration, and go on with `then`; NULL: it was only checked. */
static int with_options(const struct command_arguments *given,
    int (*then)(const char *config, const struct beacon_options *options))
{
	struct beacon_options options;
	struct err err = {""};
	int error = beacon_options_read(given->config, &options, &err);

	if (error < 0)
		return args_fail(error, &err);
	if (then != NULL)
		return then(given->config, &options);
	printf("configuration OK, %zu ports\n", options.ports.count);
	return args_finish_output();
}

static int run_no_command(const void *arguments, char **operands, int noperands)
{
	const struct command_arguments *given = arguments;
	struct err err = {""};

	if (given->print_config)
		return print_config();
	if (given->check_config)
		return with_options(given, NULL);
	return args_fail(
	    err_input(&err, "no command (see 'egress25-beacon --help')"), &err);
}

static int run_serve(const void *arguments, char **operands, int noperands)
{
	const struct command_arguments *given = arguments;

	return with_options(given, given->check_config ? NULL : serve_run);
}

static int run_key(const void *arguments, char **operands, int noperands)
{
	return with_options(arguments, serve_print_key);
}

static const struct args_command serve_command = {"serve", NULL,
    "Answer agents, and sign what is seen of them.", serve_options,
    sizeof(struct command_arguments), run_serve,
    "  egress25-beacon serve\n"
    "  egress25-beacon serve --config ./beacon.conf\n"};

static const struct args_command key_command = {"key", NULL,
    "Print the keys of receipts and TLS, for a list of endpoints.", key_options,
    sizeof(struct command_arguments), run_key,
    "  egress25-beacon key\n"
    "  egress25-beacon key --config ./beacon.conf\n"};

static const struct args_command no_command = {"", NULL, "", no_command_options,
    sizeof(struct command_arguments), run_no_command,
    "  egress25-beacon serve\n"
    "  egress25-beacon --print-config >beacon.conf\n"
    "  egress25-beacon --check-config --config beacon.conf\n"};

int main(int argc, char **argv)
{
	const struct args_command commands[] = {
	    serve_command,
	    key_command,
	    no_command,
	    {NULL},
	};
	const struct args_program program = {"egress25-beacon",
	    "A server on the mail ports that takes no mail: it tells agents, "
	    "signed, how it sees them.",
	    commands};

	/* A closed connection is an error of write(), not a reason to die. */
	signal(SIGPIPE, SIG_IGN);
	return args_main(&program, argc, argv);
}
