/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/options.h"

#include <string.h>
#include <unistd.h>

#include "agent/base/bounds.h"
#include "lib/base/values.h"
#include "lib/http/httpc.h"

#define ENDPOINTS_PATH "/etc/egress25/endpoints.conf"
#define SHIPPED_PATH   EGRESS25_DATADIR "/endpoints.conf"
#define PROVIDERS_PATH EGRESS25_DATADIR "/providers.conf"

#define FIELD(name)                           \
	offsetof(struct agent_options, name), \
	    sizeof(((struct agent_options *)0)->name)

#define DAY INT64_C(86400)

static int check_url(const char *text, struct err *err)
{
	struct httpc_url url;

	return httpc_parse_url(text, &url, err);
}

static int check_networks(const char *text, struct err *err)
{
	struct bounds bounds;

	return bounds_parse(text, "", &bounds, err);
}

static int check_ports(const char *text, struct err *err)
{
	struct bounds bounds;

	return bounds_parse("", text, &bounds, err);
}

const struct conf_option agent_option_table[] = {
    {"agent", "collector", CONF_STRING, FIELD(collector), "",
	.help = "URL of the collector; empty: reports stay on this host",
	.check = check_url},
    {"agent", "state", CONF_PATH, FIELD(state), "/var/lib/egress25-agent",
	.help = "directory of the key, the identity and the spool"},
    {"agent", "key", CONF_PATH, FIELD(key), "",
	.help = "private key file; empty: agent.key in the state directory"},
    {"agent", "endpoints", CONF_PATH, FIELD(endpoints), ENDPOINTS_PATH,
	.help = "file with the mail servers to visit"},
    {"agent", "providers", CONF_PATH, FIELD(providers), PROVIDERS_PATH,
	.help = "by what hosters and access networks are recognised; a hint "
		"only"},
    {"agent", "ca", CONF_PATH, FIELD(ca), "",
	.help = "PEM file of CA certificates for the collector; empty: the "
		"system's"},
    {"agent", "contact", CONF_STRING, FIELD(contact), "",
	.help = "who runs this agent; sent to the collector, never published"},
    {"agent", "helo", CONF_STRING, FIELD(helo), "",
	.help = "fully qualified name for EHLO; empty: the address literal",
	.check = values_check_fqdn},
    {"agent", "dns", CONF_STRING, FIELD(dns), "",
	.help = "name servers, separated by spaces; empty: the system's",
	.check = values_check_servers},
    {"agent", "interval", CONF_S, FIELD(interval_s), "10m", .least = 60,
	.most = 30 * DAY,
	.help = "time between two visits to an endpoint without a plan; an "
		"endpoint's own interval applies if it is longer"},
    {"agent", "plan", CONF_BOOL, FIELD(plan), "yes",
	.help = "follow the collector's plan when it has one"},
    {"agent", "plan-networks", CONF_STRING, FIELD(plan_networks), "",
	.help = "prefixes that a plan may name besides public addresses: a "
		"mail server of one's own, a laboratory",
	.check = check_networks},
    {"agent", "plan-ports", CONF_STRING, FIELD(plan_ports), "",
	.help = "ports that a plan may name besides 25 465 587 2525 2465 2587 "
		"and the controls 80 443 993 995",
	.check = check_ports},
    {"agent", "plan-rate", CONF_COUNT, FIELD(plan_rate), "20", .least = 1,
	.most = 1000,
	.help = "SYNs a second to one address for a plan, at most; ten times "
		"that to all, and that many DNS questions"},
    /* 512 endpoints of a plan, 4 ports, every 15 minutes: 196,608. */
    {"agent", "plan-daily", CONF_COUNT, FIELD(plan_daily), "200000", .least = 1,
	.most = 100000000, .help = "SYNs a day for a plan, at most"},
    /* Their names, both families: 98,304. */
    {"agent", "plan-questions-daily", CONF_COUNT, FIELD(plan_questions_daily),
	"100000", .least = 1, .most = 100000000,
	.help = "DNS questions a day for a plan, at most"},
    {"agent", "trace", CONF_CHOICE, FIELD(trace), "auto",
	.choices = "auto always never", .help = "when to trace paths"},
    {"agent", "families", CONF_CHOICE, FIELD(families), "both",
	.choices = "both 4 6", .help = "IP versions to probe"},
    {"agent", "ports", CONF_PORTS, FIELD(ports), "25 587 465",
	.help = "which of the endpoints' ports to probe"},
    {NULL},
};

int agent_options_read(
    const char *path, struct agent_options *options, struct err *err)
{
	if (path == NULL && access(AGENT_CONFIG_PATH, F_OK) != 0)
		return conf_defaults(agent_option_table, options, err);
	return conf_read(path != NULL ? path : AGENT_CONFIG_PATH,
	    agent_option_table, sizeof(*options), options, err);
}

const char *agent_options_endpoints(const struct agent_options *options)
{
	if (strcmp(options->endpoints, ENDPOINTS_PATH) == 0 &&
	    access(ENDPOINTS_PATH, F_OK) != 0)
		return SHIPPED_PATH;
	return options->endpoints;
}
