/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/visit_count.h"

#include "lib/diagnose/attempts.h"
#include "lib/diagnose/counted.h"
#include "lib/report/report.h"

#define MORE_TRIES 1
#define MOST_TRIES 20
#define MOST_AMONG 28 /* where others show it, too */
#define PAUSE_US   200000

/* So many, where one SYN a connect was enough at first: a limit may look like a
 * port that is shut. */
#define SHUT_TRIES 16

#define BUDGET_US 29000000 /* for a visit that counts and is in a hurry */

/* Tries that vanish take long, those that pass do not: of two ports that lose
 * some, each may be so far ahead. */
#define STEPS_APART 2

void visit_count_keep_to_budget(struct visit_plan *plan)
{
	int64_t until_us = plan->began_us + BUDGET_US;

	if (plan->last_us != 0 || plan->deadline_us <= until_us ||
	    plan->deadline_us - plan->began_us > VISIT_PATIENT_US)
		return;
	plan->last_us = plan->deadline_us;
	plan->deadline_us = until_us;
}

bool visit_count_has_time(const struct visit_plan *plan, int64_t now_us)
{
	return plan->deadline_us == 0 ||
	       now_us + VISIT_COUNT_TRY_US <= plan->deadline_us;
}

static int left_to_count(const struct visit_port *port)
{
	return port->count_to - port->tries;
}

static struct visit_port *find_port(struct visit_plan *plan, uint16_t number)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].port == number)
			return &plan->ports[i];
	return NULL;
}

static size_t uncounted(const struct visit_plan *plan)
{
	const struct visit_port *port;
	size_t i, count = 0;

	for (i = 0; i < plan->nports; i++) {
		port = &plan->ports[i];
		if (port->counting && left_to_count(port) > 0)
			count += (size_t)left_to_count(port);
	}
	return count;
}

bool visit_count_has_room(const struct visit_plan *plan, size_t more)
{
	return plan->target->nprobes + plan->nports + uncounted(plan) + more <
	       REPORT_PROBES_MAX;
}

bool visit_count_is_due(const struct visit_port *port)
{
	return !port->counting && !port->counted &&
	       (port->passed > 0 || port->suspected) &&
	       (port->vanished > 0 || port->refused > 0 ||
		   (!port->is_control && port->late > 1) ||
		   (port->suspected && port->ended == STAGE_DONE));
}

static bool is_waited_for(const struct visit_port *port)
{
	return port->counting && port->status != VISIT_SETTLED;
}

/* The most tries that are left to any port which is held against others, or to
 * any that others are held against. */
static int most_left(const struct visit_plan *plan, bool beside)
{
	const struct visit_port *port;
	int most = 0;
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		port = &plan->ports[i];
		if (is_waited_for(port) && port->beside == beside &&
		    left_to_count(port) > most)
			most = left_to_count(port);
	}
	return most;
}

bool visit_count_keeps_step(
    const struct visit_plan *plan, const struct visit_port *port)
{
	int left = left_to_count(port);
	int ports = most_left(plan, false), controls = most_left(plan, true);

	if (port->beside)
		return ports <= left && controls <= left;
	/* The one that takes longest goes with the control. */
	return ports <= left + STEPS_APART &&
	       controls <= left + (left < ports ? STEPS_APART : 0);
}

/* It is to be counted up to as many as `count_to`. */
static void count_on(struct visit_port *port, int count_to, int64_t now_us)
{
	port->counting = true;
	port->count_to = count_to;
	if (port->tries < count_to && port->status == VISIT_SETTLED) {
		port->status = VISIT_WAITING;
		port->not_before_us = now_us;
	}
}

/* So many more of them, beside those of another port, if they are not to come
 * already. */
static void count_beside(struct visit_port *control, int more, int64_t now_us)
{
	int count_to = control->tries + more;

	if (control->count_to > count_to)
		count_to = control->count_to;
	control->beside = true;
	count_on(control, count_to, now_us);
}

void visit_count_begin(
    struct visit_plan *plan, struct visit_port *port, int64_t now_us)
{
	struct visit_port *control = NULL;
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (&plan->ports[i] != port && plan->ports[i].passed > 0 &&
		    plan->ports[i].vanished == 0 &&
		    (control == NULL ||
			(plan->ports[i].is_control && !control->is_control)))
			control = &plan->ports[i];
	if (control == NULL || plan->in_vain ||
	    !visit_count_has_room(plan, (size_t)2 * VISIT_COUNT_TRIES))
		return;
	visit_count_keep_to_budget(plan);
	port->counting = true;
	count_beside(control, left_to_count(port), now_us);
}

void visit_count_remember(struct visit_plan *plan)
{
	const struct probe_seen *probe;
	struct visit_port *port;
	int64_t took_us;
	size_t i;

	for (i = 0; i < plan->target->nprobes; i++) {
		probe = &plan->target->probes[i];
		port = find_port(plan, probe->port);
		took_us = probe->us[STAGE_CONNECT];
		if (port == NULL || took_us <= 0 ||
		    !attempts_is_connected(probe))
			continue;
		if (port->connect_us == 0 || took_us < port->connect_us)
			port->connect_us = took_us;
	}
}

bool visit_count_suspect(
    struct visit_plan *plan, uint16_t number, bool at_once, int64_t now_us)
{
	struct visit_port *port = find_port(plan, number);

