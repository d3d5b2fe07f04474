/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/check/measurement.h"
#include "agent/check/operands.h"
#include "agent/check/output.h"
#include "lib/base/log.h"
#include "lib/base/values.h"
#include "lib/config/args.h"
#include "lib/config/endpoints_file.h"

/* Between two looks of --wait. */
#define WAIT_FIRST_MS  INT64_C(60000)
#define WAIT_MOST_MS   INT64_C(900000)
#define WAIT_ENDPOINTS 2 /* of a list */

/* What the command line and the files say. */
struct check {
	struct agent_options options;
	struct err no_options;          /* "", or why they are the defaults */
	struct endpoint_list endpoints; /* what is asked */
	struct endpoint_list known;     /* for a second opinion */
	struct endpoint_list both;      /* asked ones and references */
	struct blocklist_zones blocklists;
};

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

/* --- the command line --- */

static int check_name(const char *option, const char *name, struct err *err)
{
	int rc = name != NULL ? values_check_fqdn(name, err) : 0;

	if (rc != 0)
		err_prefix(err, "%s", option);
	return rc;
}

static int check_usage(const struct check_request *request, struct err *err)
{
	int rc;

	if (request->json + request->nagios + request->letter > 1)
		return err_input(
		    err, "--json, --nagios and --letter exclude each other");
	if (request->only4 && request->only6)
		return err_input(err, "-4 and -6 exclude each other");
	if (names_hosts(request) && request->endpoints != NULL)
		return err_input(err, "name HOSTs or --endpoints, not both");
	if (request->readiness == READINESS_NEVER &&
	    (request->domain != NULL || request->blocklists != NULL))
		return err_input(err,
		    "--domain and --blocklists are of no use with --readiness "
		    "never");
	rc = check_name("--ehlo", request->helo, err);
	return rc != 0 ? rc : check_name("--domain", request->domain, err);
}

/* --- files --- */

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

static int read_endpoints(
    struct check *check, const struct check_request *request, struct err *err)
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
		return operands_to_endpoints(&operands, &check->endpoints, err);
	rc = read_file(request, &check->options, &check->endpoints, err);
	return rc != 0
		   ? rc
		   : restrict_ports(&check->endpoints, &operands.ports, err);
}

/* A list that cannot be read gives no second opinion, and stops nothing. */
static void read_known(struct check *check, const struct check_request *request)
{
	struct err err;

	if (!names_hosts(request) || request->references == REFERENCES_NEVER)
		return;
	if (endpoints_read(agent_options_endpoints(&check->options),
		&check->known, &err) != 0)
		log_debug("no references: %s", err.text);
}

static int open_check(
    struct check *check, const struct check_request *request, struct err *err)
{
	int rc = check_usage(request, err);

	if (rc == 0)
		rc = read_options(check, request, err);
	if (rc == 0)
		rc = read_endpoints(check, request, err);
	if (rc == 0 && request->blocklists != NULL) {
		rc = blocklist_parse_zones(
		    request->blocklists, &check->blocklists, err);
		if (rc != 0)
			err_prefix(err, "--blocklists");
	}
	if (rc == 0)
		read_known(check, request);
	return rc;
}

static void close_check(struct check *check)
{
	endpoints_free(&check->endpoints);
	endpoints_free(&check->known);
	endpoints_free(&check->both);
}

/* --- measuring --- */

static bool wants_readiness(
    const struct check *check, const struct check_request *request)
{
	if (request->readiness == READINESS_NEVER)
		return false;
	return request->domain != NULL || request->blocklists != NULL ||
	       request->letter ||
	       (!names_hosts(request) && has_port(&check->endpoints, 25));
}

static struct measurement_request measurement_of(
    const struct check *check, const struct check_request *request)
{
	return (struct measurement_request){
	    .options = &check->options,
	    .no_options = check->no_options.text,
	    .endpoints = &check->endpoints,
	    .known = request->wait ? NULL : &check->known,
	    .named = names_hosts(request),
	    .family4 = !request->only6,
	    .family6 = !request->only4,
	    .trace = (enum trace_when)request->trace,
	    .helo = request->helo,
	    .dns = request->dns,
	    .verbose = request->verbose,
	    .progress = check_form(request) == OUTPUT_TEXT,
	    .timeout_ms = request->timeout_s * 1000,
	    .readiness = wants_readiness(check, request),
	    .domain = request->domain,
	    .blocklists = &check->blocklists,
	};
}

