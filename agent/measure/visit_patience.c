/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/visit_patience.h"

#include <limits.h>

#define FIRST_MS  7000 /* postscreen greets after 6 s */
#define LEAST_MS  4000
#define TLS_MS    4000 /* on 465: most servers there wait for TLS */
#define AGAIN_MS  2000 /* of a greeting that was waited for at length */
#define AGAIN_US  (AGAIN_MS * 1000 + 200000) /* and the pause before it */
#define QUICK_US  28000000 /* for all ports, where the time is short */
#define ENDING_US 10000000 /* and where it is not: all but this */
#define ANSWER_MS 350      /* and three answers' time */
#define ONE_MS    900      /* the kernel repeats a SYN after that */
#define REPEAT_MS 1250     /* the repeat, and 150 ms, and those answers */
#define COUNT_MS  1900
#define MANY      2 /* and one in three */
#define FEW       4 /* may be lost first, where others are asked */
#define SMTP      25
#define SMTPS     465

/* When every greeting must have come. */
static int64_t ends_us(const struct visit_plan *plan)
{
	if (plan->deadline_us == 0)
		return INT64_MAX;
	if (plan->deadline_us - plan->began_us > VISIT_PATIENT_US ||
	    plan->began_us + QUICK_US > plan->deadline_us)
		return plan->deadline_us - ENDING_US;
	return plan->began_us + QUICK_US;
}

/* What is left for `port`, of which some tries more are to come. */
static int left_ms(const struct visit_plan *plan, const struct visit_port *port,
    int64_t now_us)
{
	int more = VISIT_STALLS - 1 - port->stalled;
	int64_t again_us = more > 0 ? (int64_t)more * AGAIN_US : 0;
	int64_t left_ms = (ends_us(plan) - again_us - now_us) / 1000;

	if (left_ms > INT_MAX)
		return INT_MAX;
	return left_ms > 0 ? (int)left_ms : 0;
}

/* It may be waiting for TLS, which is tried next. */
static bool may_want_tls(const struct visit_port *port)
{
	return port->port != SMTP && port->mode == MODE_STARTTLS &&
	       !port->tried_implicit_tls;
}

int visit_patience_banner_ms(const struct visit_plan *plan, size_t index,
    int patience_ms, int64_t now_us)
{
	const struct visit_port *port = &plan->ports[index];
	int ms = port->hurries ? AGAIN_MS : left_ms(plan, port, now_us);

	if (may_want_tls(port))
		ms = port->port == SMTPS ? TLS_MS : FIRST_MS;
	if (ms < LEAST_MS && !port->hurries)
		ms = LEAST_MS;
	return ms < patience_ms ? ms : patience_ms;
}

/* So many of its tries passed that no limit of so many SYNs a minute can have
 * stopped the others. */
static bool many_pass(const struct visit_port *port)
{
	return port->passed >= MANY && port->passed * 3 >= port->tries;
}

bool visit_patience_passes_at_once(const struct visit_port *port)
{
	return port->connect_us > 0 ? port->connect_us < ONE_MS * 1000
				    : port->answers_elsewhere;
}

/* One SYN a connect is enough. */
static bool tells_with_others(
    const struct visit_plan *plan, const struct visit_port *port)
{
	return plan->among_others && visit_patience_passes_at_once(port) &&
	       port->passed * 3 + FEW >= port->tries;
}

/* Of the quickest answer of each port: that of one whose first SYNs were lost
 * says nothing. 0: unknown. */
static int64_t slowest_answer_us(const struct visit_plan *plan)
{
	int64_t slowest_us = 0;
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (visit_patience_passes_at_once(&plan->ports[i]) &&
		    plan->ports[i].connect_us > slowest_us)
			slowest_us = plan->ports[i].connect_us;
	return slowest_us;
}

int visit_patience_counting_ms(
    const struct visit_plan *plan, const struct visit_port *port)
{
	int64_t slowest_us = slowest_answer_us(plan), ms;

	ms = 3 * slowest_us / 1000;
	if (tells_with_others(plan, port) && ms + ANSWER_MS <= ONE_MS)
		return (int)ms + ANSWER_MS;
	if (slowest_us == 0 || !many_pass(port) || ms + REPEAT_MS > COUNT_MS)
		return COUNT_MS;
	return (int)ms + REPEAT_MS;
}

bool visit_patience_is_full(const struct visit_port *port)
{
	return !may_want_tls(port) && !port->tls_next;
}

bool visit_patience_is_left(const struct visit_plan *plan,
    const struct visit_port *port, int64_t now_us)
{
	return left_ms(plan, port, now_us) >= LEAST_MS;
}
