/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/service_round.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/measure/round.h"
#include "agent/net/resolve.h"
#include "agent/net/tls.h"

#define ROUND_TIMEOUT_MS (180 * 1000)
#define BANNER_MS        (60 * 1000)
#define VISITS_MAX       32

struct cycle {
	struct agent_options options;
	struct endpoint_list endpoints;
	struct source_seen source4, source6;
	char ehlo4[ADDR_TEXT_SIZE], ehlo6[ADDR_TEXT_SIZE];
	struct resolver *resolver;
	struct ssl_ctx_st *tls;
	struct round *round;
	struct report report;
	struct event *end;
	cycle_done *done;
	void *arg;
};

/* What belongs to the round is freed from the loop, not under its own
 * callback. */
static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct cycle *cycle = arg;

	(void)fd;
	(void)what;
	cycle->done(cycle->arg, &cycle->report, &cycle->endpoints);
}

static void on_round(void *arg, struct report *report)
{
	struct cycle *cycle = arg;

	cycle->round = NULL;
	cycle->report = *report;
	snprintf(cycle->report.software, sizeof(cycle->report.software),
	    "egress25-agent/" EGRESS25_VERSION);
	cycle->report.source4 = cycle->source4;
	cycle->report.source6 = cycle->source6;
	event_active(cycle->end, EV_TIMEOUT, 0);
}

static const char *ehlo(const struct cycle *cycle,
    const struct source_seen *source, char literal[ADDR_TEXT_SIZE])
{
	if (cycle->options.helo[0] != '\0')
		return cycle->options.helo;
	if (source->address.family == 0)
		return NULL;
	return addr_format_literal(&source->address, literal);
}

static int start_round(
    struct event_base *base, struct cycle *cycle, struct err *err)
{
	const struct agent_options *options = &cycle->options;
	struct round_request request = {
	    .endpoints = &cycle->endpoints,
	    .ports = options->ports,
	    .family4 = options->families != FAMILIES_6,
	    .family6 = options->families != FAMILIES_4,
	    .trace = (enum trace_when)options->trace,
	    .ehlo4 = ehlo(cycle, &cycle->source4, cycle->ehlo4),
	    .ehlo6 = ehlo(cycle, &cycle->source6, cycle->ehlo6),
	    .banner_ms = BANNER_MS,
	    .timeout_ms = ROUND_TIMEOUT_MS,
	    .visits_max = VISITS_MAX,
	};

	cycle->round = round_start(
	    base, cycle->resolver, cycle->tls, &request, NULL, on_round, cycle);
	return cycle->round != NULL ? 0 : err_system(err, -ENOMEM, "a round");
}

int cycle_start(struct event_base *base, const struct cycle_request *request,
    cycle_done *done, void *arg, struct cycle **out, struct err *err)
{
	struct cycle *cycle = calloc(1, sizeof(*cycle));
	const char *dns = request->options->dns;
	int error;

	if (cycle == NULL) {
		struct endpoint_list list = request->endpoints;

		endpoints_free(&list);
		return err_system(err, -ENOMEM, "a round");
	}
	cycle->options = *request->options;
	cycle->endpoints = request->endpoints;
	cycle->source4 = *request->source4;
	cycle->source6 = *request->source6;
	cycle->done = done;
	cycle->arg = arg;
	cycle->end = evtimer_new(base, on_end, cycle);
	error = cycle->end != NULL ? 0 : err_system(err, -ENOMEM, "a round");
	if (error == 0)
		error = resolver_new(
		    base, dns[0] ? dns : NULL, &cycle->resolver, err);
	if (error == 0)
		error = tls_probe_context(&cycle->tls, err);
	if (error == 0)
		error = start_round(base, cycle, err);
	if (error < 0)
		cycle_cancel(cycle);
	else
		*out = cycle;
	return error;
}

void cycle_cancel(struct cycle *cycle)
{
	if (cycle == NULL)
		return;
	round_cancel(cycle->round);
	resolver_free(cycle->resolver);
	tls_context_free(cycle->tls);
	report_free(&cycle->report);
	endpoints_free(&cycle->endpoints);
	if (cycle->end != NULL)
		event_free(cycle->end);
	free(cycle);
}
