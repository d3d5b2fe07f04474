/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_VISIT_PLAN_H
#define EGRESS25_AGENT_VISIT_PLAN_H

/*
 * The decisions of one visit to one address, without I/O: which port to try
 * next, when to try again, what to trace. The caller runs the probes and
 * traces and says how they ended; all findings are in the target.
 *
 * Manners: one connection to the address at a time. A SYN that has been silent
 * for a second is no connection yet, so that the next port may begin beside
 * it; when one of them stands, the others are called back and begun again
 * later. 4xx and 5xx are never tried again.
 */

#include "lib/observe.h"
#include "lib/values.h"

enum trace_when { TRACE_AUTO, TRACE_ALWAYS, TRACE_NEVER };

#define VISIT_PORTS_MAX (2 * VALUES_PORTS_MAX)

enum visit_port_status {
	VISIT_WAITING,    /* to be probed, not before `not_before_us` */
	VISIT_CONNECTING, /* its SYN is out */
	VISIT_STANDING,   /* its connection stands */
	VISIT_SETTLED,    /* no more attempts */
};

struct visit_port {
	uint16_t port;
	enum port_mode mode;
	bool is_control;
	enum visit_port_status status;
	int64_t not_before_us, began_us;
	int tries, passed, vanished; /* passed: a handshake stood */
	enum stage ended;            /* of the attempt that got furthest */
	enum failure failure;
	bool hasty; /* single-SYN attempts: counting what passes */
	bool traced, trace_begun, trace_wanted;
	int trace_min_ttl; /* 1, or where the near check looks */
	int answer_ttl;    /* of its trace, or OBSERVE_ABSENT */
};

struct visit_plan {
	struct visit_port ports[VISIT_PORTS_MAX];
	size_t nports;
	enum trace_when trace;
	struct target_seen *target; /* borrowed: the findings go here */
	bool traces_chosen, second_look, control_repeated;
};

/* What to do now. */
enum visit_step {
	VISIT_PROBE, /* `port`: begin a probe */
	VISIT_TRACE, /* `port`: begin a trace from `min_ttl` on */
	VISIT_WAIT,  /* for an end, or until `wake_us` (0: no time) */
	VISIT_DONE,
};

struct visit_order {
	enum visit_step step;
	size_t port; /* index into plan->ports */
	int64_t wake_us;
};

void visit_plan_init(struct visit_plan *plan, const struct port_list *asked,
    const struct port_list *control, enum trace_when trace,
    struct target_seen *target);

/* The next step; a port that is to be probed or traced counts as begun. Ask
 * again until it says wait or done. */
struct visit_order visit_plan_next(struct visit_plan *plan, int64_t now_us);

/* The connection of port `index` stands. Returns the bits of the ports whose
 * pending connects must be cancelled now; they wait for another turn. */
uint64_t visit_plan_standing(
    struct visit_plan *plan, size_t index, int64_t now_us);

/* An attempt ended. It is added to the target. 0 or -ENOMEM. */
int visit_plan_probed(struct visit_plan *plan, size_t index,
    const struct probe_seen *seen, int64_t now_us);

/* A trace ended. It is added to the target. 0 or -ENOMEM. */
int visit_plan_traced(
    struct visit_plan *plan, size_t index, const struct path_seen *path);

#endif
