/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_VISIT_AGAIN_H
#define EGRESS25_AGENT_MEASURE_VISIT_AGAIN_H

/*
 * Looks at one TTL again and again, each by a new connection, so that it may go
 * by another one of two ways. Pure.
 */

#include "agent/measure/visit_state.h"

/* It is one of these. */
bool visit_again_is_look(enum visit_look look);

/* The TTL at which the port is asked next, if it is the farthest one: one that
 * answers another port. 0: none, or no more looks. */
int visit_again_farthest(
    const struct visit_plan *plan, struct visit_port *port);

/* The same of a port that was refused, if that is in doubt: just before the TTL
 * of the refusal, where it may come from as well; and then there, where some
 * connections may pass. */
int visit_again_doubted(const struct visit_plan *plan, struct visit_port *port);

/* How a port of which some connects passed and others were refused is looked at
 * once more: the filter of one of two ways may be met or missed each time. As a
 * whole, or just before the TTL at which others are answered, or not at all. */
enum visit_look visit_again_reset(const struct visit_plan *plan,
    struct visit_port *port, int *min_ttl, int *max_ttl);

/* The trace was such a look, and found nothing that is worth keeping. */
bool visit_again_is_nothing(
    struct visit_port *port, const struct path_seen *path);

#endif
