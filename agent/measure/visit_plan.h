/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_VISIT_PLAN_H
#define EGRESS25_AGENT_MEASURE_VISIT_PLAN_H

/*
 * The decisions of one visit to one address, without I/O: which port to try
 * next, when to try again, what to trace. The caller runs the probes and
 * traces and says how they ended; all findings are in the target.
 *
 * Manners: one connection to the address at a time. A SYN that has been silent
 * for a second is no connection yet, so that the next port may begin beside
 * it; when one of them stands, the others are called back and begun again
 * later. 4xx and 5xx are never tried again.
 *
 * 465 asked as 465/starttls: a server that wants TLS first (RFC 8314, 3) is as
 * silent as one that is filtered. So silence there is followed by an attempt
 * with TLS first, and that, where what answers is no TLS, by another without.
 */

#include "lib/config/port_list.h"
#include "lib/report/observe.h"

enum trace_when { TRACE_AUTO, TRACE_ALWAYS, TRACE_NEVER };

#define VISIT_PORTS_MAX (2 * PORT_LIST_MAX)

enum visit_port_status {
	VISIT_WAITING,    /* to be probed, not before `not_before_us` */
	VISIT_CONNECTING, /* its SYN is out */
	VISIT_STANDING,   /* its connection stands */
	VISIT_SETTLED,    /* no more attempts */
};

/* What a port's trace is for (visit_traces.h). */
enum visit_look {
	LOOK_WHOLE, /* all of the path */
	LOOK_BREAK, /* again, where the path breaks off */
	LOOK_NEAR,  /* one TTL, just before the endpoint */
	LOOK_FAR,   /* that one, and the endpoint's */
	LOOK_AGAIN, /* one TTL, at which another port was answered */
};

enum visit_trace_status { NOT_TRACED, TRACE_DUE, TRACE_RUNNING, TRACE_ENDED };

struct visit_port {
	uint16_t port;
	enum port_mode mode;
	bool is_control;
	enum visit_port_status status;
	int64_t not_before_us, began_us;
	int tries, passed, vanished; /* passed: a handshake stood */
	int vanished_last;           /* in a row, up to now */
	int late;                    /* so often its first SYN was lost */
	int64_t connect_us;          /* the quickest handshake; 0: none */
	enum stage ended;            /* of the attempt that got furthest */
	enum failure failure;
	bool counting; /* short attempts: how many of them pass */
	bool counted;
	bool turned; /* 465 asked without TLS first: tried with it too */

	enum visit_trace_status trace;
	enum visit_look look;
	int min_ttl, max_ttl; /* of the trace that is due or running */
	int answer_ttl;       /* of its traces, or OBSERVE_ABSENT */
	int breaks_looked_at;
	int again_ttl, looked_again; /* at that TTL; 0: not yet */
};

struct visit_plan {
	struct visit_port ports[VISIT_PORTS_MAX];
	size_t nports;
	enum trace_when when;
	/* On the clock of the calls below; 0: none. What does not fit before
	 * it is not begun, and a timeout that it made is not kept as one. */
	int64_t deadline_us;
	struct target_seen *target; /* borrowed: the findings go here */
	bool has_control, looked_far, looked_near, control_repeated;
};

/* What to do now. */
enum visit_step {
	VISIT_PROBE, /* `port`: begin a probe */
	VISIT_TRACE, /* `port`: begin a trace from its min_ttl to its max_ttl */
	VISIT_WAIT,  /* for an end, or until `wake_us` (0: no time) */
	VISIT_DONE,
};

struct visit_order {
	enum visit_step step;
	size_t port; /* index into plan->ports */
	int64_t wake_us;
};

/* The deadline is for the caller to set. */
void visit_plan_init(struct visit_plan *plan, const struct port_list *asked,
    const struct port_list *control, enum trace_when when,
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

/* An attempt could not be made, for a reason of this host's own. */
void visit_plan_skip(struct visit_plan *plan, size_t index);

/* A trace ended. It is added to the target. 0 or -ENOMEM. */
int visit_plan_traced(struct visit_plan *plan, size_t index,
    const struct path_seen *path, int64_t now_us);

#endif
