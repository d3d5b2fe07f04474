/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/measurement.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/alarm.h"
#include "agent/check/machine.h"
#include "agent/check/provider_file.h"
#include "agent/check/references.h"
#include "agent/explain/explain.h"
#include "agent/measure/round.h"
#include "agent/net/resolve.h"
#include "agent/net/sock.h"
#include "agent/net/tls.h"
#include "agent/readiness/public_address.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/base/values.h"

#define PORTS_MAX  32
#define VISITS_MAX 16
#define BANNER_MS  35000 /* greet delays of 30 s are in use */

/* Beside a round on a blocked network, which takes 15 s at most. */
#define READINESS_LIMIT_MS  10000
#define COLLECTOR_LIMIT_MS  3000
#define HINT_LIMIT_MS       3000
#define REFERENCES_LEAST_MS 5000 /* else there is no time for them */

static void say_progress(void *arg, const char *sentence)
{
	const struct measurement *m = arg;

	terminal_progress_say(&m->progress, sentence);
}

static void end_loop(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
}

/* Run the loop until somebody breaks it, or for that long. */
static int run_loop(struct measurement *m, int64_t limit_ms)
{
	const struct timeval limit = {
	    (time_t)(limit_ms / 1000), (suseconds_t)(limit_ms % 1000 * 1000)};
	struct event *end = evtimer_new(m->base, end_loop, m->base);
	int rc = -ENOMEM;

	if (end != NULL && event_add(end, &limit) == 0) {
		event_base_dispatch(m->base);
		rc = 0;
	}
	if (end != NULL)
		event_free(end);
	return rc;
}

static int64_t left_ms(const struct measurement *m)
{
	return m->request->timeout_ms -
	       (clock_mono_us() - m->started_us) / 1000;
}

/* --- opening --- */

/* Why there is no collector to ask stays in collector_why. */
static void find_collector(struct measurement *m)
{
	const struct agent_options *options = m->request->options;
	int rc;

	snprintf(m->collector_why.text, sizeof(m->collector_why.text), "%s",
	    m->request->no_options);
	if (options->collector[0] == '\0')
		return;
	rc = httpc_parse_url(options->collector, &m->url, &m->collector_why);
	if (rc == 0 && m->url.tls)
		rc = tls_verifying_context(
		    options->ca, &m->collector_tls, &m->collector_why);
	if (rc == 0)
		m->collector = &m->url;
}

int measurement_open(struct measurement *m,
    const struct measurement_request *request, struct err *err)
{
	const char *dns = request->dns;
	int rc;

	memset(m, 0, sizeof(*m));
	dialogues_init(&m->dialogues);
	m->request = request;
	if (dns == NULL && request->options->dns[0] != '\0')
		dns = request->options->dns;
	m->base = event_base_new();
	if (m->base == NULL)
		return err_system(err, -ENOMEM, "the event loop");
	rc = resolver_new(m->base, dns, &m->resolver, err);
	if (rc == 0)
		rc = tls_probe_context(&m->tls, err);
	if (rc == 0)
		find_collector(m);
	terminal_progress_begin(&m->progress, request->progress);
	return rc;
}

void measurement_close(struct measurement *m)
{
	measurement_forget(m);
	dialogues_free(&m->dialogues);
	resolver_free(m->resolver);
	if (m->tls != NULL)
		tls_context_free(m->tls);
	tls_context_free(m->collector_tls);
	if (m->base != NULL)
		event_base_free(m->base);
}

void measurement_forget(struct measurement *m)
{
	readiness_cancel(m->readiness_run);
	m->readiness_run = NULL;
	report_free(&m->report);
	memset(&m->report, 0, sizeof(m->report));
	endpoints_free(&m->references);
	memset(&m->references, 0, sizeof(m->references));
	m->nreferences = 0;
	buf_clear(&m->dialogues.out);
	m->has_readiness = false;
	m->done = false;
}

