/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/command.h"

#include "agent/check/check.h"
#include "agent/check/stored.h"
#include "lib/base/log.h"

#define AT(field) offsetof(struct check_request, field)

static const struct args_option check_options[] = {
    {"json", 0, ARGS_FLAG, AT(json),
	.help = "print one JSON object instead of the table"},
    {"nagios", 0, ARGS_FLAG, AT(nagios),
	.help = "print one line, and exit, as a monitoring plugin does"},
    {"letter", 0, ARGS_FLAG, AT(letter),
	.help = "print a message to the provider about what is blocked"},
    {"wait", 0, ARGS_FLAG, AT(wait),
	.help = "look again, less and less often, until port 25 is open"},
    {"verbose", 0, ARGS_FLAG, AT(verbose),
	.help = "print each dialogue word for word before the table"},
    {"config", 0, ARGS_TEXT, AT(config), "FILE",
	.help = "configuration [" AGENT_CONFIG_PATH "]"},
    {"endpoints", 0, ARGS_TEXT, AT(endpoints), "FILE",
	.help = "visit the mail servers of this file"},
    {"mx", 0, ARGS_TEXT, AT(mx_domain), "DOMAIN",
	.help = "ask the MX hosts of this domain, best preference first"},
    {"ports", 0, ARGS_TEXT, AT(ports), "LIST",
	.help = "ask these ports only, as 25,587,465 or PORT/MODE"},
    {"ipv4", '4', ARGS_FLAG, AT(only4), .help = "IPv4 only"},
    {"ipv6", '6', ARGS_FLAG, AT(only6), .help = "IPv6 only"},
    {"trace", 0, ARGS_CHOICE, AT(trace), "WHEN", "auto", "auto always never",
	.help = "trace paths"},
    {"references", 0, ARGS_CHOICE, AT(references), "WHEN", "auto", "auto never",
	.help = "ask one or two known servers too if HOSTs do not decide"},
    {"blocklists", 0, ARGS_TEXT, AT(blocklists), "ZONES",
	.help = "look up this address in these DNS block lists"},
    {"readiness", 0, ARGS_CHOICE, AT(readiness), "WHEN", "auto", "auto never",
	.help = "look up this address's names and SPF, unless a HOST is named"},
    {"domain", 0, ARGS_TEXT, AT(domain), "NAME",
	.help = "look up SPF of this domain, not of the address's name"},
    {"timeout", 0, ARGS_COUNT, AT(timeout_s), "SECONDS", "60", .least = 5,
	.most = 600, .help = "end after this time, whatever is missing"},
    {"dns", 0, ARGS_TEXT, AT(dns), "SERVERS",
	.help = "ask these name servers, not the system's"},
    {"ehlo", 0, ARGS_TEXT, AT(helo), "NAME",
	.help = "fully qualified name for EHLO, not the address"},
    {NULL},
};

#undef AT
#define AT(field) offsetof(struct stored_request, field)

static const struct args_option explain_options[] = {
    {"json", 0, ARGS_FLAG, AT(json),
	.help = "print one JSON object instead of the table"},
    {"endpoints", 0, ARGS_TEXT, AT(endpoints), "FILE",
	.help = "what is known of the endpoints beforehand"},
    {NULL},
};

static int run_explain(const void *settings, char **operands, int noperands)
{
	struct stored_request request = *(
	    const struct stored_request *)settings;

	if (noperands > 1) {
		log_error("explain takes one REPORT.json");
		return EXIT_USAGE;
	}
	request.path = noperands == 1 ? operands[0] : NULL;
	return stored_explain(&request);
}

static int run_check(const void *settings, char **operands, int noperands)
{
	struct check_request request = *(const struct check_request *)settings;

	request.hosts = operands;
	request.nhosts = noperands;
	return check_run(&request);
}

const struct args_command check_command = {
    .name = "check",
    .operands = "[HOST ...]",
    .summary =
	"Say on which ports mail can leave from here, and what stops it.",
    .options = check_options,
    .settings_size = sizeof(struct check_request),
    .run = run_check,
    .examples =
	"  egress25-agent check\n"
	"  egress25-agent check mx.example.net\n"
	"  egress25-agent check --mx example.net\n"
	"  egress25-agent check --domain example.net --ehlo mail.example.net\n"
	"  egress25-agent check --ports 25 -4 mx.example.net 192.0.2.25:587\n"
	"  egress25-agent check --json --endpoints ./endpoints.conf\n"
	"  egress25-agent check --verbose --ports 25 mx.example.net\n"
	"  egress25-agent check --letter >letter.txt\n"
	"  egress25-agent check --wait && systemctl start postfix\n",
};

const struct args_command explain_command = {
    .name = "explain",
    .operands = "[REPORT.json]",
    .summary = "Diagnose a stored report again, and say which rules decided.",
    .options = explain_options,
    .settings_size = sizeof(struct stored_request),
    .run = run_explain,
    .examples = "  egress25-agent explain report.json\n"
		"  egress25-agent check --json | egress25-agent explain\n",
};
