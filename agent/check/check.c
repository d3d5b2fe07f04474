/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/check.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/alarm.h"
#include "agent/check/dialogues.h"
#include "agent/check/operands.h"
#include "agent/check/output.h"
#include "agent/check/terminal.h"
#include "agent/measure/round.h"
#include "agent/net/resolve.h"
#include "agent/net/tls.h"
#include "agent/readiness/readiness.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/base/values.h"
#include "lib/config/args.h"
#include "lib/config/endpoints_file.h"
#include "lib/http/httpc.h"
#include "lib/sign/sign.h"

#define VISITS_MAX 16
#define BANNER_MS  35000 /* patience: greet delays of 30 s are in use */

/* Between two looks of --wait. */
#define WAIT_FIRST_MS INT64_C(60000)
#define WAIT_MOST_MS  INT64_C(900000)

/* Beside a round on a blocked network, which takes 15 s at most. */
#define READINESS_LIMIT_MS 10000

struct check {
	struct agent_options options;
	struct err no_options; /* "", or why they are the defaults */
	struct event_base *base;
	struct resolver *resolver;
	struct ssl_ctx_st *tls;
	struct endpoint_list endpoints;
	struct terminal_progress progress;
	struct report report;
	struct dialogues dialogues;
	bool done;

	struct httpc_url collector;
	struct ssl_ctx_st *collector_tls;
	struct readiness_run *readiness_run;
	struct readiness readiness;
	bool has_readiness;
};

static void say_progress(void *arg, const char *sentence)
{
	const struct check *check = arg;

	terminal_progress_say(&check->progress, sentence);
}

static enum output_form check_form(const struct check_request *request)
{
	return request->json     ? OUTPUT_JSON
	       : request->nagios ? OUTPUT_NAGIOS
	       : request->letter ? OUTPUT_LETTER
				 : OUTPUT_TEXT;
}

static bool names_hosts(const struct check_request *request)
{
	return request->nhosts > 0 || request->mx_domain != NULL;
}

/* A configuration that nothing depends on may be missing or unreadable, as for
 * an ordinary user beside the service. */
static int read_options(
    struct check *check, const struct check_request *request, struct err *err)
{
	int rc = agent_options_read(request->config, &check->options, err);
	bool needed = request->config != NULL ||
		      (!names_hosts(request) && request->endpoints == NULL);

	if (rc == 0 || needed)
		return rc;
	check->no_options = *err;
	return conf_defaults(agent_option_table, &check->options, err);
}

static int read_default_list(const struct agent_options *options,
    struct endpoint_list *list, struct err *err)
{
	const char *path = agent_options_endpoints(options);
	int rc = endpoints_read(path, list, err);

	if (rc != 0)
		err_prefix(err, "name a HOST or --endpoints FILE");
	return rc;
}

static bool has_port(const struct endpoint_list *list, uint16_t port)
{
	size_t i, k;

	for (i = 0; i < list->count; i++)
		for (k = 0; k < list->items[i].ports.count; k++)
			if (list->items[i].ports.port[k] == port)
				return true;
	return false;
}

static int restrict_ports(
    struct endpoint_list *list, const struct port_list *ports, struct err *err)
{
	size_t i;

	for (i = 0; i < ports->count; i++)
		if (!has_port(list, ports->port[i]))
			return err_input(err,
			    "--ports: no endpoint of the list has port %u; "
			    "name a HOST to ask it there",
			    ports->port[i]);
	if (ports->count > 0)
		endpoints_restrict(list, ports);
	return 0;
}

static int read_file(const struct check_request *request,
    const struct agent_options *options, struct endpoint_list *list,
    struct err *err)
{
	int rc;

	if (request->endpoints == NULL)
		rc = read_default_list(options, list, err);
	else
		rc = endpoints_read(request->endpoints, list, err);
	if (rc == 0 && list->count == 0)
		rc = err_input(err, "the endpoints file names no endpoint");
	return rc;
}

static int read_endpoints(const struct check_request *request,
    const struct agent_options *options, struct endpoint_list *list,
    struct err *err)
{
	struct operands operands = {
	    .hosts = request->hosts,
	    .nhosts = request->nhosts,
	    .mx_domain = request->mx_domain,
	};
	int rc = 0;

	if (request->ports != NULL)
		rc = operands_parse_ports(request->ports, &operands, err);
	if (rc != 0) {
		err_prefix(err, "--ports");
		return rc;
	}
	if (names_hosts(request))
		return operands_to_endpoints(&operands, list, err);
	rc = read_file(request, options, list, err);
	return rc != 0 ? rc : restrict_ports(list, &operands.ports, err);
}

