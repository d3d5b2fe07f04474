/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/service_round.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/bounds.h"
#include "agent/measure/ehlo.h"
#include "agent/measure/round.h"
#include "agent/net/resolve.h"
#include "agent/net/sock.h"
#include "agent/net/tls.h"

#define ROUND_TIMEOUT_MS (180 * 1000)
#define BANNER_MS        (60 * 1000)
#define VISITS_MAX       32

struct service_round {
	struct agent_options options;
	struct endpoint_list endpoints;
	struct bounds bounds;
	struct allowance *allowance;
	bool *no_turn; /* owned */
	struct source_seen source4, source6;
	char agent[REPORT_AGENT_SIZE];
	char ehlo4[ADDR_TEXT_SIZE], ehlo6[ADDR_TEXT_SIZE];
	char public_ehlo4[256], public_ehlo6[256];
	struct resolver *resolver;
	struct ssl_ctx_st *tls;
	struct round *measurement;
	struct report report;
	struct event *end;
	service_round_done *done;
	void *arg;
};

/* Called from the loop, so that `done` may free what the measurement was
 * using. */
static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct service_round *round = arg;

	(void)fd;
	(void)what;
	round->done(round->arg, &round->report, &round->endpoints);
}

static void on_round(void *arg, struct report *report)
{
	struct service_round *round = arg;

	round->measurement = NULL;
	round->report = *report;
	snprintf(round->report.software, sizeof(round->report.software),
	    "egress25-agent/" EGRESS25_VERSION);
	round->report.source4 = round->source4;
	round->report.source6 = round->source6;
	event_active(round->end, EV_TIMEOUT, 0);
}

static const char *ehlo(const struct service_round *round,
    const struct source_seen *source, char literal[ADDR_TEXT_SIZE])
{
	if (round->options.helo[0] != '\0')
		return round->options.helo;
	if (source->address.family == 0)
		return NULL;
	return addr_format_literal(&source->address, literal);
}

/* Where the collector could not tell this host's public address, a private one
 * is still not for strangers. */
static void choose_public_ehlo(struct service_round *round)
{
	struct ehlo_view views[2] = {
	    {.outside = round->source4.address},
	    {.outside = round->source6.address},
	};
	char host_name[256];

	sock_source_address(4, &views[0].own);
	sock_source_address(6, &views[1].own);
	if (gethostname(host_name, sizeof(host_name)) != 0 ||
	    memchr(host_name, '\0', sizeof(host_name)) == NULL)
		host_name[0] = '\0';
	ehlo_choose(views, 4, host_name, round->public_ehlo4);
	ehlo_choose(views, 6, host_name, round->public_ehlo6);
}

static const char *or_none(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static int start_round(
    struct event_base *base, struct service_round *round, struct err *err)
{
	const struct agent_options *options = &round->options;
	struct round_request request = {
	    .endpoints = &round->endpoints,
	    .ports = options->ports,
	    .family4 = options->families != FAMILIES_6,
	    .family6 = options->families != FAMILIES_4,
	    .trace = (enum trace_when)options->trace,
	    .agent = round->agent,
	    .ehlo4 = ehlo(round, &round->source4, round->ehlo4),
	    .ehlo6 = ehlo(round, &round->source6, round->ehlo6),
	    .banner_ms = BANNER_MS,
	    .timeout_ms = ROUND_TIMEOUT_MS,
	    .visits_max = VISITS_MAX,
	    .bounds = round->allowance != NULL ? &round->bounds : NULL,
	    .allowance = round->allowance,
	    .no_turn = round->no_turn,
	};

	choose_public_ehlo(round);
	request.public_ehlo4 = or_none(round->public_ehlo4);
	request.public_ehlo6 = or_none(round->public_ehlo6);
	round->measurement = round_start(
	    base, round->resolver, round->tls, &request, NULL, on_round, round);
	return round->measurement != NULL ? 0
					  : err_system(err, -ENOMEM, "a round");
}

int service_round_start(struct event_base *base,
    const struct service_round_request *request, service_round_done *done,
    void *arg, struct service_round **out, struct err *err)
{
	struct service_round *round = calloc(1, sizeof(*round));
	const char *dns = request->options->dns;
	int error;

	if (round == NULL) {
		struct endpoint_list list = request->endpoints;

		endpoints_free(&list);
		return err_system(err, -ENOMEM, "a round");
	}
	round->options = *request->options;
	round->endpoints = request->endpoints;
	round->allowance = request->allowance;
	snprintf(round->agent, sizeof(round->agent), "%s", request->agent);
	round->source4 = *request->source4;
	round->source6 = *request->source6;
	round->done = done;
	round->arg = arg;
	round->end = evtimer_new(base, on_end, round);
	round->no_turn = calloc(request->endpoints.count + 1, sizeof(bool));
	error = round->end != NULL && round->no_turn != NULL
		    ? bounds_parse(request->options->plan_networks,
			  request->options->plan_ports, &round->bounds, err)
		    : err_system(err, -ENOMEM, "a round");
	if (error == 0)
		error = resolver_new(
		    base, dns[0] ? dns : NULL, &round->resolver, err);
	if (error == 0)
		error = tls_probe_context(&round->tls, err);
	if (error == 0)
		error = start_round(base, round, err);
	if (error < 0)
		service_round_cancel(round);
	else
		*out = round;
	return error;
}

const bool *service_round_no_turn(const struct service_round *round)
{
	return round->no_turn;
}

void service_round_cancel(struct service_round *round)
{
	if (round == NULL)
		return;
	round_cancel(round->measurement);
	resolver_free(round->resolver);
	tls_context_free(round->tls);
	report_free(&round->report);
	endpoints_free(&round->endpoints);
	free(round->no_turn);
	if (round->end != NULL)
		event_free(round->end);
	free(round);
}
