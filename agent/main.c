/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>

#include "agent/check/command.h"
#include "agent/service/service.h"
#include "agent/service/service_settings.h"
#include "agent/service/statusfile.h"
#include "agent/upload/enrol.h"
#include "lib/config/args.h"

/* --- run, enrol, status, and options without a command --- */

struct command_arguments {
	const char *config; /* NULL: the default path */
	const char *token;
	bool once;
	bool json, prometheus;
	bool rotate;
	bool check_config, print_config;
};

#define AT(field) offsetof(struct command_arguments, field)

#define CONFIG_OPTION                                               \
	{                                                           \
		"config", 0, ARGS_TEXT, AT(config), "FILE",         \
		    .help = "configuration [" AGENT_CONFIG_PATH "]" \
	}
#define CHECK_CONFIG_OPTION                                                \
	{                                                                  \
		"check-config", 0, ARGS_FLAG, AT(check_config),            \
		    .help = "check configuration and endpoints, then exit" \
	}
#define PRINT_CONFIG_OPTION                                         \
	{                                                           \
		"print-config", 0, ARGS_FLAG, AT(print_config),     \
		    .help = "print a sample configuration and exit" \
	}

static const struct args_option no_command_options[] = {
    CONFIG_OPTION,
    CHECK_CONFIG_OPTION,
    PRINT_CONFIG_OPTION,
    {NULL},
};

static const struct args_option run_options[] = {
    CONFIG_OPTION,
    CHECK_CONFIG_OPTION,
    {"once", 0, ARGS_FLAG, AT(once),
	.help = "one round and one upload, then exit"},
    {NULL},
};

static const struct args_option enrol_options[] = {
    CONFIG_OPTION,
    {"token", 0, ARGS_TEXT, AT(token), "TOKEN",
	.help = "enrolment token, if the collector requires one"},
    {"rotate", 0, ARGS_FLAG, AT(rotate),
	.help = "replace the agent's key, keeping its name"},
    {NULL},
};

static const struct args_option status_options[] = {
    CONFIG_OPTION,
    {"json", 0, ARGS_FLAG, AT(json),
	.help = "print one JSON object instead of text"},
    {"prometheus", 0, ARGS_FLAG, AT(prometheus),
	.help = "print metrics, for node_exporter's textfile collector"},
    {NULL},
};

static int print_config(void)
{
	struct buf sample = {0};

	conf_print_sample(agent_option_table, &sample);
	if (!sample.failed)
		fputs(sample.data, stdout);
	buf_free(&sample);
	return args_finish_output();
}

static int check_config(const char *config)
{
	struct service_settings settings;
	struct err err = {""};
	int error = service_settings_read(config, &settings, &err);

	if (error < 0)
		return args_fail(error, &err);
	printf("configuration OK, %zu endpoints in %s\n",
	    settings.endpoints.count,
	    agent_options_endpoints(&settings.options));
	service_settings_free(&settings);
	return args_finish_output();
}

static int run_no_command(const void *arguments, char **operands, int noperands)
{
	const struct command_arguments *given = arguments;
	struct err err = {""};

	if (given->print_config)
		return print_config();
	if (given->check_config)
		return check_config(given->config);
	return args_fail(
	    err_input(&err, "no command (see 'egress25-agent --help')"), &err);
}

static int run_run(const void *arguments, char **operands, int noperands)
{
	const struct command_arguments *given = arguments;

	if (given->check_config)
		return check_config(given->config);
	return service_run(given->config, given->once);
}

static int run_enrol(const void *arguments, char **operands, int noperands)
{
	const struct command_arguments *given = arguments;
	struct agent_options options;
	struct err err = {""};
	int error = agent_options_read(given->config, &options, &err);

	if (error == 0 && given->rotate && given->token != NULL)
		error = err_input(&err, "--rotate takes no token");
	if (error < 0)
		return args_fail(error, &err);
	return given->rotate ? enrol_rotate(&options)
			     : enrol_run(&options, given->token);
}

static int run_status(const void *arguments, char **operands, int noperands)
{
	const struct command_arguments *given = arguments;
	struct agent_options options;
	struct err err = {""};
	int error = agent_options_read(given->config, &options, &err);

	if (error == 0 && given->json && given->prometheus)
		error = err_input(&err, "--json or --prometheus, not both");
	if (error < 0)
		return args_fail(error, &err);
	return statusfile_show(&options, given->prometheus ? STATUS_PROMETHEUS
					 : given->json     ? STATUS_JSON
							   : STATUS_TEXT);
}

static const struct args_command run_command = {"run", NULL,
    "Probe continuously and report to the collector.", run_options,
    sizeof(struct command_arguments), run_run,
    "  egress25-agent run\n"
    "  egress25-agent run --once --config ./agent.conf\n"};

static const struct args_command enrol_command = {"enrol", NULL,
    "Create the key and register it with the collector.", enrol_options,
    sizeof(struct command_arguments), run_enrol,
    "  egress25-agent enrol --token TOKEN\n"
    "  egress25-agent enrol --rotate\n"};

static const struct args_command status_command = {"status", NULL,
    "Show what `run` has done and what it does next.", status_options,
    sizeof(struct command_arguments), run_status,
    "  egress25-agent status\n"
    "  egress25-agent status --json\n"
    "  egress25-agent status --prometheus | sponge FOLDER/egress25.prom\n"};

static const struct args_command no_command = {"", NULL, "", no_command_options,
    sizeof(struct command_arguments), run_no_command,
    "  egress25-agent check\n"
    "  egress25-agent --print-config >agent.conf\n"
    "  egress25-agent --check-config --config agent.conf\n"};

int main(int argc, char **argv)
{
	const struct args_command commands[] = {
	    check_command,
	    explain_command,
	    run_command,
	    enrol_command,
	    status_command,
	    no_command,
	    {NULL},
	};
	const struct args_program program = {"egress25-agent",
	    "Finds out whether mail can leave this network, and who blocks it. "
	    "Never sends mail.",
	    commands};

	/* A closed connection is an error of write(), not a reason to die. */
	signal(SIGPIPE, SIG_IGN);
	return args_main(&program, argc, argv);
}
