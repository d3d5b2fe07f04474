/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_VISIT_CONTROLS_H
#define EGRESS25_AGENT_MEASURE_VISIT_CONTROLS_H

/* Which port of a visit the others are held against. Ports are the plan's
 * own. */

#include "agent/measure/visit_state.h"

/* Not traced yet and of use as a control: best a control port that shook hands,
 * or that refused (what intercepts mail ports leaves it alone), then a whole
 * dialogue, then a refusal. NULL: none. */
struct visit_port *visit_controls_best(struct visit_plan *plan);

/* A control port that was not traced yet, best one that was tried: also if
 * nobody answers it, it shows how far packets get. NULL: none. */
struct visit_port *visit_controls_mute(struct visit_plan *plan);

/* No control answers, and each of them was tried. */
bool visit_controls_are_mute(const struct visit_plan *plan);

/* A control port shook hands: an interceptor of mail ports leaves it alone. */
bool visit_controls_shook_hands(const struct visit_plan *plan);

/* The distance that control ports show: what answers a port that was asked may
 * be nearer than the endpoint. OBSERVE_ABSENT: none does. */
int visit_controls_distance(const struct visit_plan *plan);

#endif
