/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/visit_plan.h"

#include <string.h>

#include "agent/measure/visit_count.h"
#include "agent/measure/visit_paths.h"
#include "agent/measure/visit_patience.h"
#include "agent/measure/visit_traces.h"
#include "lib/diagnose/attempts.h"
#include "lib/report/report.h"

#define OVERLAP_AFTER_US 1000000
#define SLOW_AFTER_US    1500000 /* most dialogues are over by then */
#define STANDING_MAX     3
#define RETRY_AFTER_US   200000
#define ROUTE_AFTER_US   1000000 /* a route may come back */
#define LATE_US          900000  /* the kernel repeats a lost SYN after 1 s */
#define LATE_TRIES       3       /* to see whether that was chance */
#define BARE_TRIES       2       /* where a dialogue passed; none minds two */
#define DOUBTED_TRIES    10      /* of two ways, one would hardly be missed */
#define SMTP             25
#define PROBE_LEAST_US   4000000 /* what a believable timeout takes */
#define CUT_US           500000  /* so near the deadline, it was the deadline */

/* How an attempt that ended so is tried again: so many times in all. */
static const struct retry {
	enum stage from, to;
	enum failure failure;
	int tries;
} retries[] = {
    {STAGE_CONNECT, STAGE_CONNECT, FAILURE_TIMEOUT, 2},
    {STAGE_CONNECT, STAGE_CONNECT, FAILURE_REFUSED, 4},
    {STAGE_CONNECT, STAGE_CONNECT, FAILURE_UNREACHABLE, 4},
    {STAGE_CONNECT, STAGE_CONNECT, FAILURE_NO_ROUTE, 3},
    {STAGE_BANNER, STAGE_EHLO_TLS, FAILURE_RESET, 3},
    {STAGE_BANNER, STAGE_EHLO_TLS, FAILURE_CLOSED, 3},
    {STAGE_STARTTLS, STAGE_STARTTLS, FAILURE_NO_STARTTLS, 3},
    {STAGE_STARTTLS, STAGE_STARTTLS, FAILURE_REJECTED, 3},
    {STAGE_TLS, STAGE_TLS, FAILURE_TLS, 2},
};

static void add_ports(
    struct visit_plan *plan, const struct port_list *list, bool is_control)
{
	struct visit_port *port;
	size_t i, j;

	for (i = 0; i < list->count && plan->nports < VISIT_PORTS_MAX; i++) {
		for (j = 0; j < plan->nports; j++)
			if (plan->ports[j].port == list->port[i])
				break;
		if (j < plan->nports)
			continue;
		port = &plan->ports[plan->nports++];
		port->port = list->port[i];
		port->mode = is_control ? MODE_CONNECT
					: (enum port_mode)list->mode[i];
		port->is_control = is_control || port->mode == MODE_CONNECT;
		port->ended = STAGE_RESOLVE;
		port->count_to = VISIT_COUNT_TRIES;
		port->answer_ttl = OBSERVE_ABSENT;
	}
}

/* Without any control port, packets to 443 show how far any get. */
static void add_path_control(
    struct visit_plan *plan, const struct port_list *control)
{
	struct port_list https = {.count = 1, .port = {443}};
	size_t count = plan->nports;

	if (control->count > 0 || plan->when == TRACE_NEVER)
		return;
	add_ports(plan, &https, true);
	if (plan->nports == count)
		return;
	plan->ports[count].status = VISIT_SETTLED;
	plan->ports[count].path_only = true;
}

void visit_plan_init(struct visit_plan *plan, const struct port_list *asked,
    const struct port_list *control, enum trace_when when,
    struct target_seen *target)
{
	memset(plan, 0, sizeof(*plan));
	plan->when = when;
	plan->target = target;
	add_ports(plan, control, true);
	add_ports(plan, asked, false);
	add_path_control(plan, control);
}

/* When another connection may begin, that of `next`, or any if it is NULL: what
 * is out has been silent for long enough, and what stands has stood for long.
 * INT64_MAX: it will be said. */
