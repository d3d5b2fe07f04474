/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "collector/commands/agents.h"
#include "collector/commands/annotate.h"
#include "collector/commands/backup.h"
#include "collector/commands/command.h"
#include "collector/commands/dump.h"
#include "collector/commands/export.h"
#include "collector/commands/import.h"
#include "collector/commands/migrate.h"
#include "collector/commands/rebuild.h"
#include "collector/commands/rediagnose.h"
#include "collector/commands/review.h"
#include "collector/commands/revoke.h"
#include "collector/commands/schema.h"
#include "collector/commands/snapshot.h"
#include "collector/commands/token.h"
#include "collector/commands/verdicts.h"
#include "collector/serve.h"
#include "lib/base/log.h"
#include "lib/config/args.h"
#include "lib/config/endpoints_file.h"

/* The values of all commands' options; each command has its own subset. */
struct command_line {
	const char *config; /* NULL: the default path */
	bool check_config, print_config;
	int what, format; /* export */
	int64_t since_ms, until_ms;
	int64_t asn;
	const char *country, *output;
	bool by_day;        /* export */
	bool again;         /* dump */
	int64_t at_ms;      /* verdicts */
	int listing;        /* enum list_format */
	bool publish;       /* rediagnose */
	const char *reason; /* review */
	const char *from;   /* migrate */
	const char *by;     /* annotate */
	int kind;           /* annotate: enum annotation_kind */
};

#define AT(field) offsetof(struct command_line, field)

/* clang-format off */
#define CONFIG_OPTION \
	{"config", 0, ARGS_TEXT, AT(config), "FILE", \
	    .help = "configuration [" COLLECTOR_CONFIG_PATH "]"}
#define CHECK_CONFIG_OPTION \
	{"check-config", 0, ARGS_FLAG, AT(check_config), \
	    .help = "read configuration and endpoints, and end"}
#define LISTING_OPTION \
	{"format", 0, ARGS_CHOICE, AT(listing), "FORMAT", "text", \
	    "text json", .help = "how it is printed"}
/* clang-format on */

static const struct args_option common_options[] = {
    CONFIG_OPTION,
    {NULL},
};

static const struct args_option serve_options[] = {
    CONFIG_OPTION,
    CHECK_CONFIG_OPTION,
    {NULL},
};

static const struct args_option listing_options[] = {
    CONFIG_OPTION,
    LISTING_OPTION,
    {NULL},
};

static const struct args_option rediagnose_options[] = {
    CONFIG_OPTION,
    {"yes", 0, ARGS_FLAG, AT(publish), .help = "publish it"},
    {NULL},
};

static const struct args_option review_options[] = {
    CONFIG_OPTION,
    LISTING_OPTION,
    {"reason", 0, ARGS_TEXT, AT(reason), "TEXT",
	.help = "why it is released or rejected; it is published"},
    {NULL},
};

static const struct args_option migrate_options[] = {
    CONFIG_OPTION,
    {"from", 0, ARGS_TEXT, AT(from), "FILE",
	.help = "the SQLite file [collector.db in the state directory]"},
    {NULL},
};

static const struct args_option rebuild_options[] = {
    CONFIG_OPTION,
    {"since", 0, ARGS_TIME, AT(since_ms), "TIME",
	.help = "the day of this time and later ones"},
    {"until", 0, ARGS_TIME, AT(until_ms), "TIME",
	.help = "days that begin before this time"},
    {NULL},
};

static const struct args_option annotate_options[] = {
    CONFIG_OPTION,
    {"kind", 0, ARGS_CHOICE, AT(kind), "KIND", "reply",
	"reply objection remark",
	.help = "the network's operator says it of the verdict, or against "
		"it; or it is the collector's own"},
    {"by", 0, ARGS_TEXT, AT(by), "WHO", .help = "who says so"},
    {NULL},
};

static const struct args_option verdicts_options[] = {
    CONFIG_OPTION,
    {"at", 0, ARGS_TIME, AT(at_ms), "TIME", .help = "as of this time [now]"},
    LISTING_OPTION,
    {NULL},
};

static const struct args_option export_options[] = {
    CONFIG_OPTION,
    {"what", 0, ARGS_CHOICE, AT(what), "KIND", "measurements",
	"measurements networks events history endpoints annotations",
	.help = "one probe a row, each network's state, its changes, its "
		"days, the list, or remarks"},
    {"format", 0, ARGS_CHOICE, AT(format), "FORMAT", "jsonl",
	"jsonl csv parquet", .help = "how rows are written"},
    {"since", 0, ARGS_TIME, AT(since_ms), "TIME", .help = "from this time on"},
    {"until", 0, ARGS_TIME, AT(until_ms), "TIME", .help = "before this time"},
    {"asn", 0, ARGS_COUNT, AT(asn), "N", .least = 1, .most = UINT32_MAX,
	.help = "one network only"},
    {"country", 0, ARGS_TEXT, AT(country), "CC",
	.help = "one country only, as two capital letters"},
    {"by-day", 0, ARGS_FLAG, AT(by_day),
	.help = "a file a day that is over, and not there yet"},
    {"output", 0, ARGS_TEXT, AT(output), "PATH",
	.help = "write this file, or into this folder [standard output]"},
    {NULL},
};

