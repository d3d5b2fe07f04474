/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/visit_plan.h"

#include <string.h>

#define OVERLAP_AFTER_US 1000000
#define RETRY_AFTER_US   200000
#define SLOW_CONNECT_US  900000 /* a SYN was lost: the kernel repeats at 1 s */
#define COUNTING_TRIES   10

/* How an attempt that got furthest is tried again: so many times in all. */
static const struct retry {
	enum stage from, to;
	enum failure failure;
	int tries;
} retries[] = {
    {STAGE_CONNECT, STAGE_CONNECT, FAILURE_TIMEOUT, 2},
    {STAGE_CONNECT, STAGE_CONNECT, FAILURE_REFUSED, 2},
    {STAGE_CONNECT, STAGE_CONNECT, FAILURE_UNREACHABLE, 2},
    {STAGE_BANNER, STAGE_EHLO_TLS, FAILURE_RESET, 3},
    {STAGE_BANNER, STAGE_EHLO_TLS, FAILURE_CLOSED, 3},
    {STAGE_STARTTLS, STAGE_STARTTLS, FAILURE_NO_STARTTLS, 3},
    {STAGE_STARTTLS, STAGE_STARTTLS, FAILURE_REJECTED, 3},
    {STAGE_STARTTLS, STAGE_STARTTLS, FAILURE_TIMEOUT, 3},
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
		port->trace_min_ttl = 1;
		port->answer_ttl = OBSERVE_ABSENT;
	}
}

void visit_plan_init(struct visit_plan *plan, const struct port_list *asked,
    const struct port_list *control, enum trace_when trace,
    struct target_seen *target)
{
	memset(plan, 0, sizeof(*plan));
	plan->trace = trace;
	plan->target = target;
	add_ports(plan, control, true);
	add_ports(plan, asked, false);
}

/* Whether another SYN may go out: nothing stands, and what is out has been
 * silent for long enough. Else `wake_us` says when that may be so. */
static bool may_begin(
    const struct visit_plan *plan, int64_t now_us, int64_t *wake_us)
{
	int64_t free_us = 0;
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		const struct visit_port *port = &plan->ports[i];

		if (port->status == VISIT_STANDING)
			return false;
		if (port->status == VISIT_CONNECTING &&
		    port->began_us + OVERLAP_AFTER_US > free_us)
			free_us = port->began_us + OVERLAP_AFTER_US;
	}
	if (free_us > now_us)
		*wake_us = free_us;
	return free_us <= now_us;
}

static struct visit_order begin_probe(
    struct visit_plan *plan, size_t index, int64_t now_us)
{
	struct visit_order order = {.step = VISIT_PROBE, .port = index};

	plan->ports[index].status = VISIT_CONNECTING;
	plan->ports[index].began_us = now_us;
	return order;
}

static struct visit_order next_probe(struct visit_plan *plan, int64_t now_us)
{
	struct visit_order order = {.step = VISIT_DONE};
	int64_t wake_us = 0;
	size_t i;
	bool free = may_begin(plan, now_us, &wake_us);

	for (i = 0; i < plan->nports; i++) {
		const struct visit_port *port = &plan->ports[i];

		if (port->status == VISIT_SETTLED)
			continue;
		order.step = VISIT_WAIT;
		if (port->status != VISIT_WAITING)
			continue;
		if (free && port->not_before_us <= now_us)
			return begin_probe(plan, i, now_us);
		if (free && (wake_us == 0 || port->not_before_us < wake_us))
			wake_us = port->not_before_us;
	}
	order.wake_us = wake_us;
	return order;
}

/* Its SYNs get no answer, so that a trace of it opens no connection. */
static bool is_mute(const struct visit_port *port)
{
	return port->passed == 0 && port->ended <= STAGE_CONNECT;
}

static bool is_failing(const struct visit_port *port)
{
	if (port->is_control || port->tries == 0 ||
	    port->failure == FAILURE_NO_ROUTE ||
	    port->failure == FAILURE_DENIED || port->failure == FAILURE_RESOLVE)
		return false;
	if (port->failure == FAILURE_REJECTED)
		return port->ended == STAGE_STARTTLS;
	return port->failure != FAILURE_NONE;
}

/* How good a port is to hold the others against: a control that shook hands
 * best, then a whole dialogue, then a refusal. 0: of no use. */
static int control_rank(const struct visit_port *port)
{
	if (port->passed > 0)
		return port->is_control                ? 4
		       : port->failure == FAILURE_NONE ? 3
						       : 1;
	return port->failure == FAILURE_REFUSED ? 2 : 0;
}

/* The best control that is not traced yet, other than the failing ports where
 * there is a choice. NULL: nothing answered. */
