/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/visit.h"

#include <event2/event.h>
#include <stdlib.h>

#include "agent/base/allowance.h"
#include "agent/measure/probe.h"
#include "agent/measure/trace.h"
#include "agent/measure/visit_again.h"
#include "agent/measure/visit_count.h"
#include "agent/measure/visit_paths.h"
#include "agent/measure/visit_patience.h"
#include "agent/net/sock.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* Two repeats of the SYN by the kernel (at 1 s and 3 s) fit in. */
#define CONNECT_MS 3500
#define REPLY_MS   7000
#define LAST_MS    4000 /* for a reply that was awaited twice in vain */
/* So often each port is looked at, one just after the other. */
#define LOOKS         6
#define LOOK_MS       420
#define LOOK_REPLY_MS 400
#define TLS_FIRST_MS  4000 /* patience for TLS where it was not asked for */
/* So often the kernel repeats a SYN meanwhile; newer ones each second. */
#define CONNECT_REPEATS  3
#define COUNTING_REPEATS 1
/* Of the deadline, for what ends just before it. */
#define ENDING_MS 300

/* A port's probe or trace under way. */
struct errand {
	struct visit *visit;
	size_t index;
	struct probe *probe;
	struct trace *trace;
};

struct visit {
	struct event_base *base;
	struct visit_request request;
	visit_done *done;
	visit_doubt *doubt;
	void *arg;
	struct visit_plan plan;
	struct errand errands[VISIT_PORTS_MAX];
	struct event *timer;
};

static void go_on(struct visit *visit);

static void finish(struct visit *visit)
{
	visit_done *done = visit->done;
	void *arg = visit->arg;

	visit_cancel(visit);
	done(arg);
}

/* What the plan cannot keep is lost, not the visit. */
static void check_kept(int error)
{
	if (error < 0)
		log_error("no memory for what a probe saw");
}

/* The kernel repeats no SYN of this port any more. */
static void end_connect(struct errand *errand)
{
	struct visit *visit = errand->visit;

	if (visit->request.allowance != NULL)
		allowance_ended(visit->request.allowance,
		    &visit->request.target->address,
		    visit->plan.ports[errand->index].port, clock_mono_us());
}

static void on_connected(void *arg)
{
	struct errand *errand = arg;
	struct visit *visit = errand->visit;
	uint64_t called_back = visit_plan_standing(
	    &visit->plan, errand->index, clock_mono_us());
	size_t i;

	end_connect(errand);
	for (i = 0; i < visit->plan.nports; i++) {
		if ((called_back & ((uint64_t)1 << i)) == 0)
			continue;
		probe_cancel(visit->errands[i].probe);
		visit->errands[i].probe = NULL;
		end_connect(&visit->errands[i]);
	}
}

static void tell_doubt(
    struct visit *visit, const struct visit_port *port, bool was_counting)
{
	if (port->counting && !was_counting && !port->is_control)
		visit->doubt(visit->arg, port->port,
		    visit_patience_passes_at_once(port));
}

static void note_own_address(
    struct target_seen *target, const struct addr *local)
{
	if (local->family != 0 && target->own_address == OWN_UNKNOWN)
		target->own_address = addr_is_private(local) ? OWN_PRIVATE
							     : OWN_PUBLIC;
	if (local->family != 0 && addr_equal(local, &target->address))
		target->self = true;
}

static void on_probed(
    void *arg, const struct probe_seen *seen, const struct addr *local)
{
	struct errand *errand = arg;
	struct visit *visit = errand->visit;
	const struct visit_port *port = &visit->plan.ports[errand->index];
	bool counting = port->counting;

	errand->probe = NULL;
	end_connect(errand);
	note_own_address(visit->request.target, local);
	if (seen == NULL)
		visit_plan_skip(&visit->plan, errand->index);
	else
		check_kept(visit_plan_probed(
		    &visit->plan, errand->index, seen, clock_mono_us()));
	tell_doubt(visit, port, counting);
	go_on(visit);
}