/* --- the name for EHLO --- */

static const char *given_helo(const struct measurement *m)
{
	if (m->request->helo != NULL)
		return m->request->helo;
	return m->request->options->helo[0] != '\0' ? m->request->options->helo
						    : NULL;
}

static void read_host_name(char name[256])
{
	if (gethostname(name, 256) != 0 || memchr(name, '\0', 256) == NULL)
		name[0] = '\0';
}

static void take_outside(void *arg, const struct public_address *found)
{
	struct measurement *m = arg;

	if (found->by == BY_COLLECTOR) {
		m->views[found->address.family == 6].outside = found->address;
		m->asn = found->asn;
	}
	if (--m->views_pending == 0)
		event_base_loopbreak(m->base);
}

static void ask_outside(struct measurement *m, uint8_t family)
{
	const struct public_address_request request = {
	    .family = family,
	    .collector = m->collector,
	    .tls = m->collector_tls,
	    .limit_ms = COLLECTOR_LIMIT_MS,
	};

	if (public_address_start(
		m->base, m->resolver, &request, take_outside, m) != NULL)
		m->views_pending++;
}

/* Behind a NAT the collector is asked first; else nobody is. */
static void choose_ehlo(struct measurement *m)
{
	char host_name[256];
	int i;

	if (given_helo(m) != NULL)
		return;
	for (i = 0; i < 2; i++) {
		struct addr *own = &m->views[i].own;

		sock_source_address(i == 0 ? 4 : 6, own);
		if (m->collector != NULL && own->family != 0 &&
		    addr_is_private(own))
			ask_outside(m, own->family);
	}
	if (m->views_pending > 0) {
		say_progress(m, "Asking the collector for our address ...");
		event_base_dispatch(m->base);
	}
	read_host_name(host_name);
	ehlo_choose(m->views, 4, host_name, m->ehlo4);
	ehlo_choose(m->views, 6, host_name, m->ehlo6);
}

/* --- readiness --- */

static void take_readiness(void *arg, const struct readiness *found)
{
	struct measurement *m = arg;

	m->readiness = *found;
	m->has_readiness = true;
	m->readiness_run = NULL;
	if (m->done)
		event_base_loopbreak(m->base);
}

/* The name that a mail server here would say: as asked, as configured, or as
 * this host is called, if that is fully qualified. */
static enum helo_source find_helo(const struct measurement *m, char name[256])
{
	const char *given = given_helo(m);

	if (given != NULL) {
		snprintf(name, 256, "%s", given);
		return m->request->helo != NULL ? HELO_OPTION : HELO_CONFIGURED;
	}
	read_host_name(name);
	if (values_check_fqdn(name, NULL) == 0)
		return HELO_HOST;
	name[0] = '\0';
	return HELO_NONE;
}

static int start_readiness(struct measurement *m, struct err *err)
{
	const struct measurement_request *request = m->request;
	char helo[256];
	struct readiness_request readiness = {
	    .family4 = request->family4,
	    .family6 = request->family6,
	    .domain = request->domain,
	    .helo = helo,
	    .helo_source = find_helo(m, helo),
	    .collector = m->collector,
	    .tls = m->collector_tls,
	    .collector_why = m->collector_why.text,
	    .blocklists = request->blocklists,
	    .limit_ms = request->timeout_ms < READINESS_LIMIT_MS
			    ? (int)request->timeout_ms
			    : READINESS_LIMIT_MS,
	};

	if (!request->readiness)
		return 0;
	m->readiness_run = readiness_start(
	    m->base, m->resolver, &readiness, take_readiness, m);
	return m->readiness_run != NULL ? 0
					: err_system(err, -ENOMEM, "readiness");
}

/* --- rounds --- */

static void take_report(void *arg, struct report *report)
{
	struct measurement *m = arg;

	m->report = *report;
	m->done = true;
	if (m->readiness_run == NULL)
		event_base_loopbreak(m->base);
	else
		say_progress(m, "Looking up this address ...");
}

