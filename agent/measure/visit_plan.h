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
 * later. A dialogue that stands for longer than most (a late greeting) is
 * waited for beside others, of other ports, up to three at a time. 4xx and 5xx
 * are never tried again.
 *
 * A port other than 25 that is asked with a greeting in mind and says nothing
 * may want TLS first (RFC 8314, 3): an attempt with TLS first follows, and
 * that, where what answers is no TLS, by another without.
 */

#include "agent/measure/visit_state.h"

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

/* The deadline and `among_others` are for the caller to set. */
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

/* The port's next attempt is a handshake and no more: its dialogue passed, but
 * of two ways one may filter. */
bool visit_plan_is_bare(
    const struct visit_plan *plan, const struct visit_port *port);

/* Whether this host's counters are read around the port's next connect: the
 * last one got no SYN-ACK. */
bool visit_plan_wants_witness(const struct visit_port *port);

/* An attempt could not be made, for a reason of this host's own. */
void visit_plan_skip(struct visit_plan *plan, size_t index);

/* A trace ended. It is added to the target. 0 or -ENOMEM. */
int visit_plan_traced(struct visit_plan *plan, size_t index,
    const struct path_seen *path, int64_t now_us);

#endif
