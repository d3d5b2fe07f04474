/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/visit_traces.h"

#include <string.h>

#include "lib/report/report.h"

#define SILENT_AFTER_US 1000000 /* a SYN that is cause for suspicion */
#define TRACE_LEAST_US  3500000 /* before the deadline */
#define BREAK_HOPS      3       /* that are asked again behind a break */
#define BREAK_LOOKS_MAX 3
#define AGAIN_LOOKS     8 /* at a TTL where another port was answered */
#define AGAIN_SILENT    4 /* so many of them one is worth that was lost */
#define CUT_OFF_TRIES   8 /* in a row, as lib/diagnose/rules.h wants them */

/* Its SYNs get no SYN-ACK, so that a trace of it opens no connection. */
static bool is_mute(const struct visit_port *port)
{
	return port->passed == 0 && port->ended <= STAGE_CONNECT;
}

/* It passed, and now nothing does any more. */
static bool is_cut_off(const struct visit_port *port)
{
	return port->passed > 0 && port->vanished_last >= CUT_OFF_TRIES;
}

static bool is_failing(const struct visit_port *port)
{
	if (port->is_control || port->tries == 0 ||
	    port->failure == FAILURE_NO_ROUTE ||
	    port->failure == FAILURE_DENIED || port->failure == FAILURE_RESOLVE)
		return false;
	if (port->failure == FAILURE_REJECTED)
		return port->ended == STAGE_STARTTLS;
	return port->failure != FAILURE_NONE || is_cut_off(port);
}

static bool is_silent_yet(const struct visit_port *port, int64_t now_us)
{
	return port->status == VISIT_CONNECTING && !port->is_control &&
	       now_us - port->began_us >= SILENT_AFTER_US;
}

/* How good a port is to hold the others against: a control that shook hands
 * best, then a whole dialogue, then a refusal. 0: of no use. */
static int control_rank(const struct visit_port *port)
{
	if (port->status != VISIT_SETTLED)
		return 0;
	if (port->passed > 0)
		return port->is_control                ? 4
		       : port->failure == FAILURE_NONE ? 3
						       : 1;
	return port->failure == FAILURE_REFUSED ? 2 : 0;
}

static struct visit_port *best_control(struct visit_plan *plan)
{
	struct visit_port *best = NULL;
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		struct visit_port *port = &plan->ports[i];

		if (port->trace != NOT_TRACED || control_rank(port) == 0)
			continue;
		if (best == NULL || control_rank(port) > control_rank(best))
			best = port;
	}
	return best;
}

/* Where nothing answered at all. */
static struct visit_port *first_mute_control(struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].is_control &&
		    plan->ports[i].failure != FAILURE_NO_ROUTE &&
		    plan->ports[i].failure != FAILURE_DENIED)
			return &plan->ports[i];
	return NULL;
}

/* The endpoint's distance, as far as is known, or OBSERVE_ABSENT. */
static int distance(const struct visit_plan *plan)
{
	int farthest = OBSERVE_ABSENT;
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].answer_ttl > farthest)
			farthest = plan->ports[i].answer_ttl;
	return farthest;
}

static size_t under_way(const struct visit_plan *plan)
{
	size_t i, count = 0;

	for (i = 0; i < plan->nports; i++)
		count += plan->ports[i].trace == TRACE_DUE ||
			 plan->ports[i].trace == TRACE_RUNNING;
	return count;
}

static void want(struct visit_plan *plan, struct visit_port *port,
    enum visit_look look, int min_ttl, int max_ttl)
{
	if (plan->target->npaths + under_way(plan) >= REPORT_PATHS_MAX)
		return;
	port->trace = TRACE_DUE;
	port->look = look;
	port->min_ttl = min_ttl;
	port->max_ttl = max_ttl;
}

/* The distance that control ports show: what answers a port that was asked may
 * be nearer than the endpoint. OBSERVE_ABSENT: none does. */
static int control_distance(const struct visit_plan *plan)
{
	int farthest = OBSERVE_ABSENT;
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].is_control &&
		    plan->ports[i].answer_ttl > farthest)
			farthest = plan->ports[i].answer_ttl;
	return farthest;
}