static int run_round(struct measurement *m,
    const struct endpoint_list *endpoints, int64_t timeout_ms, struct err *err)
{
	const struct measurement_request *request = m->request;
	const struct round_request round = {
	    .endpoints = endpoints,
	    .family4 = request->family4,
	    .family6 = request->family6,
	    .trace = request->trace,
	    .ehlo4 = given_helo(m),
	    .ehlo6 = given_helo(m),
	    .public_ehlo4 = m->ehlo4[0] != '\0' ? m->ehlo4 : NULL,
	    .public_ehlo6 = m->ehlo6[0] != '\0' ? m->ehlo6 : NULL,
	    .banner_ms = BANNER_MS,
	    .timeout_ms = (int)timeout_ms,
	    /* References are the public's: they are asked once. */
	    .among_others = endpoints != &m->references && endpoints->count > 1,
	    .visits_max = VISITS_MAX,
	    .transcript = request->verbose ? &m->dialogues.transcript : NULL,
	};

	m->done = false;
	if (round_start(m->base, m->resolver, m->tls, &round, say_progress,
		take_report, m) == NULL)
		return err_system(err, -ENOMEM, "the round");
	event_base_dispatch(m->base);
	return m->done ? 0 : err_system(err, -EIO, "the event loop");
}

/* Put the first report's targets before those of the second, which is here. */
static int join_reports(struct measurement *m, struct report *first)
{
	struct report second = m->report;
	struct target_seen *room;
	size_t i;

	m->report = *first;
	m->report.ended_ms = second.ended_ms;
	for (i = 0; i < second.ntargets; i++) {
		room = report_add_target(&m->report);
		if (room == NULL)
			break;
		*room = second.targets[i];
		memset(&second.targets[i], 0, sizeof(second.targets[i]));
	}
	m->nreferences = i;
	report_free(&second);
	return m->nreferences == i ? 0 : -ENOMEM;
}

/* What the asked endpoints say of each port. */
static int sum_up(
    const struct measurement *m, struct explain_port *ports, size_t *count)
{
	struct explain_round round;
	int rc = explain_round(&m->report, m->request->endpoints, &round);

	if (rc != 0)
		return rc;
	*count = explain_ports(&round, ports, PORTS_MAX);
	explain_free(&round);
	return 0;
}

/* Ask one or two of the known endpoints where the named ones do not decide. */
static int ask_references(struct measurement *m, struct err *err)
{
	const struct measurement_request *request = m->request;
	struct explain_port ports[PORTS_MAX];
	struct report first = m->report;
	uint16_t start;
	size_t count;
	int rc, chosen;

	if (request->known == NULL || request->known->count == 0 ||
	    left_ms(m) < REFERENCES_LEAST_MS)
		return 0;
	rc = sum_up(m, ports, &count);
	if (rc != 0)
		return err_system(err, rc, "the diagnosis");
	random_bytes(&start, sizeof(start));
	chosen = references_choose(request->known, request->endpoints, ports,
	    count, start, &m->references);
	if (chosen <= 0)
		return chosen == 0 ? 0 : err_system(err, chosen, "references");
	memset(&m->report, 0, sizeof(m->report));
	rc = run_round(m, &m->references, left_ms(m), err);
	if (rc != 0) {
		m->report = first;
		return rc;
	}
	rc = join_reports(m, &first);
	return rc == 0 ? 0 : err_system(err, rc, "the report");
}

/* --- hints --- */

static void take_mx(void *arg, const struct resolve_mx *found)
{
	struct measurement *m = arg;
	struct surroundings *surroundings = &m->surroundings;
	size_t i;

	for (i = 0;
	     i < found->count && !found->implicit && i < SURROUNDINGS_MX_MAX;
	     i++) {
		if (strcmp(found->mx[i].host, surroundings->mx_domain) == 0) {
			surroundings->nmx = 0;
			break;
		}
		snprintf(surroundings->mx[surroundings->nmx++], 256, "%s",
		    found->mx[i].host);
	}
	event_base_loopbreak(m->base);
}