static int check_usage(const struct check_request *request, struct err *err)
{
	int rc = 0;

	if (request->json + request->nagios + request->letter > 1)
		return err_input(
		    err, "--json, --nagios and --letter exclude each other");
	if (request->only4 && request->only6)
		return err_input(err, "-4 and -6 exclude each other");
	if (names_hosts(request) && request->endpoints != NULL)
		return err_input(err, "name HOSTs or --endpoints, not both");
	if (request->domain != NULL && request->readiness == READINESS_NEVER)
		return err_input(err, "--domain is of no use with --readiness "
				      "never");
	if (request->helo != NULL)
		rc = values_check_fqdn(request->helo, err);
	if (rc != 0) {
		err_prefix(err, "--ehlo");
		return rc;
	}
	if (request->domain != NULL)
		rc = values_check_fqdn(request->domain, err);
	if (rc != 0)
		err_prefix(err, "--domain");
	return rc;
}

static int open_check(
    struct check *check, const struct check_request *request, struct err *err)
{
	int rc = check_usage(request, err);

	if (rc == 0)
		rc = read_options(check, request, err);
	if (rc == 0)
		rc = read_endpoints(
		    request, &check->options, &check->endpoints, err);
	if (rc != 0)
		return rc;
	check->base = event_base_new();
	if (check->base == NULL)
		return err_system(err, -ENOMEM, "the event loop");
	rc = resolver_new(check->base,
	    request->dns != NULL            ? request->dns
	    : check->options.dns[0] != '\0' ? check->options.dns
					    : NULL,
	    &check->resolver, err);
	if (rc == 0)
		rc = tls_probe_context(&check->tls, err);
	terminal_progress_begin(
	    &check->progress, check_form(request) == OUTPUT_TEXT);
	return rc;
}

static void close_check(struct check *check)
{
	report_free(&check->report);
	dialogues_free(&check->dialogues);
	readiness_cancel(check->readiness_run);
	resolver_free(check->resolver);
	if (check->tls != NULL)
		tls_context_free(check->tls);
	tls_context_free(check->collector_tls);
	if (check->base != NULL)
		event_base_free(check->base);
	endpoints_free(&check->endpoints);
}

static void take_report(void *arg, struct report *report)
{
	struct check *check = arg;

	check->report = *report;
	check->done = true;
	if (check->readiness_run == NULL)
		event_base_loopbreak(check->base);
	else
		say_progress(check, "Looking up this address ...");
}

/* --- readiness --- */

static void take_readiness(void *arg, const struct readiness *found)
{
	struct check *check = arg;

	check->readiness = *found;
	check->has_readiness = true;
	check->readiness_run = NULL;
	if (check->done)
		event_base_loopbreak(check->base);
}

static bool asks_for_smtp(const struct endpoint_list *endpoints)
{
	const struct port_list *ports;
	size_t i, j;

	for (i = 0; i < endpoints->count; i++) {
		ports = &endpoints->items[i].ports;
		for (j = 0; j < ports->count; j++)
			if (ports->port[j] == 25)
				return true;
	}
	return false;
}

static bool wants_readiness(
    const struct check *check, const struct check_request *request)
{
	if (request->readiness == READINESS_NEVER)
		return false;
	return request->domain != NULL || request->letter ||
	       (!names_hosts(request) && asks_for_smtp(&check->endpoints));
}

/* The name that a mail server here would say: as asked, as configured, or as
 * this host is called, where that is fully qualified. */
static enum helo_source find_helo(const struct check *check,
    const struct check_request *request, char name[256])
{
	if (request->helo != NULL) {
		snprintf(name, 256, "%s", request->helo);
		return HELO_OPTION;
	}
	if (check->options.helo[0] != '\0') {
		snprintf(name, 256, "%s", check->options.helo);
		return HELO_CONFIGURED;
	}
	if (gethostname(name, 256) == 0 && memchr(name, '\0', 256) != NULL &&
	    values_check_fqdn(name, NULL) == 0)
		return HELO_HOST;
	name[0] = '\0';
	return HELO_NONE;
}

/* The collector is asked where it can be. NULL: it cannot, or is none. */
static const struct httpc_url *find_collector(
    struct check *check, struct err *err)
{
	const struct agent_options *options = &check->options;
	int rc;

	*err = check->no_options;
	if (options->collector[0] == '\0')
		return NULL;
	rc = httpc_parse_url(options->collector, &check->collector, err);
	if (rc == 0 && check->collector.tls)
		rc = tls_verifying_context(
		    options->ca, &check->collector_tls, err);
	return rc == 0 ? &check->collector : NULL;
}

static int look_up_readiness(
    struct check *check, const struct check_request *request, struct err *err)
{
	int64_t limit_ms = request->timeout_s * 1000;
	struct readiness_request readiness = {
	    .family4 = !request->only6,
	    .family6 = !request->only4,
	    .domain = request->domain,
	    .limit_ms = limit_ms < READINESS_LIMIT_MS ? (int)limit_ms
						      : READINESS_LIMIT_MS,
	};
	char helo[256];
	struct err why;