	if (port == NULL || port->is_control)
		return false;
	port->suspected = true;
	port->answers_elsewhere = at_once;
	if (port->status != VISIT_SETTLED || !visit_count_is_due(port))
		return false;
	visit_count_begin(plan, port, now_us);
	if (port->counting)
		count_on(port, port->count_to, now_us);
	return port->counting;
}

static bool may_be_steady(const struct visit_port *port)
{
	int left = port->counting ? left_to_count(port) : 0;

	return counted_may_be_steady(
	    port->tries, port->passed, left > 0 ? left : 0);
}

/* Others can be held against it yet: it is the control, or has come as far, or
 * has lost nothing. A second port that lost one of few is hardly steady where
 * the control is not. */
static bool may_be_control(const struct visit_port *port)
{
	return (port->counting || port->counted) && may_be_steady(port) &&
	       (port->beside || port->is_control || port->vanished == 0 ||
		   port->tries >= VISIT_COUNT_TRIES);
}

/* Every port loses connects, so that none can be held against another: on an
 * uplink that leads nowhere, now and then, more of them would only take time.
 * What is under way comes to its end, and no other count begins. */
static void give_up_if_in_vain(struct visit_plan *plan)
{
	struct visit_port *port;
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (may_be_control(&plan->ports[i]))
			return;
	plan->in_vain = true;
	for (i = 0; i < plan->nports; i++) {
		port = &plan->ports[i];
		if (!port->counting)
			continue;
		port->count_to = port->tries;
		if (port->status == VISIT_WAITING)
			port->status = VISIT_SETTLED;
	}
}

static bool are_over(const struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].counting &&
		    plan->ports[i].status != VISIT_SETTLED)
			return false;
	return true;
}

/* There was none yet, and one may pass. */
static bool wants_dialogue(const struct visit_port *port)
{
	return !port->is_control && port->passed > 0 &&
	       port->ended <= STAGE_CONNECT;
}

static enum counted_owners owners(const struct visit_plan *plan)
{
	return plan->among_others ? COUNTED_AT_THREE : COUNTED_AT_TWO;
}

static bool is_unsure(const struct visit_plan *plan,
    const struct evidence *evidence, const struct port_evidence *port)
{
	return counted_is_unsure(evidence, port, owners(plan)) ||
	       counted_is_unsure_of_resets(port) ||
	       (plan->among_others && port->tries < SHUT_TRIES &&
		   counted_was_shut_meanwhile(port));
}

static int most_tries(const struct visit_plan *plan)
{
	return plan->among_others ? MOST_AMONG : MOST_TRIES;
}

bool visit_count_lasts(struct visit_plan *plan, int64_t now_us)
{
	struct port_evidence ports[EVIDENCE_PORTS_MAX];
	const struct visit_port *port;
	struct evidence evidence;
	size_t i;

	if (now_us + 2 * VISIT_COUNT_TRY_US > plan->last_us)
		return false;
	evidence_gather(plan->target, ports, &evidence);
	for (i = 0; i < evidence.nports; i++) {
		port = find_port(plan, ports[i].port);
		if (port == NULL || port->is_control || !port->counting ||
		    !counted_is_throttled(&evidence, &ports[i], owners(plan)) ||
		    !counted_is_unsure(&evidence, &ports[i], owners(plan)))
			continue;
		plan->deadline_us = now_us + 2 * VISIT_COUNT_TRY_US;
		return true;
	}
	return false;
}

/* If this port's count leaves it open what it is, go on with it and with the
 * port that it is held against. */
static void go_on_if_unsure(struct visit_plan *plan,
    const struct evidence *evidence, const struct port_evidence *seen,
    int64_t now_us)
{
	struct visit_port *port = find_port(plan, seen->port), *control;
	const struct port_evidence *steady;

	if (port == NULL || port->is_control || !port->counting ||
	    port->count_to + MORE_TRIES > most_tries(plan) ||
	    !visit_count_has_time(plan, now_us + PAUSE_US) ||
	    !is_unsure(plan, evidence, seen) ||
	    !visit_count_has_room(plan, (size_t)2 * MORE_TRIES))
		return;
	steady = counted_steady_control(evidence, seen);
	control = steady != NULL ? find_port(plan, steady->port) : NULL;
	if (control == NULL)
		return;
	count_on(port, port->count_to + MORE_TRIES, now_us + PAUSE_US);
	count_beside(control, MORE_TRIES, now_us + PAUSE_US);
}

static void finish(
    const struct visit_plan *plan, struct visit_port *port, int64_t now_us)
{
	port->counting = false;
	port->counted = true;
	if (!wants_dialogue(port) || !visit_count_has_room(plan, 1))
		return;
	port->status = VISIT_WAITING;
	port->not_before_us = now_us + PAUSE_US;
}

void visit_count_ended(struct visit_plan *plan, int64_t now_us)
{
	struct port_evidence ports[EVIDENCE_PORTS_MAX];
	struct evidence evidence;
	size_t i;

	give_up_if_in_vain(plan);
	if (!are_over(plan))
		return;
	if (!visit_count_has_time(plan, now_us + PAUSE_US))
		visit_count_lasts(plan, now_us);
	evidence_gather(plan->target, ports, &evidence);
	for (i = 0; i < evidence.nports; i++)
		go_on_if_unsure(plan, &evidence, &ports[i], now_us);
	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].counting &&
		    plan->ports[i].status == VISIT_SETTLED)
			finish(plan, &plan->ports[i], now_us);
}