static struct visit_port *best_control(struct visit_plan *plan)
{
	struct visit_port *best = NULL;
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		struct visit_port *port = &plan->ports[i];

		if (port->trace_wanted || control_rank(port) == 0)
			continue;
		if (best == NULL || control_rank(port) > control_rank(best))
			best = port;
	}
	return best;
}

static struct visit_port *first_mute_control(struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].is_control &&
		    plan->ports[i].failure != FAILURE_NO_ROUTE)
			return &plan->ports[i];
	return NULL;
}

/* After the probes: trace what failed and one control. Where nothing failed,
 * the control's distance alone, for the near check. */
static void choose_traces(struct visit_plan *plan)
{
	struct visit_port *control;
	bool any = false;
	size_t i;

	plan->traces_chosen = true;
	if (plan->trace == TRACE_NEVER)
		return;
	for (i = 0; i < plan->nports; i++) {
		struct visit_port *port = &plan->ports[i];

		port->trace_wanted = is_failing(port) ||
				     (plan->trace == TRACE_ALWAYS &&
					 !port->is_control && port->passed > 0);
		any = any || port->trace_wanted;
	}
	control = best_control(plan);
	if (control == NULL && any)
		control = first_mute_control(plan);
	if (control != NULL)
		control->trace_wanted = true;
}

static int distance(const struct visit_plan *plan)
{
	int farthest = OBSERVE_ABSENT;
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].answer_ttl > farthest)
			farthest = plan->ports[i].answer_ttl;
	return farthest;
}

/* A failing port whose trace shows the same distance as all others: perhaps
 * they share an interceptor. One more port that answers is traced. */
static void look_farther(struct visit_plan *plan)
{
	struct visit_port *other;
	int hops = distance(plan);
	bool same = false;
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (is_failing(&plan->ports[i]) && plan->ports[i].passed > 0 &&
		    plan->ports[i].answer_ttl == hops)
			same = true;
	other = same ? best_control(plan) : NULL;
	if (other != NULL)
		other->trace_wanted = true;
}

/* The near check: one SYN with a TTL that ends just before the endpoint. It
 * must not be answered, and costs the endpoint nothing. */
static void look_near(struct visit_plan *plan)
{
	int hops = distance(plan);
	size_t i;

	for (i = 0; i < plan->nports && hops > 1; i++) {
		struct visit_port *port = &plan->ports[i];

		if (port->trace_wanted || port->is_control || port->passed == 0)
			continue;
		port->trace_wanted = true;
		port->trace_min_ttl = hops - 1;
	}
}

static bool is_tracing(const struct visit_plan *plan, bool mute_only)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].trace_begun && !plan->ports[i].traced &&
		    !(mute_only && is_mute(&plan->ports[i])))
			return true;
	return false;
}

static struct visit_order next_trace(struct visit_plan *plan)
{
	struct visit_order order = {.step = VISIT_DONE};
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		struct visit_port *port = &plan->ports[i];

		if (!port->trace_wanted || port->trace_begun)
			continue;
		if (!is_mute(port) && is_tracing(plan, true))
			continue;
		port->trace_begun = true;
		order.step = VISIT_TRACE;
		order.port = i;
		return order;
	}
	if (is_tracing(plan, false))
		order.step = VISIT_WAIT;
	return order;
}

struct visit_order visit_plan_next(struct visit_plan *plan, int64_t now_us)
{
	struct visit_order order = next_probe(plan, now_us);

	if (order.step != VISIT_DONE)
		return order;
	if (!plan->traces_chosen)
		choose_traces(plan);
	order = next_trace(plan);
	if (order.step != VISIT_DONE || plan->second_look ||
	    plan->trace == TRACE_NEVER)
		return order;
	plan->second_look = true;
	look_farther(plan);
	look_near(plan);
	return next_trace(plan);
}

uint64_t visit_plan_standing(
    struct visit_plan *plan, size_t index, int64_t now_us)
{
	uint64_t called_back = 0;
	size_t i;

	plan->ports[index].status = VISIT_STANDING;
	for (i = 0; i < plan->nports; i++) {
		if (i == index || plan->ports[i].status != VISIT_CONNECTING)
			continue;
		plan->ports[i].status = VISIT_WAITING;
		plan->ports[i].not_before_us = now_us;
		called_back |= (uint64_t)1 << i;
	}
	return called_back;
}

static bool did_connect(const struct probe_seen *seen)
{
	return seen->ended > STAGE_CONNECT ||
	       (seen->ended == STAGE_CONNECT && seen->failure == FAILURE_NONE);
}