static void on_traced(void *arg, const struct path_seen *path)
{
	struct errand *errand = arg;
	struct visit *visit = errand->visit;
	const struct visit_port *port = &visit->plan.ports[errand->index];
	bool counting = port->counting;

	errand->trace = NULL;
	check_kept(visit_plan_traced(
	    &visit->plan, errand->index, path, clock_mono_us()));
	tell_doubt(visit, port, counting);
	go_on(visit);
}

/* What a probe may take in all. */
static int total_ms(const struct visit *visit)
{
	int longest = CONNECT_MS + visit->request.banner_ms + 4 * REPLY_MS;
	int64_t left_ms;

	if (visit->plan.deadline_us == 0)
		return longest;
	left_ms = (visit->plan.deadline_us - clock_mono_us()) / 1000 -
		  ENDING_MS;
	return left_ms < longest ? (int)left_ms : longest;
}

static int reply_ms(const struct visit_port *port)
{
	if (port->tried_implicit_tls && port->mode == MODE_TLS)
		return TLS_FIRST_MS;
	return port->stalled + 1 < VISIT_STALLS ? REPLY_MS : LAST_MS;
}

static int begin_probe(struct visit *visit, struct errand *errand)
{
	const struct visit_port *port = &visit->plan.ports[errand->index];
	bool bare = port->counting || visit_plan_is_bare(&visit->plan, port);
	struct probe_request request = {
	    .address = visit->request.target->address,
	    .port = port->port,
	    .mode = bare ? MODE_CONNECT : port->mode,
	    .host = visit->request.target->host,
	    .ehlo = visit->request.ehlo,
	    .receipt_for = visit->request.receipt_for,
	    .connect_ms = bare || port->counted
			      ? visit_patience_counting_ms(&visit->plan, port)
			      : CONNECT_MS,
	    .banner_ms = visit_patience_banner_ms(&visit->plan, errand->index,
		visit->request.banner_ms, clock_mono_us()),
	    .reply_ms = reply_ms(port),
	    .total_ms = total_ms(visit),
	    .tls = visit->request.tls,
	    .witness = visit_plan_wants_witness(port),
	    .transcript = visit->request.transcript,
	};

	if (visit->request.allowance != NULL)
		allowance_sent(visit->request.allowance, &request.address,
		    request.port,
		    port->counting ? COUNTING_REPEATS : CONNECT_REPEATS,
		    clock_mono_us());
	errand->probe = probe_start(
	    visit->base, &request, on_connected, on_probed, errand);
	return errand->probe != NULL ? 0 : -1;
}

static int begin_trace(struct visit *visit, struct errand *errand)
{
	const struct visit_port *port = &visit->plan.ports[errand->index];
	struct trace_request request;

	trace_request_init(
	    &request, &visit->request.target->address, port->port);
	request.min_ttl = port->min_ttl;
	request.max_ttl = port->max_ttl;
	if (port->look == LOOK_BREAK || port->look == LOOK_BESIDE) {
		request.looks = LOOKS;
		request.look_ms = LOOK_MS;
		request.reply_ms = LOOK_REPLY_MS;
	}
	if (visit_again_is_look(port->look))
		request.tries = 1; /* there are several of them */
	if (request.tries == 1 || port->look == LOOK_FAR ||
	    port->look == LOOK_NEAR)
		request.reply_ms = visit_paths_patience_ms(
		    &visit->plan, request.reply_ms);
	request.resets = port->failure == FAILURE_RESET &&
			 port->look == LOOK_WHOLE;
	request.allowance = visit->request.allowance;
	errand->trace = trace_start(visit->base, &request, on_traced, errand);
	return errand->trace != NULL ? 0 : -1;
}