static int64_t quiet_from(
    const struct visit_plan *plan, const struct visit_port *next)
{
	bool counts = next != NULL && next->counting;
	int64_t from_us = 0, own_us;
	size_t i, standing = 0;

	if (visit_traces_may_connect(plan) ||
	    (counts && !visit_count_keeps_step(plan, next)))
		return INT64_MAX;
	for (i = 0; i < plan->nports; i++) {
		const struct visit_port *port = &plan->ports[i];

		if (counts && port->counting)
			continue;
		own_us = 0;
		if (port->status == VISIT_CONNECTING)
			own_us = port->began_us + OVERLAP_AFTER_US;
		if (port->status == VISIT_STANDING) {
			own_us = port->stands_us +
				 (port->hurries ? 0 : SLOW_AFTER_US);
			standing++;
		}
		/* An attempt that is counted must neither be called back nor
		 * call another one back. */
		if ((port->status == VISIT_CONNECTING &&
			(port->counting || counts)) ||
		    standing == STANDING_MAX)
			return INT64_MAX;
		if (own_us > from_us)
			from_us = own_us;
	}
	return from_us;
}

/* What no longer fits before the deadline is not begun. */
static void settle_what_is_too_late(struct visit_plan *plan, int64_t now_us)
{
	bool too_late = plan->deadline_us != 0 &&
			now_us + PROBE_LEAST_US > plan->deadline_us;
	bool counts = visit_count_has_time(plan, now_us), cut = false;
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		struct visit_port *port = &plan->ports[i];

		if (port->status != VISIT_WAITING ||
		    (port->counting ? counts : !too_late))
			continue;
		if (port->counting &&
		    (counts = visit_count_lasts(plan, now_us)))
			continue;
		port->status = VISIT_SETTLED;
		if (!port->counting)
			continue;
		port->count_to = port->tries;
		cut = true;
	}
	if (cut)
		visit_count_ended(plan, now_us);
}

/* Ports that greet late come last. A port that was called back would only be
 * called back again by one that stands: those that were not come first. */
static bool comes_before(
    const struct visit_port *port, const struct visit_port *other)
{
	if (other == NULL || other->is_slow != port->is_slow)
		return other == NULL || other->is_slow;
	return other->late > 0 && !other->counting && port->late == 0;
}

/* The port whose turn it is; `wake_us` says when there will be one. NULL: none
 * now. */
static struct visit_port *next_port(
    struct visit_plan *plan, int64_t now_us, int64_t *wake_us)
{
	int64_t quiet_us, from_us;
	struct visit_port *next = NULL;
	size_t i;

	*wake_us = 0;
	for (i = 0; i < plan->nports; i++) {
		struct visit_port *port = &plan->ports[i];

		if (port->status != VISIT_WAITING)
			continue;
		quiet_us = quiet_from(plan, port);
		if (quiet_us == INT64_MAX)
			continue;
		from_us = port->not_before_us > quiet_us ? port->not_before_us
							 : quiet_us;
		if (from_us <= now_us && comes_before(port, next))
			next = port;
		else if (*wake_us == 0 || from_us < *wake_us)
			*wake_us = from_us;
	}
	return next;
}

static bool is_settled(const struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].status != VISIT_SETTLED)
			return false;
	return true;
}

struct visit_order visit_plan_next(struct visit_plan *plan, int64_t now_us)
{
	struct visit_order order = {.step = VISIT_WAIT};
	struct visit_port *port;
	int64_t quiet_us;

	if (plan->began_us == 0)
		plan->began_us = now_us;
	settle_what_is_too_late(plan, now_us);
	port = next_port(plan, now_us, &order.wake_us);
	if (port != NULL) {
		port->status = VISIT_CONNECTING;
		port->began_us = now_us;
		port->hurries = port->is_slow &&
				(port->waited_long || !visit_patience_is_left(
							  plan, port, now_us));
		port->waited_long = port->waited_long ||
				    visit_patience_is_full(port);
		port->tls_next = false;
		order.step = VISIT_PROBE;
		order.port = (size_t)(port - plan->ports);
		return order;
	}
	quiet_us = quiet_from(plan, NULL);
	if (visit_traces_next(plan, now_us, quiet_us <= now_us,
		is_settled(plan), &order.port)) {
		order.step = VISIT_TRACE;
		return order;
	}
	if (is_settled(plan) && !visit_traces_are_running(plan))
		order.step = VISIT_DONE;
	/* A trace may be possible by then. */
	else if (order.wake_us == 0 && quiet_us > now_us &&
		 quiet_us < INT64_MAX)
		order.wake_us = quiet_us;
	return order;
}

uint64_t visit_plan_standing(
    struct visit_plan *plan, size_t index, int64_t now_us)
{
	uint64_t called_back = 0;
	size_t i;