static const struct args_option snapshot_options[] = {
    CONFIG_OPTION,
    {"since", 0, ARGS_TIME, AT(since_ms), "TIME", .help = "from this time on"},
    {"until", 0, ARGS_TIME, AT(until_ms), "TIME", .help = "before this time"},
    {"output", 0, ARGS_TEXT, AT(output), "PATH",
	.help = "the file to make, or to replace as a whole"},
    {NULL},
};

static const struct args_option dump_options[] = {
    CONFIG_OPTION,
    {"since", 0, ARGS_TIME, AT(since_ms), "TIME",
	.help = "days that begin from this time on"},
    {"until", 0, ARGS_TIME, AT(until_ms), "TIME",
	.help = "days that begin before this time"},
    {"again", 0, ARGS_FLAG, AT(again),
	.help = "a new version beside a day that is there, if it differs"},
    {"output", 0, ARGS_TEXT, AT(output), "FOLDER",
	.help = "where the days go [what the configuration says, else dumps "
		"in the state directory]"},
    {NULL},
};

static const struct args_option import_options[] = {
    CONFIG_OPTION,
    {"what", 0, ARGS_CHOICE, AT(what), "KIND", "measurements",
	"measurements annotations", .help = "what the lines are"},
    {NULL},
};

static const struct args_option backup_options[] = {
    CONFIG_OPTION,
    {"output", 0, ARGS_TEXT, AT(output), "PATH",
	.help = "the file to make, or to replace as a whole"},
    {NULL},
};

static const struct args_option no_command_options[] = {
    CONFIG_OPTION,
    CHECK_CONFIG_OPTION,
    {"print-config", 0, ARGS_FLAG, AT(print_config),
	.help = "print a sample configuration, and end"},
    {NULL},
};

static int exit_code_of(int error, const struct err *err)
{
	return error == 0 ? EXIT_FINE : args_fail(error, err);
}

/* Read the configuration file. An exit code. */
static int read_options(
    const struct command_line *line, struct collector_options *options)
{
	struct err err = {""};

	return exit_code_of(
	    collector_options_read(line->config, options, &err), &err);
}

/* Check the configuration and the endpoints file that it names. An exit code.
 */
static int check_config(const struct collector_options *options)
{
	struct endpoint_list list = {0};
	struct err err = {""};
	int error = collector_options_check(options, &err);

	if (error == 0 && options->endpoints[0] != '\0')
		error = endpoints_read(options->endpoints, &list, &err);
	endpoints_free(&list);
	if (error != 0)
		return exit_code_of(error, &err);
	collector_options_say_gaps(options);
	puts("configuration is fine");
	return args_finish_output();
}

static int print_config(void)
{
	struct buf sample = {0};
	bool whole;

	conf_print_sample(collector_option_table, &sample);
	whole = !sample.failed;
	if (whole)
		fwrite(sample.data, 1, sample.length, stdout);
	buf_free(&sample);
	return whole ? args_finish_output() : EXIT_OURS;
}

static int run_no_command(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct collector_options options;
	struct err err = {""};
	int code;

	if (line->print_config)
		return print_config();
	if (!line->check_config)
		return exit_code_of(
		    err_input(&err, "no command (see 'egress25-collector "
				    "--help')"),
		    &err);
	code = read_options(line, &options);
	return code != EXIT_FINE ? code : check_config(&options);
}

static int run_serve(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct collector_options options;
	int code = read_options(line, &options);

	if (code != EXIT_FINE)
		return code;
	if (line->check_config)
		return check_config(&options);
	return command_serve(&options, line->config);
}

