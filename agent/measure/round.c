/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/round.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/alarm.h"
#include "agent/base/allowance.h"
#include "agent/base/bounds.h"
#include "agent/measure/doubts.h"
#include "agent/measure/left_out.h"
#include "agent/measure/lookup.h"
#include "agent/measure/stop.h"
#include "agent/measure/visit.h"
#include "agent/measure/visit_state.h"
#include "agent/measure/witness_run.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/receipt/receipt_judge.h"

#define WITNESS_MS       9000  /* at the end, at most */
#define QUICK_MS         30000 /* for all of a round whose time is short */
#define WITNESS_LEAST_MS 4000  /* even so */

struct round {
	struct event_base *base;
	struct resolver *resolver;
	struct ssl_ctx_st *tls;
	struct round_request request;
	round_progress *progress;
	round_done *done;
	void *arg;
	int64_t started_us, deadline_us;
	struct lookups *lookups;
	struct doubts doubts;
	struct stop_list stops;
	size_t nstops, running;
	struct left_out left_out;
	struct witness_run *witness;
	bool witnessed;
	struct event *begin, *deadline;
};

static void go_on(struct round *round);

static void tell(struct round *round, const struct stop *stop, const char *what)
{
	char sentence[400], address[ADDR_TEXT_SIZE];

	if (round->progress == NULL)
		return;
	snprintf(sentence, sizeof(sentence), "%s %s: %s", stop->target.host,
	    addr_format(&stop->target.address, address), what);
	round->progress(round->arg, sentence);
}

/* --- what is to be visited --- */

/* The endpoint was visited, or is not to be: its turn is over. */
static void note_turn(struct round *round, const struct endpoint *endpoint)
{
	if (round->request.no_turn != NULL)
		round->request.no_turn[endpoint -
				       round->request.endpoints->items] = false;
}

/* The endpoint's own ports, or those of them that were asked for. */
static struct port_list asked_ports(
    const struct round *round, const struct endpoint *endpoint)
{
	const struct port_list *own = &endpoint->ports;
	struct port_list ports = {0};
	size_t i;

	if (round->request.ports.count == 0)
		return *own;
	for (i = 0; i < own->count; i++)
		if (port_list_has(&round->request.ports, own->port[i]))
			port_list_add(
			    &ports, own->port[i], (enum port_mode)own->mode[i]);
	return ports;
}

/* A host without any address: that is what was seen of each of its ports. */
static void on_found_none(void *arg, const struct endpoint *endpoint,
    const char *host, enum dns_seen why)
{
	struct round *round = arg;
	struct port_list ports = asked_ports(round, endpoint);
	uint8_t family = round->request.family4 ? 4 : 6;
	struct stop *stop = stops_add(
	    &round->stops, round, endpoint, host, family);
	struct probe_seen probe;
	size_t i;

	if (stop == NULL)
		return;
	stop->over = true;
	stop->target.dns = why;
	for (i = 0; i < ports.count; i++) {
		probe_seen_init(
		    &probe, ports.port[i], (enum port_mode)ports.mode[i]);
		probe.ended = STAGE_RESOLVE;
		probe.failure = FAILURE_RESOLVE;
		target_seen_add_probe(&stop->target, &probe);
	}
}

/* The address, and where this network translates it what stands in it. */
static bool may_visit(const struct round *round, const struct addr *address)
{
	const struct bounds *bounds = round->request.bounds;
	const struct nat64 *nat64 = lookups_nat64(round->lookups);
	struct addr inner;
	size_t next = 0;

	if (bounds == NULL)
		return true;
	if (!bounds_allow(bounds, address))
		return false;
	while (nat64_inner(nat64, address, &next, &inner))
		if (!bounds_allow(bounds, &inner))
			return false;
	return true;
}

/* Where a collector's bounds forbid an address, it is as if the host had not
 * that one. */