	plan->ports[index].status = VISIT_STANDING;
	plan->ports[index].stands_us = now_us;
	for (i = 0; i < plan->nports; i++) {
		if (i == index || plan->ports[i].counting ||
		    plan->ports[i].status != VISIT_CONNECTING)
			continue;
		plan->ports[i].status = VISIT_WAITING;
		plan->ports[i].not_before_us = now_us;
		/* Its first SYN got no answer in time. */
		plan->ports[i].late++;
		called_back |= (uint64_t)1 << i;
	}
	return called_back;
}

static void count_handshake(struct visit_plan *plan, struct visit_port *port,
    const struct probe_seen *seen)
{
	int64_t took_us = seen->us[STAGE_CONNECT];

	port->passed++;
	if (took_us > 0 &&
	    (port->connect_us == 0 || took_us < port->connect_us))
		port->connect_us = took_us;
	if (took_us > LATE_US &&
	    took_us - LATE_US > visit_paths_quickest_us(plan))
		port->late++;
}

static bool is_silent_greeting(const struct probe_seen *seen)
{
	return seen->failure == FAILURE_TIMEOUT && seen->ended == STAGE_BANNER;
}

/* It may be that packets were lost: nothing else is silence's proof. */
static bool is_stall(const struct probe_seen *seen)
{
	return seen->failure == FAILURE_TIMEOUT && seen->ended > STAGE_CONNECT;
}

/* By RST or by ICMP. */
static bool is_turned_away(const struct probe_seen *seen)
{
	return seen->failure == FAILURE_REFUSED ||
	       seen->failure == FAILURE_UNREACHABLE;
}

static void count(struct visit_plan *plan, struct visit_port *port,
    const struct probe_seen *seen)
{
	port->tries++;
	port->vanished_last++;
	if (attempts_is_connected(seen))
		count_handshake(plan, port, seen);
	else if (seen->failure == FAILURE_TIMEOUT)
		port->vanished++;
	else if (is_turned_away(seen))
		port->refused++;
	port->prohibited += seen->failure == FAILURE_UNREACHABLE;
	port->stalled += is_stall(seen);
	if (is_silent_greeting(seen) && seen->peer != PEER_CUT_OFF)
		port->is_slow = true;
	if (attempts_is_connected(seen) || seen->failure != FAILURE_TIMEOUT)
		port->vanished_last = 0;
	if (seen->ended > port->ended ||
	    (seen->ended == port->ended && seen->failure == FAILURE_NONE) ||
	    port->tries == 1) {
		port->ended = seen->ended;
		port->failure = seen->failure;
	}
}

bool visit_plan_is_bare(
    const struct visit_plan *plan, const struct visit_port *port)
{
	return plan->among_others && port->port == SMTP && !port->is_control &&
	       port->ended == STAGE_DONE && port->failure == FAILURE_NONE;
}

static int tries_for(const struct visit_plan *plan,
    const struct visit_port *port, const struct probe_seen *seen)
{
	size_t i;

	if (port->counting)
		return port->count_to;
	if (is_stall(seen) && port->ended < STAGE_DONE)
		return port->stalled < VISIT_STALLS ? port->tries + 1 : 1;
	if (port->late > 0 && port->passed > 0 && !port->is_control &&
	    seen->failure != FAILURE_REJECTED)
		return LATE_TRIES;
	if (port->is_control && seen->failure == FAILURE_REFUSED)
		return 1; /* it answered */
	if (port->doubted && is_turned_away(seen))
		return DOUBTED_TRIES;
	for (i = 0; i < sizeof(retries) / sizeof(*retries); i++)
		if (seen->failure == retries[i].failure &&
		    seen->ended >= retries[i].from &&
		    seen->ended <= retries[i].to)
			return retries[i].tries;
	return visit_plan_is_bare(plan, port) ? BARE_TRIES : 1;
}

/* What the deadline cut short says only that the handshake stood, if it did.
 * False: not even that. */
static bool believe(
    const struct visit_plan *plan, struct probe_seen *seen, int64_t now_us)
{
	int64_t connect_us = seen->us[STAGE_CONNECT];

	if (plan->deadline_us == 0 || seen->failure != FAILURE_TIMEOUT ||
	    now_us < plan->deadline_us - CUT_US)
		return true;
	if (!attempts_is_connected(seen))
		return false;
	probe_seen_init(seen, seen->port, MODE_CONNECT);
	seen->us[STAGE_CONNECT] = connect_us;
	return true;
}

