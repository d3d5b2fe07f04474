/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/visit_traces.h"

#include <string.h>

#include "agent/measure/visit_again.h"
#include "agent/measure/visit_controls.h"
#include "agent/measure/visit_paths.h"
#include "lib/report/report.h"

#define SILENT_AFTER_US 1000000 /* a SYN that is cause for suspicion */
#define TRACE_LEAST_US  3500000 /* before the deadline */
#define LOOK_HOPS       3       /* behind a break that are looked at */
#define LOOK_ROUNDS_MAX 3
#define CUT_OFF_TRIES   8 /* in a row, as lib/diagnose/rules.h wants them */

/* Its SYNs get no SYN-ACK, so that a trace of it opens no connection. */
static bool is_mute(const struct visit_port *port)
{
	return !port->path_only && port->passed == 0 &&
	       port->ended <= STAGE_CONNECT;
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

/* A port that does not answer is not worth more SYNs than the distance; two
 * hops more for a path that changes. */
static void want_whole(struct visit_plan *plan, struct visit_port *port)
{
	int hops = visit_controls_distance(plan), max_ttl = OBSERVE_HOPS_MAX;

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

/* Nothing answered that a port could be compared with: a path is a control as
 * well, even to a port that nobody answers. */
static void want_mute_control(
    struct visit_plan *plan, bool suspicious, bool settled)
{
	struct visit_port *control = visit_controls_mute(plan);

	if (plan->has_control || plan->has_mute_control || !suspicious ||
	    control == NULL || (!settled && control->path_only) ||
	    !visit_controls_are_mute(plan))
		return;
	plan->has_mute_control = true;
	want_whole(plan, control);
}

/* No hop answered on it. */
static bool shows_no_hop(
    const struct visit_plan *plan, const struct visit_port *port)
{
	const struct path_seen *path = visit_paths_of(plan, port->port);

	return port->trace == TRACE_ENDED && is_failing(port) && path != NULL &&
	       path->answer == ANSWER_NONE && visit_paths_last_ttl(path) == 0;
}

/* Such a port is compared with control ports alone: mail may be sent through a
 * tunnel. */
static bool wants_control_port(const struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (shows_no_hop(plan, &plan->ports[i]))
			return true;
	return false;
}

/* One of them is traced as well, if none was. */
static void want_control_port(struct visit_plan *plan)
{
	struct visit_port *control = visit_controls_mute(plan);
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].is_control &&
		    plan->ports[i].trace != NOT_TRACED)
			return;
	if (control != NULL && wants_control_port(plan))
		want_whole(plan, control);
}

/* One control: at once if a control port answered, else when all ports have
 * had their tries. Where nothing failed, for its distance. */
static void want_control(struct visit_plan *plan, int64_t now_us, bool settled)
{
	struct visit_port *control = visit_controls_best(plan);
	bool suspicious = is_suspicious(plan, now_us);

	if (!plan->has_control && control != NULL &&
	    (settled || (suspicious && control->is_control))) {
		plan->has_control = true;
		want_whole(plan, control);
	}
	want_mute_control(plan, suspicious, settled);
	if (settled)
		want_control_port(plan);
}

/* --- the break of a path --- */

/* From where its path is looked at: the last hop, which may have been reached
 * by one packet of many, or the first one before that only other ports
 * reached. */
static int first_doubtful(
    const struct visit_plan *plan, const struct path_seen *path)
{
	int last = visit_paths_last_ttl(path);
	size_t i;

	for (i = 0; i < path->nhops && path->hops[i].ttl < last; i++)
		if (path->hops[i].address.family == 0 &&
		    visit_paths_next_ttl(plan, path->hops[i].ttl - 1) ==
			path->hops[i].ttl)
			return path->hops[i].ttl;
	return last;
}

/* The TTLs behind its last hop at which routers answer other ports. False:
 * there are none. */
static bool find_behind(
    const struct visit_plan *plan, int last, int *min_ttl, int *max_ttl)
{
	int next = visit_paths_next_ttl(plan, last);

	*min_ttl = next <= last + LOOK_HOPS ? last + 1 : next;
	*max_ttl = next;
	while (next != 0 && *max_ttl + 1 < *min_ttl + LOOK_HOPS) {
		next = visit_paths_next_ttl(plan, *max_ttl);
		if (next != 0)
			*max_ttl = next;
	}
	return *max_ttl != 0;
}

/* Its path breaks off, while another one goes on or is answered: at which TTLs
 * is it looked at? */