	if (!wants_readiness(check, request))
		return 0;
	readiness.helo = helo;
	readiness.helo_source = find_helo(check, request, helo);
	readiness.collector = find_collector(check, &why);
	readiness.tls = check->collector_tls;
	readiness.collector_why = why.text;
	check->readiness_run = readiness_start(
	    check->base, check->resolver, &readiness, take_readiness, check);
	return check->readiness_run != NULL
		   ? 0
		   : err_system(err, -ENOMEM, "readiness");
}

static struct output check_output(const struct check *check)
{
	return (struct output){
	    .report = &check->report,
	    .endpoints = &check->endpoints,
	    .readiness = check->has_readiness ? &check->readiness : NULL,
	    .dialogues = &check->dialogues.out,
	};
}

/* --- the round --- */

static void sign_report(struct report *report)
{
	uuid7(report->started_ms, report->id);
	/* No collector knows it; a report without a name is not readable. */
	snprintf(report->agent, sizeof(report->agent), "check");
	snprintf(report->software, sizeof(report->software),
	    "egress25-agent/%s", EGRESS25_VERSION);
}

static int make_report(
    struct check *check, const struct check_request *request, struct err *err)
{
	const char *ehlo = request->helo != NULL ? request->helo
			   : check->options.helo[0] != '\0'
			       ? check->options.helo
			       : NULL;
	const struct round_request round = {
	    .endpoints = &check->endpoints,
	    .family4 = !request->only6,
	    .family6 = !request->only4,
	    .trace = (enum trace_when)request->trace,
	    .ehlo4 = ehlo,
	    .ehlo6 = ehlo,
	    .banner_ms = BANNER_MS,
	    .timeout_ms = (int)request->timeout_s * 1000,
	    .visits_max = VISITS_MAX,
	    .transcript = request->verbose ? &check->dialogues.transcript
					   : NULL,
	};
	int rc = look_up_readiness(check, request, err);

	if (rc != 0)
		return rc;
	if (round_start(check->base, check->resolver, check->tls, &round,
		say_progress, take_report, check) == NULL)
		return err_system(err, -ENOMEM, "the round");
	event_base_dispatch(check->base);
	say_progress(check, "");
	if (!check->done)
		return err_system(err, -EIO, "the event loop");
	sign_report(&check->report);
	return 0;
}

/* --- waiting --- */

static void end_wait(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
}

static int wait_ms(struct check *check, int64_t real_ms)
{
	const int64_t ms = real_ms / alarm_speed();
	const struct timeval pause = {
	    (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	if (event_base_once(check->base, -1, EV_TIMEOUT, end_wait, check->base,
		&pause) != 0)
		return -ENOMEM;
	event_base_dispatch(check->base);
	return 0;
}

/* What one port is waited for: 25, or the first that is asked. */
static uint16_t awaited_port(const struct endpoint_list *endpoints)
{
	return has_port(endpoints, 25) ? 25 : endpoints->items[0].ports.port[0];
}

static void forget_report(struct check *check)
{
	report_free(&check->report);
	memset(&check->report, 0, sizeof(check->report));
	buf_clear(&check->dialogues.out);
	check->has_readiness = false;
	check->done = false;
}

/* Ask for that port alone, again and again, until it is open. The pauses
 * double, from a minute to a quarter of an hour. */
static int wait_until_open(
    struct check *check, const struct check_request *request, struct err *err)
{
	const struct port_list only = {
	    .port = {awaited_port(&check->endpoints)}, .count = 1};
	int64_t pause_ms = WAIT_FIRST_MS;
	struct output output;
	int rc = 0;

	if (endpoints_restrict(&check->endpoints, &only) == 0)
		return err_input(err, "--wait: there is no port to wait for");
	for (;;) {
		rc = make_report(check, request, err);
		if (rc != 0)
			return rc;
		output = check_output(check);
		if (output_is_open(&output, only.port[0]))
			return 0;
		log_info("port %u is not open yet; next look in %lld s",
		    only.port[0], (long long)(pause_ms / 1000));
		forget_report(check);
		rc = wait_ms(check, pause_ms);
		if (rc != 0)
			return err_system(err, rc, "waiting");
		pause_ms = pause_ms * 2 < WAIT_MOST_MS ? pause_ms * 2
						       : WAIT_MOST_MS;
	}
}

int check_run(const struct check_request *request)
{
	const enum output_form form = check_form(request);
	struct check check = {.done = false};
	struct err err = {""};
	struct output output;
	int rc;

	dialogues_init(&check.dialogues);
	rc = open_check(&check, request, &err);
	if (rc == 0)
		rc = request->wait ? wait_until_open(&check, request, &err)
				   : make_report(&check, request, &err);
	if (rc == 0) {
		output = check_output(&check);
		rc = output_print(&output, form, &err);
	}
	close_check(&check);
	if (rc < 0)
		return output_fail(form, rc, &err);
	return args_finish_output() == EXIT_FINE ? rc : EXIT_OURS;
}