/* A port that says nothing may wait for TLS (RFC 8314); the next attempt puts
 * TLS first, or, where that was no TLS, no longer. */
static bool try_implicit_tls(
    struct visit_port *port, const struct probe_seen *seen)
{
	if (port->port == SMTP || port->counting)
		return false;
	if (!port->tried_implicit_tls && seen->mode == MODE_STARTTLS &&
	    is_silent_greeting(seen) && seen->peer != PEER_CUT_OFF) {
		port->tried_implicit_tls = true;
		port->tls_next = true;
		port->mode = MODE_TLS;
		return true;
	}
	if (port->tried_implicit_tls && seen->mode == MODE_TLS &&
	    seen->ended == STAGE_TLS) {
		port->mode = MODE_STARTTLS;
		return !port->waited_long;
	}
	return false;
}

int visit_plan_probed(struct visit_plan *plan, size_t index,
    const struct probe_seen *as_seen, int64_t now_us)
{
	struct visit_port *port = &plan->ports[index];
	struct probe_seen seen = *as_seen;
	int error;

	port->status = VISIT_SETTLED;
	if (!believe(plan, &seen, now_us))
		return 0;
	count(plan, port, &seen);
	if (visit_count_is_due(port))
		visit_count_begin(plan, port, now_us);
	if ((try_implicit_tls(port, &seen) ||
		port->tries < tries_for(plan, port, &seen)) &&
	    (port->counting || visit_count_has_room(plan, 1))) {
		port->status = VISIT_WAITING;
		port->not_before_us = now_us + (seen.failure == FAILURE_NO_ROUTE
						       ? ROUTE_AFTER_US
						       : RETRY_AFTER_US);
	}
	error = target_seen_add_probe(plan->target, &seen);
	if (port->counting)
		visit_count_ended(plan, now_us);
	return error;
}

bool visit_plan_wants_witness(const struct visit_port *port)
{
	return !port->is_control && !port->counting && !port->doubted &&
	       port->tries > 0 && port->passed == 0 &&
	       (port->failure == FAILURE_TIMEOUT ||
		   port->failure == FAILURE_REFUSED ||
		   port->failure == FAILURE_UNREACHABLE);
}

void visit_plan_skip(struct visit_plan *plan, size_t index)
{
	plan->ports[index].status = VISIT_SETTLED;
}

/* A look at it was lost: is it so with the SYNs of a connect too? */
static void recheck_lost_syn(struct visit_plan *plan, struct visit_port *port)
{
	if (port->status == VISIT_SETTLED && port->tries < LATE_TRIES &&
	    port->failure == FAILURE_NONE && visit_count_has_room(plan, 1))
		port->status = VISIT_WAITING;
}

/* Connects vanished or were refused, and yet the trace was answered; or they
 * passed, and yet it was refused: count on both sides. */
static void recheck_by_trace(struct visit_plan *plan, struct visit_port *port,
    enum path_answer answer, int64_t now_us)
{
	bool passed = port->passed > 0;

	if (port->is_control || port->counting || port->counted ||
	    answer == ANSWER_NONE || passed == (answer == ANSWER_SYN_ACK) ||
	    (!passed && port->vanished + port->refused == 0))
		return;
	visit_count_begin(plan, port, now_us);
	if (port->counting && port->status == VISIT_SETTLED)
		port->status = VISIT_WAITING;
}

/* Every connect was refused, and the paths show that it may be so on one of
 * two ways alone: then some of more connects would pass. */
static void recheck_refusals(struct visit_plan *plan, struct visit_port *port)
{
	if (port->is_control || port->doubted || port->counted ||
	    port->passed > 0 || port->refused == 0 ||
	    !visit_traces_doubt(plan, port))
		return;
	port->doubted = true;
	if (port->status == VISIT_SETTLED && port->tries < DOUBTED_TRIES &&
	    visit_count_has_room(plan, DOUBTED_TRIES))
		port->status = VISIT_WAITING;
}

int visit_plan_traced(struct visit_plan *plan, size_t index,
    const struct path_seen *path, int64_t now_us)
{
	struct visit_port *port = &plan->ports[index];
	int late = port->late;
	int error = visit_traces_ended(plan, index, path);
	size_t i;

	if (port->late > late)
		recheck_lost_syn(plan, port);
	recheck_by_trace(plan, port, path->answer, now_us);
	for (i = 0; i < plan->nports; i++)
		recheck_refusals(plan, &plan->ports[i]);
	return error;
}