static bool find_break(const struct visit_plan *plan,
    const struct visit_port *port, int *min_ttl, int *max_ttl)
{
	const struct path_seen *path = visit_paths_of(plan, port->port);
	int first, last;

	if (port->trace != TRACE_ENDED || path == NULL ||
	    path->answer != ANSWER_NONE || !is_failing(port))
		return false;
	first = first_doubtful(plan, path);
	last = visit_paths_last_ttl(path);
	if (!find_behind(plan, last, min_ttl, max_ttl)) {
		*min_ttl = first;
		*max_ttl = last;
		return last > 0 && last < visit_paths_distance(plan);
	}
	if (first > 0 && first < *min_ttl)
		*min_ttl = first;
	return true;
}

/* Every port that fails has been traced, so that they can be looked at at the
 * same time. */
static bool are_failing_traced(const struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		const struct visit_port *port = &plan->ports[i];

		if (port->trace == TRACE_DUE || port->trace == TRACE_RUNNING ||
		    (port->tries == 0 && port->status != VISIT_SETTLED))
			return false;
	}
	return true;
}

/* The port whose path is known farthest; of several one that answered, or
 * rather a control port. */
static struct visit_port *farthest_port(struct visit_plan *plan)
{
	struct visit_port *port, *best = NULL;
	const struct path_seen *path;
	int control = wants_control_port(plan) ? 2 : 0;
	int farthest = 0, reach;
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		port = &plan->ports[i];
		path = visit_paths_of(plan, port->port);
		if (path == NULL || port->trace != TRACE_ENDED)
			continue;
		reach = 4 * visit_paths_last_ttl(path) +
			(path->answer != ANSWER_NONE) +
			(port->is_control ? control : 0);
		if (reach > farthest)
			best = port;
		if (reach > farthest)
			farthest = reach;
	}
	return best;
}

/* Looks side by side: at each TTL the ports whose paths break off, and then at
 * once the one that goes on, so that whatever a router's limit or chance leaves
 * is left to the former first. */
static void want_looks(struct visit_plan *plan)
{
	struct visit_port *beside = farthest_port(plan);
	int min_ttl, max_ttl, from = OBSERVE_HOPS_MAX, to = 0;
	size_t i;

	if (beside == NULL || plan->look_rounds >= LOOK_ROUNDS_MAX ||
	    !are_failing_traced(plan))
		return;
	for (i = 0; i < plan->nports; i++) {
		struct visit_port *port = &plan->ports[i];

		if (port == beside || port->breaks_looked_at > 0 ||
		    !find_break(plan, port, &min_ttl, &max_ttl))
			continue;
		port->breaks_looked_at = 1;
		want(plan, port, LOOK_BREAK, min_ttl, max_ttl);
		from = min_ttl < from ? min_ttl : from;
		to = max_ttl > to ? max_ttl : to;
	}
	if (to == 0)
		return;
	plan->look_rounds++;
	want(plan, beside, LOOK_BESIDE, from, to);
}

/* --- when all is settled --- */

/* Some of its SYNs are lost, so that a trace of it takes long. */
static bool loses_some(const struct visit_port *port)
{
	return port->vanished > 0 || port->late > 0;
}

/* The last port that passed and was not traced; rather one that loses
 * nothing. */
static struct visit_port *last_that_passed(struct visit_plan *plan)
{
	struct visit_port *port, *best = NULL;
	size_t i;

	for (i = plan->nports; i > 0; i--) {
		port = &plan->ports[i - 1];
		if (port->trace == NOT_TRACED && port->passed > 0 &&
		    (best == NULL || (loses_some(best) && !loses_some(port))))
			best = port;
	}
	return best;
}

/* The control may be taken by the same interceptor as a port that is. So one
 * port more must be answered from the control's distance, and not from nearer;
 * all ports, where the control is one of those asked. */
static void want_far(struct visit_plan *plan)
{
	int hops = visit_paths_distance(plan);
	bool one = visit_controls_shook_hands(plan);
	struct visit_port *port;

	plan->looked_far = true;
	while (hops > 0 && (port = last_that_passed(plan)) != NULL) {
		want(plan, port, LOOK_FAR, hops > 1 ? hops - 1 : 1, hops);
		if (one || port->trace == NOT_TRACED)
			break;
	}
}

