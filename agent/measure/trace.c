/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/trace.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/allowance.h"
#include "agent/measure/reset_look.h"
#include "agent/measure/trace_plan.h"
#include "agent/net/sock.h"
#include "lib/base/clock.h"

/* Looks for who resets, until one tells it, and the pause between two. */
#define RESET_LOOKS    3
#define RESET_PAUSE_US 200000
#define RESET_REPEATS  3 /* of its SYN by the kernel, meanwhile */

/* The SYN of one TTL. */
struct ask {
	struct trace *trace;
	int ttl;
	int fd; /* -1: none is out */
	struct event *event;
};

struct trace {
	struct event_base *base;
	struct addr address;
	uint16_t port;
	struct allowance *allowance;
	struct trace_plan plan;
	bool resets, over; /* over: of `path`, no TTL is asked any more */
	struct path_seen path;
	struct reset_look *reset_look;
	int reset_ttl, reset_looks; /* of the next look; how many there were */
	struct event *timer;
	trace_done *done;
	void *arg;
	struct ask asks[OBSERVE_HOPS_MAX + 1];
};

void trace_request_init(
    struct trace_request *request, const struct addr *address, uint16_t port)
{
	memset(request, 0, sizeof(*request));
	request->address = *address;
	request->port = port;
	request->min_ttl = 1;
	request->max_ttl = OBSERVE_HOPS_MAX;
	request->pace_ms = 10;
	request->reply_ms = 700;
	request->tries = 3;
	request->silent_max = OBSERVE_HOPS_MAX;
}

static void ask_close(struct ask *ask)
{
	if (ask->event != NULL)
		event_free(ask->event);
	ask->event = NULL;
	sock_close(ask->fd);
	ask->fd = -1;
}

static void close_all(struct trace *trace)
{
	int ttl;

	for (ttl = 1; ttl <= OBSERVE_HOPS_MAX; ttl++)
		ask_close(&trace->asks[ttl]);
}

static void close_unasked(struct trace *trace)
{
	int ttl;

	for (ttl = 1; ttl <= OBSERVE_HOPS_MAX; ttl++)
		if (trace->asks[ttl].fd >= 0 &&
		    !trace_plan_is_asking(&trace->plan, ttl))
			ask_close(&trace->asks[ttl]);
}

static bool is_unreachable(const struct icmp_seen *icmp, uint8_t family)
{
	return icmp->type ==
	       (family == 4 ? ICMP_DEST_UNREACH : ICMP6_DST_UNREACH);
}

static enum trace_reply reply_of(
    const struct sock_result *result, uint8_t family)
{
	if (result->connected)
		return REPLY_SYN_ACK;
	if (result->icmp.type == OBSERVE_ABSENT)
		return result->sys_errno == ECONNREFUSED ? REPLY_RST
							 : REPLY_NOTHING;
	if (sock_is_time_exceeded(&result->icmp, family))
		return REPLY_HOP;
	return is_unreachable(&result->icmp, family) ? REPLY_ICMP
						     : REPLY_NOTHING;
}

static void go_on(struct trace *trace);

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	struct ask *ask = arg;
	struct trace *trace = ask->trace;
	struct sock_result result;

	sock_result(fd, &result);
	if (result.pending)
		return;
	/* So that its end reaches the far side from wherever we are. */
	if (result.connected)
		sock_full_ttl(fd, trace->address.family);
	trace_plan_replied(&trace->plan, ask->ttl,
	    reply_of(&result, trace->address.family), &result.icmp.from,
	    clock_mono_us());
	close_unasked(trace);
	go_on(trace);
}

/* The host itself will not send to there, whatever the TTL. */
static bool is_hopeless(int error)
{
	return error == -ENETUNREACH || error == -EHOSTUNREACH ||
	       error == -EACCES || error == -EPERM || error == -EAFNOSUPPORT ||
	       error == -EINVAL || error == -ENOPROTOOPT;
}

/* Returns false where the trace can as well end. */
static bool send_syn(struct trace *trace, int ttl)
{
	struct ask *ask = &trace->asks[ttl];
	struct addr nobody = {0};
	int fd;

	ask_close(ask); /* of an earlier try */
	fd = sock_connect(&trace->address, trace->port, ttl);
	if (fd >= 0) {
		if (trace->allowance != NULL)
			allowance_sent(trace->allowance, &trace->address,
			    trace->port, 0, clock_mono_us());
		ask->fd = fd;
		ask->event = event_new(
		    trace->base, fd, EV_WRITE | EV_PERSIST, on_event, ask);
		if (ask->event != NULL && event_add(ask->event, NULL) == 0)
			return true;
	}
	trace_plan_replied(&trace->plan, ttl,
	    fd == -ECONNREFUSED ? REPLY_RST : REPLY_NOTHING, &nobody,
	    clock_mono_us());
	close_unasked(trace);
	return !is_hopeless(fd);
}

static void tell(struct trace *trace)
{
	trace_done *done = trace->done;
	void *arg = trace->arg;
	struct path_seen path = trace->path;

	trace_cancel(trace);
	done(arg, &path);
}