/* Some port of that endpoint was answered by SMTP, or DNS would not tell of MX
 * records either. */
static bool needs_no_hint(
    const struct report *report, const struct endpoint *endpoint)
{
	const struct target_seen *target;
	size_t i, k;

	for (i = 0; i < report->ntargets; i++) {
		target = &report->targets[i];
		if (strcmp(target->endpoint, endpoint->name) != 0)
			continue;
		if (target->dns == DNS_NO_SUCH_DOMAIN ||
		    target->dns == DNS_SERVFAIL || target->dns == DNS_NO_ANSWER)
			return true;
		for (k = 0; k < target->nprobes; k++)
			if (target->probes[k].smtp.code != OBSERVE_ABSENT)
				return true;
	}
	return false;
}

/* The first host that is a name and answers on no mail port. */
static const struct endpoint *find_mute_host(const struct measurement *m)
{
	const struct endpoint *endpoint;
	struct addr address;
	size_t i;

	for (i = 0; i < m->request->endpoints->count; i++) {
		endpoint = &m->request->endpoints->items[i];
		if (endpoint->host[0] != '\0' &&
		    !addr_parse(&address, endpoint->host) &&
		    !needs_no_hint(&m->report, endpoint))
			return endpoint;
	}
	return NULL;
}

static void look_for_mx(struct measurement *m)
{
	const struct endpoint *mute = NULL;
	struct surroundings *surroundings = &m->surroundings;

	if (m->request->named)
		mute = find_mute_host(m);
	if (mute == NULL)
		return;
	snprintf(surroundings->mx_domain, sizeof(surroundings->mx_domain), "%s",
	    mute->host);
	if (resolve_mx(m->resolver, mute->host, take_mx, m) != 0)
		return;
	run_loop(m, HINT_LIMIT_MS);
	resolve_cancel(m->resolver, m);
}

static void look_around(struct measurement *m)
{
	struct surroundings *surroundings = &m->surroundings;
	const char *path = m->request->options->providers;
	struct provider_traits traits = {.asn = m->asn};
	struct err err;
	size_t i;

	memset(surroundings, 0, sizeof(*surroundings));
	surroundings->enclosure = machine_enclosure("");
	machine_dmi("", &traits);
	for (i = 0; m->has_readiness && i < m->readiness.count; i++) {
		if (traits.rdns[0] == '\0')
			snprintf(traits.rdns, sizeof(traits.rdns), "%s",
			    m->readiness.family[i].rdns);
		if (traits.asn == 0)
			traits.asn = m->readiness.family[i].asn;
	}
	if (access(path, R_OK) == 0 && provider_file_find(path, &traits,
					   &surroundings->provider, &err) != 0)
		log_warn("%s", err.text);
	look_for_mx(m);
}

/* --- all of it --- */

static void sign_report(struct report *report)
{
	uuid7(report->started_ms, report->id);
	/* No collector knows it; a report without a name is not readable. */
	snprintf(report->agent, sizeof(report->agent), "check");
	snprintf(report->software, sizeof(report->software),
	    "egress25-agent/%s", EGRESS25_VERSION);
}

int measurement_run(struct measurement *m, struct err *err)
{
	int rc;

	m->started_us = clock_mono_us();
	choose_ehlo(m);
	rc = start_readiness(m, err);
	if (rc == 0)
		rc = run_round(m, m->request->endpoints, left_ms(m), err);
	if (rc == 0)
		rc = ask_references(m, err);
	if (rc == 0)
		look_around(m);
	say_progress(m, "");
	if (rc == 0)
		sign_report(&m->report);
	return rc;
}

int measurement_pause(struct measurement *m, int64_t real_ms)
{
	return run_loop(m, real_ms / alarm_speed());
}