/* A port that does not answer is not worth more SYNs than the distance; two
 * hops more for a path that changes. */
static void want_whole(struct visit_plan *plan, struct visit_port *port)
{
	int hops = control_distance(plan), max_ttl = OBSERVE_HOPS_MAX;

	if (is_mute(port) && hops > 0 && hops + 2 < OBSERVE_HOPS_MAX)
		max_ttl = hops + 2;
	want(plan, port, LOOK_WHOLE, 1, max_ttl);
}

/* All of its path is known, or soon will be, as far as it can be. */
static bool is_looked_at(const struct visit_port *port)
{
	bool glanced = port->look == LOOK_NEAR || port->look == LOOK_FAR;

	return port->trace != NOT_TRACED &&
	       !(port->trace == TRACE_ENDED && glanced && is_cut_off(port));
}

static void want_failing(struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		struct visit_port *port = &plan->ports[i];
		bool ready = port->status == VISIT_SETTLED || is_mute(port);

		if (is_looked_at(port) || !ready)
			continue;
		if (is_failing(port) ||
		    (plan->when == TRACE_ALWAYS && !port->is_control &&
			port->passed > 0 && port->status == VISIT_SETTLED))
			want_whole(plan, port);
	}
}

static bool is_suspicious(const struct visit_plan *plan, int64_t now_us)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (is_failing(&plan->ports[i]) ||
		    is_silent_yet(&plan->ports[i], now_us))
			return true;
	return false;
}

/* One control: at once where a control port is there to be one, else when all
 * ports have had their tries. Where nothing failed, for its distance. */
static void want_control(struct visit_plan *plan, int64_t now_us, bool settled)
{
	struct visit_port *control = best_control(plan);
	bool suspicious = is_suspicious(plan, now_us);
	bool now = settled ||
		   (suspicious && control != NULL && control->is_control);

	if (plan->has_control || !now)
		return;
	plan->has_control = true;
	if (control == NULL && suspicious)
		control = first_mute_control(plan);
	if (control != NULL)
		want_whole(plan, control);
}

/* --- the break of a path --- */

static struct path_seen *path_of(const struct visit_plan *plan, uint16_t port)
{
	size_t i;

	for (i = 0; i < plan->target->npaths; i++)
		if (plan->target->paths[i].port == port)
			return &plan->target->paths[i];
	return NULL;
}

static int last_hop(const struct path_seen *path)
{
	size_t i;

	for (i = path->nhops; i > 0; i--)
		if (path->hops[i - 1].address.family != 0)
			return path->hops[i - 1].ttl;
	return 0;
}

/* The first hop behind `ttl` that shows on any path, before the endpoint.
 * 0: none. */
static int next_known_hop(const struct visit_plan *plan, int ttl)
{
	int hops = distance(plan), first = 0;
	size_t i, j;

	for (i = 0; i < plan->target->npaths; i++) {
		const struct path_seen *path = &plan->target->paths[i];

		for (j = 0; j < path->nhops; j++)
			if (path->hops[j].ttl > ttl &&
			    path->hops[j].ttl < hops &&
			    path->hops[j].address.family != 0 &&
			    (first == 0 || path->hops[j].ttl < first))
				first = path->hops[j].ttl;
	}
	return first;
}

static void want_breaks(struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		struct visit_port *port = &plan->ports[i];
		const struct path_seen *path = path_of(plan, port->port);
		int last, next;

		if (port->trace != TRACE_ENDED || path == NULL ||
		    path->answer != ANSWER_NONE || !is_failing(port) ||
		    port->breaks_looked_at >= BREAK_LOOKS_MAX)
			continue;
		last = last_hop(path);
		next = next_known_hop(plan, last);
		if (next == 0 || next > last + BREAK_HOPS)
			continue;
		port->breaks_looked_at++;
		want(plan, port, LOOK_BREAK, last + 1, next);
	}
}

