/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_VISIT_TRACES_H
#define EGRESS25_AGENT_MEASURE_VISIT_TRACES_H

/*
 * The half of visit_plan.h that decides on path traces.
 *
 * A port that fails is traced, and one control beside it, as soon as there is
 * something to compare. A port that nobody answers is a control as well: its
 * packets show how far any get. Where a path breaks off although another one
 * goes on, both are looked at side by side, often enough that neither chance
 * nor a router's limit on ICMP can convict. Where all is well, the control's
 * distance is taken, and one SYN on each port with a TTL that ends just before
 * the endpoint: nobody may answer that one. One port is also asked from the
 * endpoint's distance itself, because a control may be intercepted too.
 *
 * Routers may share connections out over paths of different lengths. So where a
 * port is answered from nearer than the farthest one, that one is asked at the
 * same TTL again and again, each time as a new connection.
 */

#include "agent/measure/visit_state.h"

/* A trace to begin now: true, and the index of its port. `quiet`: no
 * connection stands or is about to. `settled`: no port is to be probed any
 * more. */
bool visit_traces_next(struct visit_plan *plan, int64_t now_us, bool quiet,
    bool settled, size_t *index);

/* A trace is under way; one that may open a connection is. */
bool visit_traces_are_running(const struct visit_plan *plan);
bool visit_traces_may_connect(const struct visit_plan *plan);

/* What answers the port may be on one of two ways alone: it answers from nearer
 * than others are answered, or hops of the address's paths differ. */
bool visit_traces_doubt(
    const struct visit_plan *plan, const struct visit_port *port);

/* See visit_plan_traced(). */
int visit_traces_ended(
    struct visit_plan *plan, size_t index, const struct path_seen *path);

#endif