static void on_found(void *arg, const struct endpoint *endpoint,
    const char *host, const struct addr *address)
{
	struct round *round = arg;
	char text[ADDR_TEXT_SIZE];
	struct stop *stop;

	if (stops_have(&round->stops, endpoint, address) ||
	    stops_count(&round->stops, endpoint, address->family) >=
		endpoint->addresses)
		return;
	if (!may_visit(round, address)) {
		log_debug("%s has %s, which is not public: it is not visited",
		    host, addr_format(address, text));
		round->left_out.forbidden++;
		note_turn(round, endpoint);
		return;
	}
	if (round->nstops == STOPS_MAX) {
		round->left_out.too_many++;
		return;
	}
	stop = stops_add(&round->stops, round, endpoint, host, address->family);
	if (stop == NULL)
		return;
	stop->target.address = *address;
	round->nstops++;
}

static void on_left_out(void *arg, const struct endpoint *endpoint)
{
	struct round *round = arg;

	round->left_out.day_asked++;
	note_turn(round, endpoint);
}

static bool has_enough(void *arg, const struct endpoint *endpoint)
{
	const struct round *round = arg;

	return (!round->request.family4 || stops_count(&round->stops, endpoint,
					       4) >= endpoint->addresses) &&
	       (!round->request.family6 || stops_count(&round->stops, endpoint,
					       6) >= endpoint->addresses);
}

static void on_settled(void *arg)
{
	go_on(arg);
}

static void on_doubt(void *arg, uint16_t port, bool at_once)
{
	struct stop *stop = arg;

	doubts_add(
	    &stop->round->doubts, &stop->round->stops, stop, port, at_once);
	go_on(stop->round);
}

/* --- visits --- */

static void on_visited(void *arg)
{
	struct stop *stop = arg;
	struct round *round = stop->round;

	stop->visit = NULL;
	stop->over = true;
	round->running--;
	tell(round, stop, "done");
	go_on(round);
}

static const char *ehlo_for(
    const struct round_request *request, const struct target_seen *target)
{
	bool is4 = target->family == 4;
	const char *ehlo = is4 ? request->ehlo4 : request->ehlo6;

	if (ehlo == NULL && !addr_is_private(&target->address))
		ehlo = is4 ? request->public_ehlo4 : request->public_ehlo6;
	return ehlo;
}

static void start(
    struct round *round, struct stop *stop, struct visit_request *request)
{
	request->ehlo = ehlo_for(&round->request, &stop->target);
	request->banner_ms = round->request.banner_ms;
	request->deadline_us = round->deadline_us;
	request->tls = round->tls;
	request->among_others = round->request.among_others;
	request->transcript = round->request.transcript;
	request->allowance = round->request.allowance;
	request->target = &stop->target;
	stop->visit = visit_start(
	    round->base, request, on_visited, on_doubt, stop);
	stop->over = stop->visit == NULL;
	if (stop->over) {
		log_error("no memory to visit %s", stop->target.host);
		return;
	}
	round->running++;
	tell(round, stop, request->counting ? "counting" : "trying");
}

static bool is_allowed(struct round *round, const struct stop *stop)
{
	struct allowance *allowance = round->request.allowance;

	if (allowance == NULL)
		return true;
	allowance_set_day(allowance, clock_wall_ms());
	switch (allowance_visit(allowance, &stop->target.address,
	    stop->endpoint->name, stop->endpoint->interval_s * 1000,
	    alarm_now_ms())) {
	case ALLOWANCE_TOO_SOON:
		round->left_out.too_soon++;
		break;
	case ALLOWANCE_DAY_SPENT:
		round->left_out.day_spent++;
		break;
	case ALLOWANCE_YES:
	default:
		return true;
	}
	note_turn(round, stop->endpoint);
	return false;
}

/* Nobody asks for what he has no key to. */
static const char *receipt_for(
    const struct round *round, const struct endpoint *endpoint)
{
	const char *agent = round->request.agent;

	if (endpoint->known.nreceipt_keys == 0)
		return NULL;
	return agent != NULL ? agent : "";
}