static void want_near(struct visit_plan *plan)
{
	int hops = visit_paths_distance(plan);
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

/* One TTL again, of ports that may be answered by one of two ways alone. */
static void want_again(struct visit_plan *plan, enum visit_look look)
{
	struct visit_port *port;
	size_t i;
	int ttl;

	for (i = 0; i < plan->nports; i++) {
		port = &plan->ports[i];
		ttl = look == LOOK_DOUBT ? visit_again_doubted(plan, port)
					 : visit_again_farthest(plan, port);
		if (ttl > 0)
			want(plan, port, look, ttl, ttl);
	}
}

static void want_resets(struct visit_plan *plan)
{
	enum visit_look look;
	int min_ttl, max_ttl;
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		look = visit_again_reset(
		    plan, &plan->ports[i], &min_ttl, &max_ttl);
		if (look != LOOK_NONE)
			want(plan, &plan->ports[i], look, min_ttl, max_ttl);
	}
}

static bool is_due(
    const struct visit_plan *plan, const struct visit_port *port, bool quiet)
{
	if (port->trace != TRACE_DUE)
		return false;
	/* These end before the endpoint. */
	if (port->look == LOOK_NEAR || port->look == LOOK_BREAK ||
	    port->look == LOOK_BESIDE)
		return true;
	return is_mute(port) || (quiet && !visit_traces_may_connect(plan));
}

/* What is looked at beside others comes after them. */
static bool begin_due(struct visit_plan *plan, bool quiet, size_t *index)
{
	size_t i, best = plan->nports;

	for (i = 0; i < plan->nports; i++)
		if (is_due(plan, &plan->ports[i], quiet) &&
		    (best == plan->nports ||
			plan->ports[best].look == LOOK_BESIDE))
			best = i;
	if (best == plan->nports)
		return false;
	plan->ports[best].trace = TRACE_RUNNING;
	*index = best;
	return true;
}

bool visit_traces_next(struct visit_plan *plan, int64_t now_us, bool quiet,
    bool settled, size_t *index)
{
	if (plan->when == TRACE_NEVER ||
	    (plan->deadline_us != 0 &&
		now_us + TRACE_LEAST_US > plan->deadline_us))
		return false;
	if (plan->when == TRACE_RESETS) {
		if (settled && under_way(plan) == 0)
			want_resets(plan);
		return begin_due(plan, quiet, index);
	}
	want_failing(plan);
	want_control(plan, now_us, settled);
	want_looks(plan);
	if (settled && under_way(plan) == 0 && !plan->looked_far)
		want_far(plan);
	if (settled && under_way(plan) == 0 && !plan->looked_near)
		want_near(plan);
	if (settled && under_way(plan) == 0)
		want_resets(plan);
	if (settled && under_way(plan) == 0)
		want_again(plan, LOOK_DOUBT);
	if (settled && under_way(plan) == 0)
		want_again(plan, LOOK_AGAIN);
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

bool visit_traces_doubt(
    const struct visit_plan *plan, const struct visit_port *port)
{
	const struct target_seen *target = plan->target;
	size_t i, k;

	if (port->answer_ttl != OBSERVE_ABSENT &&
	    port->answer_ttl < visit_paths_distance(plan))
		return true;
	for (i = 0; i < target->npaths; i++)
		for (k = i + 1; k < target->npaths; k++)
			if (visit_paths_disagree(
				&target->paths[i], &target->paths[k]))
				return true;
	return false;
}

bool visit_traces_may_connect(const struct visit_plan *plan)
{
	const struct visit_port *port;
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		port = &plan->ports[i];
		if (port->trace == TRACE_RUNNING && !is_mute(port) &&
		    (port->look == LOOK_WHOLE || port->look == LOOK_FAR ||
			visit_again_is_look(port->look)))
			return true;
	}
	return false;
}

/* --- what came of a trace --- */

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
		    !visit_paths_disagree(&target->paths[i], last))
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
	if (!visit_paths_is_silent(path))
		return false;
	return port->look == LOOK_FAR ||
	       visit_paths_next_ttl(plan, port->min_ttl - 1) == port->min_ttl;
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

static int end_looks(struct visit_plan *plan, struct visit_port *port,
    const struct path_seen *path)
{
	bool answered = path->answer != ANSWER_NONE;

	/* The break moved: look there as well. */
	if (visit_paths_merge(visit_paths_of(plan, port->port), path) &&
	    !answered)
		port->breaks_looked_at = 0;
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
	if (port->look == LOOK_BREAK || port->look == LOOK_BESIDE)
		return end_looks(plan, port, path);
	if (visit_again_is_nothing(port, path))
		return 0;
	error = target_seen_add_path(plan->target, path);
	if (error == 0)
		repeat_control_if_changed(plan);
	return error;
}