static void wait_until(struct visit *visit, int64_t wake_us)
{
	int64_t left_us = wake_us - clock_mono_us();
	struct timeval delay = {0};

	if (wake_us == 0)
		return;
	if (left_us > 0) {
		delay.tv_sec = left_us / 1000000;
		delay.tv_usec = left_us % 1000000;
	}
	event_add(visit->timer, &delay);
}

/* What the plan orders, once the allowance has room for a SYN. */
static struct visit_order next_order(struct visit *visit)
{
	struct visit_order order = {.step = VISIT_WAIT};
	int64_t now_us = clock_mono_us(), wait_us = 0;

	if (visit->request.allowance != NULL)
		wait_us = allowance_wait_us(visit->request.allowance,
		    &visit->request.target->address, 1, now_us);
	if (wait_us == 0)
		return visit_plan_next(&visit->plan, now_us);
	if (wait_us == ALLOWANCE_NEVER)
		order.step = VISIT_DONE;
	else
		order.wake_us = now_us + wait_us;
	return order;
}

/* Carry out what the plan orders, until it says wait or done. Out of memory
 * or descriptors, the visit ends with what it has. */
static void go_on(struct visit *visit)
{
	for (;;) {
		struct visit_order order = next_order(visit);
		struct errand *errand = &visit->errands[order.port];
		int error = 0;

		if (order.step == VISIT_WAIT) {
			wait_until(visit, order.wake_us);
			return;
		}
		if (order.step == VISIT_PROBE)
			error = begin_probe(visit, errand);
		else if (order.step == VISIT_TRACE)
			error = begin_trace(visit, errand);
		if (order.step == VISIT_DONE || error < 0) {
			finish(visit);
			return;
		}
	}
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	go_on(arg);
}

struct visit *visit_start(struct event_base *base,
    const struct visit_request *request, visit_done *done, visit_doubt *doubt,
    void *arg)
{
	struct visit *visit = calloc(1, sizeof(*visit));
	struct timeval now = {0};
	size_t i;

	if (visit == NULL)
		return NULL;
	visit->base = base;
	visit->request = *request;
	visit->done = done;
	visit->doubt = doubt;
	visit->arg = arg;
	visit_plan_init(&visit->plan, &request->asked, &request->control,
	    request->trace, request->target);
	visit->plan.deadline_us = request->deadline_us;
	visit->plan.began_us = request->began_us;
	visit->plan.among_others = request->among_others;
	if (request->counting) {
		visit_count_keep_to_budget(&visit->plan);
		visit_count_remember(&visit->plan);
	}
	if (request->trace != TRACE_NEVER &&
	    !sock_can_trace(request->target->address.family)) {
		visit->plan.when = TRACE_NEVER;
		request->target->untraced = true;
	}
	for (i = 0; i < VISIT_PORTS_MAX; i++) {
		visit->plan.ports[i].counting = request->counting;
		visit->plan.ports[i].answers_elsewhere = request->counting &&
							 request->at_once;
		visit->errands[i].visit = visit;
		visit->errands[i].index = i;
	}
	visit->timer = evtimer_new(base, on_timer, visit);
	if (visit->timer == NULL || event_add(visit->timer, &now) < 0) {
		visit_cancel(visit);
		return NULL;
	}
	return visit;
}

bool visit_suspect(struct visit *visit, uint16_t port, bool at_once)
{
	bool begins = visit_count_suspect(
	    &visit->plan, port, at_once, clock_mono_us());

	if (begins)
		event_active(visit->timer, EV_TIMEOUT, 0);
	return begins;
}

void visit_cancel(struct visit *visit)
{
	size_t i;

	if (visit == NULL)
		return;
	for (i = 0; i < visit->plan.nports; i++) {
		if (visit->errands[i].probe != NULL)
			end_connect(&visit->errands[i]);
		probe_cancel(visit->errands[i].probe);
		trace_cancel(visit->errands[i].trace);
	}
	if (visit->timer != NULL)
		event_free(visit->timer);
	free(visit);
}