static void begin_visit(struct round *round, struct stop *stop)
{
	struct visit_request request = {
	    .receipt_for = receipt_for(round, stop->endpoint),
	    .asked = asked_ports(round, stop->endpoint),
	    .control = stop->endpoint->control,
	    .trace = stop->endpoint->kind == ENDPOINT_BEACON &&
			     round->request.trace == TRACE_AUTO
			 ? TRACE_ALWAYS
			 : round->request.trace,
	};

	if (!is_allowed(round, stop)) {
		stop->over = stop->refused = true;
		return;
	}
	stop->at_us = clock_mono_us();
	start(round, stop, &request);
	doubts_tell(&round->doubts, stop);
}

static void begin_counting(struct round *round, struct stop *stop)
{
	struct visit_request request = {
	    .trace = round->request.trace == TRACE_NEVER ? TRACE_NEVER
							 : TRACE_RESETS,
	    .counting = true,
	    .began_us = stop->at_us,
	};

	doubts_take(&round->doubts, stop, &request);
	request.control = stop_steady_control(stop, &request.asked);
	if (request.asked.count > 0 && request.control.count > 0)
		start(round, stop, &request);
}

static void begin_visits(struct round *round)
{
	struct stop *stop;

	STAILQ_FOREACH(stop, &round->stops, entry) {
		if (stop->visit != NULL ||
		    round->running >= round->request.visits_max ||
		    stops_are_visiting(&round->stops, &stop->target.address))
			continue;
		if (!stop->over)
			begin_visit(round, stop);
		else if (stop->target.address.family != 0 && !stop->refused)
			begin_counting(round, stop);
	}
}

/* --- the round --- */

/* All times count back from the end, so that they stay in their order when the
 * wall clock is set meanwhile. */
static void note_times(struct round *round, struct report *report)
{
	int64_t now_us = clock_mono_us();
	struct stop *stop;

	report->ended_ms = clock_wall_ms();
	report->started_ms = report->ended_ms -
			     (now_us - round->started_us) / 1000;
	STAILQ_FOREACH(stop, &round->stops, entry)
		stop->target.at_ms = report->ended_ms -
				     (now_us - stop->at_us) / 1000;
}

/* What was not visited, and why. */
static void say_left_out(struct round *round)
{
	const struct stop *stop;

	if (round->request.no_turn != NULL)
		STAILQ_FOREACH(stop, &round->stops, entry)
			round->left_out.late += stop->target.nprobes == 0 &&
						!stop->over;
	left_out_say(&round->left_out);
}

static void finish(struct round *round)
{
	round_done *done = round->done;
	void *arg = round->arg;
	struct report report;
	struct stop *stop;

	STAILQ_FOREACH(stop, &round->stops, entry) {
		visit_cancel(stop->visit);
		stop->visit = NULL;
	}
	say_left_out(round);
	STAILQ_FOREACH(stop, &round->stops, entry)
		if (stop->target.nprobes > 0)
			note_turn(round, stop->endpoint);
	memset(&report, 0, sizeof(report));
	note_times(round, &report);
	STAILQ_FOREACH(stop, &round->stops, entry)
		receipt_judge(&stop->target, &stop->endpoint->known);
	if (stops_collect(&round->stops, &report) < 0)
		log_error("no memory for what the round saw");
	round_cancel(round);
	done(arg, &report);
}

static bool is_over(const struct round *round)
{
	const struct stop *stop;

	STAILQ_FOREACH(stop, &round->stops, entry)
		if (!stop->over)
			return false;
	return lookups_are_over(round->lookups);
}

static void on_witnessed(
    void *arg, const struct witness_suspect *suspects, size_t count)
{
	struct round *round = arg;
	struct stop *stop;
	size_t i;

	round->witness = NULL;
	STAILQ_FOREACH(stop, &round->stops, entry)
		for (i = 0; i < count; i++)
			if (witness_keep(&stop->target, &suspects[i]) < 0)
				log_error("no memory for the host's witness");
	event_active(round->deadline, EV_TIMEOUT, 0);
}