/* Add what a second look found to the path. True: it found something. */
static bool merge(struct path_seen *path, const struct path_seen *more)
{
	size_t i, j;
	int ttl, last = last_hop(more);

	for (ttl = last_hop(path) + 1; ttl <= last; ttl++) {
		if (path->nhops == OBSERVE_HOPS_MAX)
			break;
		i = path->nhops++;
		memset(&path->hops[i], 0, sizeof(path->hops[i]));
		path->hops[i].ttl = ttl;
		path->hops[i].us = OBSERVE_ABSENT;
		for (j = 0; j < more->nhops; j++)
			if (more->hops[j].ttl == ttl)
				path->hops[i] = more->hops[j];
	}
	return last > 0;
}

/* --- when all is settled --- */

/* A control port shook hands: an interceptor of mail ports leaves it alone. */
static bool has_true_control(const struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].is_control && plan->ports[i].passed > 0)
			return true;
	return false;
}

/* The control may be taken by the same interceptor as a port that is. So one
 * port more, the last, must be answered from the control's distance, and not
 * from nearer; all ports, where the control is one of those asked. */
static void want_far(struct visit_plan *plan)
{
	int hops = distance(plan);
	bool one = has_true_control(plan);
	size_t i;

	plan->looked_far = true;
	for (i = plan->nports; i > 0 && hops > 0; i--) {
		struct visit_port *port = &plan->ports[i - 1];

		if (port->trace != NOT_TRACED || port->passed == 0)
			continue;
		want(plan, port, LOOK_FAR, hops > 1 ? hops - 1 : 1, hops);
		if (one)
			break;
	}
}

static void want_near(struct visit_plan *plan)
{
	int hops = distance(plan);
	size_t i;

	plan->looked_near = true;
	for (i = 0; i < plan->nports && hops > 1; i++) {
		struct visit_port *port = &plan->ports[i];

		if (port->trace == NOT_TRACED && !port->is_control &&
		    port->passed > 0)
			want(plan, port, LOOK_NEAR, hops - 1, hops - 1);
		/* Its answer was awaited there, before this distance. */
		else if (port->trace == TRACE_ENDED && port->look == LOOK_FAR &&
			 port->answer_ttl > 0 && port->answer_ttl < hops)
			want_whole(plan, port);
	}
}

/* The highest TTL, up to `limit`, that answers a port which was asked. */
static int early_ttl(const struct visit_plan *plan, int limit)
{
	int highest = OBSERVE_ABSENT;
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (!plan->ports[i].is_control &&
		    plan->ports[i].answer_ttl <= limit &&
		    plan->ports[i].answer_ttl > highest)
			highest = plan->ports[i].answer_ttl;
	return highest;
}

static void want_again(struct visit_plan *plan, struct visit_port *port)
{
	int limit = port->answer_ttl - 1, early;

	if (port->again_ttl > 0 && port->again_ttl <= limit)
		limit = port->again_ttl - (port->looked_again >= AGAIN_LOOKS);
	early = early_ttl(plan, limit);
	if (early == OBSERVE_ABSENT)
		return;
	if (early != port->again_ttl)
		port->looked_again = 0;
	port->again_ttl = early;
	port->looked_again++;
	want(plan, port, LOOK_AGAIN, early, early);
}

static void want_farthest_again(struct visit_plan *plan)
{
	int hops = distance(plan);
	size_t i;

	for (i = 0; hops > 0 && i < plan->nports; i++)
		if (plan->ports[i].answer_ttl == hops &&
		    plan->ports[i].trace == TRACE_ENDED)
			want_again(plan, &plan->ports[i]);
}

static bool is_due(
    const struct visit_plan *plan, const struct visit_port *port, bool quiet)
{
	if (port->trace != TRACE_DUE)
		return false;
	return is_mute(port) || port->look == LOOK_NEAR ||
	       (quiet && !visit_traces_may_connect(plan));
}

static bool begin_due(struct visit_plan *plan, bool quiet, size_t *index)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (is_due(plan, &plan->ports[i], quiet)) {
			plan->ports[i].trace = TRACE_RUNNING;
			*index = i;
			return true;
		}
	return false;
}