static void wait_until(struct trace *trace, int64_t wake_us)
{
	int64_t left_us = wake_us - clock_mono_us();
	struct timeval wait = {0};

	if (left_us > 0) {
		wait.tv_sec = left_us / 1000000;
		wait.tv_usec = left_us % 1000000;
	}
	event_add(trace->timer, &wait);
}

/* False: no SYN more is allowed. */
static bool keep_to_allowance(struct trace *trace)
{
	int64_t now_us = clock_mono_us(), wait_us;

	if (trace->allowance == NULL)
		return true;
	wait_us = allowance_wait_us(
	    trace->allowance, &trace->address, 1, now_us);
	if (wait_us > 0 && wait_us != ALLOWANCE_NEVER)
		trace_plan_hold(&trace->plan, now_us + wait_us);
	return wait_us != ALLOWANCE_NEVER;
}

static void on_reset_look(void *arg, enum reset_look_found found)
{
	struct trace *trace = arg;

	trace->reset_look = NULL;
	if (trace->allowance != NULL)
		allowance_ended(trace->allowance, &trace->address, trace->port,
		    clock_mono_us());
	if (found == RESET_LOOK_NONE || found == RESET_LOOK_CAME) {
		trace->path.limited_ttl = trace->reset_ttl;
		trace->path.limited_reset = found == RESET_LOOK_CAME;
		tell(trace);
		return;
	}
	/* It is nearer than it seemed: what it answers at once was lost. */
	trace->reset_ttl -= found == RESET_LOOK_HEARD;
	if (++trace->reset_looks < RESET_LOOKS && trace->reset_ttl > 0)
		wait_until(trace, clock_mono_us() + RESET_PAUSE_US);
	else
		tell(trace);
}

/* Once the allowance has room for its SYN. */
static void look_at_resets(struct trace *trace)
{
	int64_t now_us = clock_mono_us(), wait_us = 0;

	if (trace->allowance != NULL)
		wait_us = allowance_wait_us(
		    trace->allowance, &trace->address, 1, now_us);
	if (wait_us == ALLOWANCE_NEVER) {
		tell(trace);
		return;
	}
	if (wait_us > 0) {
		wait_until(trace, now_us + wait_us);
		return;
	}
	if (trace->allowance != NULL)
		allowance_sent(trace->allowance, &trace->address, trace->port,
		    RESET_REPEATS, now_us);
	trace->reset_look = reset_look_start(trace->base, &trace->address,
	    trace->port, trace->reset_ttl, on_reset_look, trace);
	if (trace->reset_look == NULL)
		on_reset_look(trace, RESET_LOOK_UNTOLD);
}

static void finish(struct trace *trace)
{
	struct path_seen *path = &trace->path;

	path->port = trace->port;
	trace_plan_path(&trace->plan, path);
	trace->over = true;
	close_all(trace);
	event_del(trace->timer);
	if (trace->resets && path->answer == ANSWER_SYN_ACK &&
	    path->answer_ttl > 1) {
		trace->reset_ttl = path->answer_ttl - 1;
		look_at_resets(trace);
	} else {
		tell(trace);
	}
}

/* Send what is due, until it is time to wait or to end. */
static struct trace_order ask(struct trace *trace)
{
	struct trace_order order, over = {.step = STEP_OVER};

	do {
		if (!keep_to_allowance(trace))
			return over;
		order = trace_plan_next(&trace->plan, clock_mono_us());
		close_unasked(trace);
		if (order.step != STEP_ASK)
			return order;
	} while (send_syn(trace, order.ttl));
	return over;
}

static void go_on(struct trace *trace)
{
	struct trace_order order = ask(trace);

	if (order.step == STEP_OVER)
		finish(trace);
	else
		wait_until(trace, order.wake_us);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct trace *trace = arg;

	if (trace->over)
		look_at_resets(trace);
	else
		go_on(trace);
}

struct trace *trace_start(struct event_base *base,
    const struct trace_request *request, trace_done *done, void *arg)
{
	struct trace_limits limits = {
	    .min_ttl = request->min_ttl,
	    .max_ttl = request->max_ttl,
	    .pace_ms = request->pace_ms,
	    .reply_ms = request->reply_ms,
	    .tries = request->tries,
	    .silent_max = request->silent_max,
	    .looks = request->looks,
	    .look_ms = request->look_ms,
	};
	struct trace *trace = calloc(1, sizeof(*trace));
	int ttl;

	if (trace == NULL)
		return NULL;
	trace->base = base;
	trace->address = request->address;
	trace->port = request->port;
	trace->allowance = request->allowance;
	trace->resets = request->resets;
	trace->done = done;
	trace->arg = arg;
	trace_plan_init(&trace->plan, &limits);
	for (ttl = 0; ttl <= OBSERVE_HOPS_MAX; ttl++) {
		trace->asks[ttl].trace = trace;
		trace->asks[ttl].ttl = ttl;
		trace->asks[ttl].fd = -1;
	}
	trace->timer = evtimer_new(base, on_timer, trace);
	if (trace->timer == NULL) {
		trace_cancel(trace);
		return NULL;
	}
	wait_until(trace, 0);
	return trace;
}

void trace_cancel(struct trace *trace)
{
	if (trace == NULL)
		return;
	close_all(trace);
	reset_look_cancel(trace->reset_look);
	if (trace->timer != NULL)
		event_free(trace->timer);
	free(trace);
}