static int64_t witness_until_us(const struct round *round)
{
	int64_t now_us = clock_mono_us();
	int64_t until_us = now_us + WITNESS_MS * 1000ll;
	int64_t quick_us = round->started_us + QUICK_MS * 1000ll;

	if (quick_us < now_us + WITNESS_LEAST_MS * 1000ll)
		quick_us = now_us + WITNESS_LEAST_MS * 1000ll;
	if (round->request.timeout_ms <= VISIT_PATIENT_US / 1000 &&
	    until_us > quick_us)
		until_us = quick_us;
	return until_us < round->deadline_us ? until_us : round->deadline_us;
}

/* When all connections are over: did what got no answer leave this host? */
static bool ask_witness(struct round *round)
{
	struct witness_suspect suspects[WITNESS_SUSPECTS_MAX];
	int64_t until_us = witness_until_us(round);
	struct stop *stop;
	size_t count = 0;

	round->witnessed = true;
	STAILQ_FOREACH(stop, &round->stops, entry)
		count = witness_add_suspects(
		    &stop->target, suspects, count, WITNESS_SUSPECTS_MAX);
	if (count == 0)
		return false;
	round->witness = witness_run_start(
	    round->base, suspects, count, until_us, on_witnessed, round);
	if (round->witness == NULL)
		return false;
	witness_run_keep_to(round->witness, round->request.allowance);
	return true;
}

static void go_on(struct round *round)
{
	begin_visits(round);
	if (!is_over(round) || round->witness != NULL)
		return;
	if (round->witnessed || !ask_witness(round))
		event_active(round->deadline, EV_TIMEOUT, 0);
}

static void on_begin(evutil_socket_t fd, short what, void *arg)
{
	struct round *round = arg;
	const struct endpoint_list *list = round->request.endpoints;
	size_t i;

	(void)fd;
	(void)what;
	for (i = 0; i < list->count && round->request.no_turn != NULL; i++)
		round->request.no_turn[i] = true;
	for (i = 0; i < list->count; i++)
		lookups_add(round->lookups, &list->items[i]);
	go_on(round);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	finish(arg);
}

static int arm(struct round *round)
{
	struct lookup_sink sink = {on_found, on_found_none, on_left_out,
	    has_enough, on_settled, round};
	int ms = round->request.timeout_ms;
	struct timeval now = {0}, limit = {ms / 1000, ms % 1000 * 1000};

	round->lookups = lookups_new(round->resolver, round->request.family4,
	    round->request.family6, &sink);
	round->begin = evtimer_new(round->base, on_begin, round);
	round->deadline = evtimer_new(round->base, on_deadline, round);
	if (round->lookups == NULL || round->begin == NULL ||
	    round->deadline == NULL ||
	    lookups_keep_to(
		round->lookups, round->base, round->request.allowance) < 0)
		return -ENOMEM;
	if (round->request.bounds != NULL)
		lookups_mind_nat64(round->lookups);
	return event_add(round->begin, &now) < 0 ||
		       event_add(round->deadline, &limit) < 0
		   ? -ENOMEM
		   : 0;
}

struct round *round_start(struct event_base *base, struct resolver *resolver,
    struct ssl_ctx_st *tls, const struct round_request *request,
    round_progress *progress, round_done *done, void *arg)
{
	struct round *round = calloc(1, sizeof(*round));

	if (round == NULL)
		return NULL;
	round->base = base;
	round->resolver = resolver;
	round->tls = tls;
	round->request = *request;
	round->progress = progress;
	round->done = done;
	round->arg = arg;
	round->started_us = clock_mono_us();
	round->deadline_us = clock_mono_us() +
			     (int64_t)request->timeout_ms * 1000;
	STAILQ_INIT(&round->stops);
	if (arm(round) < 0) {
		round_cancel(round);
		return NULL;
	}
	return round;
}

void round_cancel(struct round *round)
{
	struct stop *stop;

	if (round == NULL)
		return;
	lookups_free(round->lookups);
	witness_run_cancel(round->witness);
	STAILQ_FOREACH(stop, &round->stops, entry)
		visit_cancel(stop->visit);
	stops_free(&round->stops);
	if (round->begin != NULL)
		event_free(round->begin);
	if (round->deadline != NULL)
		event_free(round->deadline);
	free(round);
}