static void count(struct visit_port *port, const struct probe_seen *seen)
{
	port->tries++;
	if (did_connect(seen))
		port->passed++;
	else if (seen->failure == FAILURE_TIMEOUT)
		port->vanished++;
	if (seen->ended > port->ended ||
	    (seen->ended == port->ended && seen->failure == FAILURE_NONE) ||
	    port->tries == 1) {
		port->ended = seen->ended;
		port->failure = seen->failure;
	}
}

/* Some attempts pass and others vanish, or a SYN had to be repeated. */
static bool looks_throttled(
    const struct visit_port *port, const struct probe_seen *seen)
{
	return (port->passed > 0 && port->vanished > 0) ||
	       (!port->is_control && did_connect(seen) &&
		   seen->us[STAGE_CONNECT] > SLOW_CONNECT_US);
}

static int tries_for(
    const struct visit_port *port, const struct probe_seen *seen)
{
	size_t i;

	if (port->hasty)
		return COUNTING_TRIES;
	for (i = 0; i < sizeof(retries) / sizeof(*retries); i++)
		if (seen->failure == retries[i].failure &&
		    seen->ended >= retries[i].from &&
		    seen->ended <= retries[i].to)
			return port->is_control &&
				       seen->failure == FAILURE_REFUSED
				   ? 1
				   : retries[i].tries;
	return 1;
}

/* Count what passes, on this port and on the best control beside it. */
static void begin_counting(
    struct visit_plan *plan, struct visit_port *port, int64_t now_us)
{
	struct visit_port *control = NULL;
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (&plan->ports[i] != port && plan->ports[i].passed > 0 &&
		    plan->ports[i].vanished == 0 &&
		    (control == NULL || plan->ports[i].is_control))
			control = &plan->ports[i];
	if (control == NULL)
		return;
	port->hasty = true;
	control->hasty = true;
	if (control->tries < COUNTING_TRIES &&
	    control->status == VISIT_SETTLED) {
		control->status = VISIT_WAITING;
		control->not_before_us = now_us;
	}
}

int visit_plan_probed(struct visit_plan *plan, size_t index,
    const struct probe_seen *seen, int64_t now_us)
{
	struct visit_port *port = &plan->ports[index];

	count(port, seen);
	if (!port->hasty && looks_throttled(port, seen))
		begin_counting(plan, port, now_us);
	if (port->tries < tries_for(port, seen)) {
		port->status = VISIT_WAITING;
		port->not_before_us = now_us + RETRY_AFTER_US;
	} else {
		port->status = VISIT_SETTLED;
	}
	return target_seen_add_probe(plan->target, seen);
}

/* The path of the control and that of `port` disagree at a hop before the
 * port's path breaks off. */
static bool paths_disagree(const struct path_seen *a, const struct path_seen *b)
{
	size_t i, j;

	for (i = 0; i < a->nhops; i++)
		for (j = 0; j < b->nhops; j++)
			if (a->hops[i].ttl == b->hops[j].ttl &&
			    a->hops[i].address.family != 0 &&
			    b->hops[j].address.family != 0 &&
			    !addr_equal(
				&a->hops[i].address, &b->hops[j].address))
				return true;
	return false;
}

/* A path that changed during the trace: the control is traced once more, so
 * that the two can be compared as they are now. */
static void repeat_control_if_changed(struct visit_plan *plan, size_t index)
{
	const struct target_seen *target = plan->target;
	const struct path_seen *last;
	size_t i, control;

	if (plan->control_repeated || plan->ports[index].trace_min_ttl > 1)
		return;
	last = &target->paths[target->npaths - 1];
	for (i = 0; i + 1 < target->npaths; i++) {
		if (target->paths[i].port == last->port ||
		    !paths_disagree(&target->paths[i], last))
			continue;
		for (control = 0; control < plan->nports; control++)
			if (plan->ports[control].traced &&
			    !is_failing(&plan->ports[control]))
				break;
		if (control == plan->nports)
			return;
		plan->control_repeated = true;
		plan->ports[control].trace_begun = false;
		plan->ports[control].traced = false;
		return;
	}
}

int visit_plan_traced(
    struct visit_plan *plan, size_t index, const struct path_seen *path)
{
	struct visit_port *port = &plan->ports[index];
	int error = target_seen_add_path(plan->target, path);

	if (error < 0)
		return error;
	port->traced = true;
	if (path->reached)
		port->answer_ttl = path->answer_ttl;
	repeat_control_if_changed(plan, index);
	/* Something answered where only the endpoint's hop should be: look
	 * at the whole path. */
	if (port->trace_min_ttl > 1 && path->reached) {
		port->trace_min_ttl = 1;
		port->trace_begun = false;
		port->traced = false;
	}
	return 0;
}