bool visit_traces_next(struct visit_plan *plan, int64_t now_us, bool quiet,
    bool settled, size_t *index)
{
	if (plan->when == TRACE_NEVER ||
	    (plan->deadline_us != 0 &&
		now_us + TRACE_LEAST_US > plan->deadline_us))
		return false;
	want_failing(plan);
	want_control(plan, now_us, settled);
	want_breaks(plan);
	if (settled && under_way(plan) == 0 && !plan->looked_far)
		want_far(plan);
	if (settled && under_way(plan) == 0 && !plan->looked_near)
		want_near(plan);
	if (settled && under_way(plan) == 0)
		want_farthest_again(plan);
	return begin_due(plan, quiet, index);
}

bool visit_traces_are_running(const struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].trace == TRACE_RUNNING)
			return true;
	return false;
}

bool visit_traces_may_connect(const struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].trace == TRACE_RUNNING &&
		    (plan->ports[i].look == LOOK_WHOLE ||
			plan->ports[i].look == LOOK_FAR ||
			plan->ports[i].look == LOOK_AGAIN) &&
		    !is_mute(&plan->ports[i]))
			return true;
	return false;
}

/* --- what came of a trace --- */

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

static struct visit_port *traced_control(struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].trace == TRACE_ENDED &&
		    plan->ports[i].look == LOOK_WHOLE &&
		    !is_failing(&plan->ports[i]))
			return &plan->ports[i];
	return NULL;
}

/* A path that changed during the traces: the control is traced once more, so
 * that the two can be compared as they are now. */
static void repeat_control_if_changed(struct visit_plan *plan)
{
	const struct target_seen *target = plan->target;
	const struct path_seen *last = &target->paths[target->npaths - 1];
	struct visit_port *control = traced_control(plan);
	size_t i;

	if (plan->control_repeated || control == NULL)
		return;
	for (i = 0; i + 1 < target->npaths; i++) {
		if (target->paths[i].port == last->port ||
		    !paths_disagree(&target->paths[i], last))
			continue;
		plan->control_repeated = true;
		want_whole(plan, control);
		return;
	}
}

/* Nothing came back, although that hop or the endpoint does answer. */
static bool lost_syns(const struct visit_plan *plan,
    const struct visit_port *port, const struct path_seen *path)
{
	if (path->nhops > 0 || path->answer != ANSWER_NONE)
		return false;
	return port->look == LOOK_FAR ||
	       next_known_hop(plan, port->min_ttl - 1) == port->min_ttl;
}

/* A look at the endpoint's distance is no path to keep. Where something
 * answers that should not, or does not that should, all of it is traced. */
static void end_glance(struct visit_plan *plan, struct visit_port *port,
    const struct path_seen *path)
{
	bool expected = port->look == LOOK_NEAR
			    ? path->answer == ANSWER_NONE
			    : path->answer_ttl == port->max_ttl;

	if (lost_syns(plan, port, path))
		port->late++;
	if (!expected)
		want_whole(plan, port);
	else if (port->look == LOOK_FAR)
		port->answer_ttl = path->answer_ttl;
}

static int end_break(struct visit_plan *plan, struct visit_port *port,
    const struct path_seen *path)
{
	bool answered = path->answer != ANSWER_NONE;

	if (answered || !merge(path_of(plan, port->port), path))
		port->breaks_looked_at = BREAK_LOOKS_MAX;
	return answered ? target_seen_add_path(plan->target, path) : 0;
}

int visit_traces_ended(
    struct visit_plan *plan, size_t index, const struct path_seen *path)
{
	struct visit_port *port = &plan->ports[index];
	int error;

	port->trace = TRACE_ENDED;
	if (port->look == LOOK_NEAR || port->look == LOOK_FAR) {
		end_glance(plan, port, path);
		return 0;
	}
	if (path->reached && (port->answer_ttl == OBSERVE_ABSENT ||
				 path->answer_ttl < port->answer_ttl))
		port->answer_ttl = path->answer_ttl;
	if (port->look == LOOK_BREAK)
		return end_break(plan, port, path);
	if (port->look == LOOK_AGAIN && !path->reached) {
		if (path->nhops == 0)
			port->looked_again += AGAIN_SILENT - 1;
		return 0;
	}
	error = target_seen_add_path(plan->target, path);
	if (error == 0)
		repeat_control_if_changed(plan);
	return error;
}