static int append(struct endpoint_list *to, const struct endpoint_list *from)
{
	struct endpoint *added;
	size_t i;

	for (i = 0; i < from->count; i++) {
		added = endpoints_add(to, from->items[i].name);
		if (added == NULL)
			return -ENOMEM;
		*added = from->items[i];
	}
	return 0;
}

/* What was known of all that was asked, references too. */
static int make_output(
    struct check *check, const struct measurement *m, struct output *output)
{
	endpoints_free(&check->both);
	memset(&check->both, 0, sizeof(check->both));
	if (append(&check->both, &check->endpoints) != 0 ||
	    append(&check->both, &m->references) != 0)
		return -ENOMEM;
	*output = (struct output){
	    .report = &m->report,
	    .nreferences = m->nreferences,
	    .endpoints = &check->both,
	    .readiness = m->has_readiness ? &m->readiness : NULL,
	    .surroundings = &m->surroundings,
	    .dialogues = &m->dialogues.out,
	};
	return 0;
}

/* What one port is waited for: 25, or the first that is asked. */
static uint16_t awaited_port(const struct endpoint_list *endpoints)
{
	return has_port(endpoints, 25) ? 25 : endpoints->items[0].ports.port[0];
}

/* Of a list, only the first endpoints that have an asked port: nobody is to be
 * asked again and again who was not named. */
static void keep_few(struct endpoint_list *list, size_t most)
{
	size_t i, kept = 0;

	for (i = 0; i < list->count && kept < most; i++)
		if (list->items[i].ports.count > 0)
			list->items[kept++] = list->items[i];
	list->count = kept;
}

/* Ask for that port alone, again and again, until it is open. The pauses
 * double, from a minute to a quarter of an hour. */
static int wait_until_open(
    struct check *check, struct measurement *m, struct err *err)
{
	const struct port_list only = {
	    .port = {awaited_port(&check->endpoints)}, .count = 1};
	int64_t pause_ms = WAIT_FIRST_MS;
	struct output output;
	int rc;

	endpoints_restrict(&check->endpoints, &only);
	if (!m->request->named)
		keep_few(&check->endpoints, WAIT_ENDPOINTS);
	for (;;) {
		rc = measurement_run(m, err);
		if (rc != 0)
			return rc;
		rc = make_output(check, m, &output);
		if (rc == 0 && output_is_open(&output, only.port[0]))
			return 0;
		log_info("port %u is not open yet; next look in %lld s",
		    only.port[0], (long long)(pause_ms / 1000));
		measurement_forget(m);
		if (rc == 0)
			rc = measurement_pause(m, pause_ms);
		if (rc != 0)
			return err_system(err, rc, "waiting");
		pause_ms = pause_ms * 2 < WAIT_MOST_MS ? pause_ms * 2
						       : WAIT_MOST_MS;
	}
}

static int measure_and_print(
    struct check *check, const struct check_request *request, struct err *err)
{
	struct measurement_request measure = measurement_of(check, request);
	struct measurement *m = malloc(sizeof(*m));
	struct output output;
	int rc;

	if (m == NULL)
		return err_system(err, -ENOMEM, "the measurement");
	rc = measurement_open(m, &measure, err);
	if (rc == 0)
		rc = request->wait ? wait_until_open(check, m, err)
				   : measurement_run(m, err);
	if (rc == 0 && make_output(check, m, &output) != 0)
		rc = err_system(err, -ENOMEM, "the output");
	if (rc == 0)
		rc = output_print(&output, check_form(request), err);
	measurement_close(m);
	free(m);
	return rc;
}

int check_run(const struct check_request *request)
{
	struct check check = {.options = {.collector = ""}};
	struct err err = {""};
	int rc = open_check(&check, request, &err);

	if (rc == 0)
		rc = measure_and_print(&check, request, &err);
	close_check(&check);
	if (rc < 0)
		return output_fail(check_form(request), rc, &err);
	return args_finish_output() == EXIT_FINE ? rc : EXIT_OURS;
}