static int make_request(const struct command_line *line,
    struct export_request *request, struct err *err)
{
	*request = (struct export_request){
	    .what = (enum export_what)line->what,
	    .format = (enum export_format)line->format,
	};
	row_filter_init(&request->filter);
	request->filter.since_ms = line->since_ms;
	request->filter.until_ms = line->until_ms;
	request->filter.has_asn = line->asn > 0;
	request->filter.asn = (uint32_t)(line->asn > 0 ? line->asn : 0);
	if (line->country == NULL)
		return 0;
	if (strlen(line->country) != 2 ||
	    strspn(line->country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
		return err_input(err,
		    "--country: '%.40s' is not two capital letters",
		    line->country);
	memcpy(request->filter.country, line->country, 3);
	return 0;
}

/* The configuration, and what of the store is asked for. An exit code. */
static int read_request(const struct command_line *line,
    struct collector_options *options, struct export_request *request)
{
	struct err err = {""};
	int code = read_options(line, options);

	if (code != EXIT_FINE)
		return code;
	return exit_code_of(make_request(line, request, &err), &err);
}

static int run_export(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct collector_options options;
	struct export_request request;
	int code = read_request(line, &options, &request);

	return code != EXIT_FINE ? code
				 : command_export(&options, &request,
				       line->output, line->by_day);
}

static int run_dump(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct dump_request request = {
	    line->output, line->since_ms, line->until_ms, line->again};
	struct collector_options options;
	char folder[300];
	int code = read_options(line, &options);

	if (code != EXIT_FINE)
		return code;
	if (options.dumps_directory[0] != '\0')
		snprintf(folder, sizeof(folder), "%s", options.dumps_directory);
	else
		snprintf(folder, sizeof(folder), "%s/dumps", options.state);
	if (request.folder == NULL)
		request.folder = folder;
	return command_dump(&options, &request);
}

static int run_backup(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct collector_options options;
	int code = read_options(line, &options);

	return code != EXIT_FINE ? code
				 : command_backup(&options, line->output);
}

static int run_import(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct collector_options options;
	int code = read_options(line, &options);

	return code != EXIT_FINE
		   ? code
		   : command_import(&options, (enum import_what)line->what,
			 operands, noperands);
}

static int run_verdicts(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct collector_options options;
	int code = read_options(line, &options);

	return code != EXIT_FINE ? code
				 : command_verdicts(&options, line->at_ms,
				       (enum list_format)line->listing);
}

static int run_token(const void *arguments, char **operands, int noperands)
{
	struct collector_options options;
	int code = read_options(arguments, &options);

	return code != EXIT_FINE ? code : command_token(&options);
}

static int run_schema(const void *arguments, char **operands, int noperands)
{
	struct collector_options options;
	int code = read_options(arguments, &options);

	return code != EXIT_FINE ? code : command_schema(&options);
}

static int run_migrate(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct collector_options options;
	int code = read_options(line, &options);

	return code != EXIT_FINE ? code : command_migrate(&options, line->from);
}

static int run_rebuild(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct collector_options options;
	int code = read_options(line, &options);

	return code != EXIT_FINE
		   ? code
		   : command_rebuild(&options, line->since_ms, line->until_ms);
}

static int run_agents(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct collector_options options;
	int code = read_options(line, &options);

	return code != EXIT_FINE
		   ? code
		   : command_agents(&options, (enum list_format)line->listing);
}

/* Are there exactly `wanted` operands? Logs what is needed if not. */
static bool has_operands(int noperands, int wanted, const char *which)
{
	if (noperands != wanted)
		log_error("this command takes %s", which);
	return noperands == wanted;
}

static int run_snapshot(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct collector_options options;
	struct export_request request;
	int code = read_request(line, &options, &request);

	return code != EXIT_FINE
		   ? code
		   : command_snapshot(&options, &request, line->output);
}

static int run_revoke(const void *arguments, char **operands, int noperands)
{
	struct collector_options options;
	int code = read_options(arguments, &options);

	if (code == EXIT_FINE && !has_operands(noperands, 1, "ID"))
		code = EXIT_USAGE;
	return code != EXIT_FINE ? code : command_revoke(&options, operands[0]);
}

static int run_annotate(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct annotate_request request = {
	    .by = line->by != NULL ? line->by : "",
	    .kind = line->kind,
	};
	struct collector_options options;
	int code = read_options(arguments, &options);

	if (code == EXIT_FINE && !has_operands(noperands, 2, "ASN and TEXT"))
		code = EXIT_USAGE;
	if (code == EXIT_FINE) {
		request.asn = operands[0];
		request.text = operands[1];
		code = command_annotate(&options, &request);
	}
	return code;
}

static int run_rediagnose(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct collector_options options;
	int code = read_options(line, &options);

	(void)operands;
	(void)noperands;
	return code != EXIT_FINE ? code
				 : command_rediagnose(&options, line->publish);
}

static int run_review(const void *arguments, char **operands, int noperands)
{
	const struct command_line *line = arguments;
	struct collector_options options;
	int code = read_options(line, &options);

	if (code == EXIT_FINE && noperands != 0 &&
	    !has_operands(noperands, 4, "release or reject, ASN, FAMILY, PORT"))
		code = EXIT_USAGE;
	if (code != EXIT_FINE)
		return code;
	if (noperands == 0)
		return command_list_reviews(
		    &options, (enum list_format)line->listing);
	return command_review(&options, operands, line->reason);
}

#define SIZE sizeof(struct command_line)

static const struct args_command commands[] = {
    {"serve", NULL, "Take reports, answer the API and the pages.",
	serve_options, SIZE, run_serve,
	"  egress25-collector serve\n"
	"  egress25-collector serve --config ./collector.conf\n"},
    {"export", NULL, "Write rows or networks for other programs.",
	export_options, SIZE, run_export,
	"  egress25-collector export >measurements.jsonl\n"
	"  egress25-collector export --what networks --format csv\n"
	"  egress25-collector export --format parquet --output rows.parquet\n"
	"  egress25-collector export --since 2026-01-01 --asn 64500\n"
	"  egress25-collector export --by-day --format parquet --output "
	"rows\n"},
    {"snapshot", NULL, "Write what is published as an SQLite file.",
	snapshot_options, SIZE, run_snapshot,
	"  egress25-collector snapshot --output egress25.sqlite\n"
	"  egress25-collector snapshot --since 2026-01-01 --output "
	"january.sqlite\n"},
    {"dump", NULL, "Write the files of whole days, each once.", dump_options,
	SIZE, run_dump,
	"  egress25-collector dump --output /srv/data\n"
	"  egress25-collector dump --since 2026-01-01 --until 2026-02-01\n"},
    {"import", "[ROWS.jsonl ...]", "Take in exported rows; all are trusted.",
	import_options, SIZE, run_import,
	"  egress25-collector import measurements.jsonl\n"
	"  zcat old.jsonl.gz | egress25-collector import\n"
	"  egress25-collector import --what annotations remarks.jsonl\n"},
    {"backup", NULL, "Copy the database while the collector runs.",
	backup_options, SIZE, run_backup,
	"  egress25-collector backup --output /backup/collector.db\n"},
    {"verdicts", NULL, "Print the state of every network.", verdicts_options,
	SIZE, run_verdicts,
	"  egress25-collector verdicts\n"
	"  egress25-collector verdicts --at 2026-01-31 --format json\n"},
    {"token", NULL, "Make an enrolment token, good for one agent.",
	common_options, SIZE, run_token, "  egress25-collector token\n"},
    {"agents", NULL, "List the agents.", listing_options, SIZE, run_agents,
	"  egress25-collector agents --format json\n"},
    {"revoke", "ID", "Take an agent's right to report.", common_options, SIZE,
	run_revoke, "  egress25-collector revoke 0123456789abcdef\n"},
    {"rediagnose", NULL, "Diagnose reports kept as signed anew, and compare.",
	rediagnose_options, SIZE, run_rediagnose,
	"  egress25-collector rediagnose\n"
	"  egress25-collector rediagnose --yes\n"},
    {"review", "[release|reject ASN FAMILY PORT]",
	"Accusations that rest on new agents only: list, decide.",
	review_options, SIZE, run_review,
	"  egress25-collector review\n"
	"  egress25-collector review release 64500 4 25 --reason \"by phone\"\n"
	"  egress25-collector review reject 64500 4 25 --reason \"one "
	"owner\"\n"},
    {"schema", NULL, "Make a ClickHouse cluster's tables, or upgrade them.",
	common_options, SIZE, run_schema,
	"  egress25-collector schema --config ./collector.conf\n"},
    {"migrate", NULL, "Copy a SQLite file's contents to a cluster.",
	migrate_options, SIZE, run_migrate,
	"  egress25-collector migrate --config ./cluster.conf\n"
	"  egress25-collector migrate --from /srv/old/collector.db\n"},
    {"rebuild", NULL, "Count the measurements of each day anew.",
	rebuild_options, SIZE, run_rebuild,
	"  egress25-collector rebuild\n"
	"  egress25-collector rebuild --since 2026-01-01 "
	"--until 2026-02-01\n"},
    {"annotate", "ASN TEXT", "Put a remark beside a network.", annotate_options,
	SIZE, run_annotate,
	"  egress25-collector annotate 64500 \"lifted on request\"\n"
	"  egress25-collector annotate --kind objection --by noc@example.net "
	"64500 \"not us\"\n"},
    {"", NULL, "", no_command_options, SIZE, run_no_command,
	"  egress25-collector serve\n"
	"  egress25-collector --print-config >collector.conf\n"
	"  egress25-collector --check-config --config collector.conf\n"},
    {NULL},
};

int main(int argc, char **argv)
{
	static const struct args_program program = {"egress25-collector",
	    "Gathers what agents saw, and says which networks block mail.",
	    commands};

	signal(SIGPIPE, SIG_IGN);
	return args_main(&program, argc, argv);
}
