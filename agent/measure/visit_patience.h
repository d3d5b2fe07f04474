/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_VISIT_PATIENCE_H
#define EGRESS25_AGENT_MEASURE_VISIT_PATIENCE_H

/*
 * How long a visit waits for a greeting. An address has one connection at a
 * time, so a port that accepts and says nothing keeps the others waiting: each
 * is given a few seconds, and then those that said nothing share what is left.
 * Pure.
 */

#include "agent/measure/visit_state.h"

/* For the next attempt on port `index`, which is about to begin; at most
 * `patience_ms`. */
int visit_patience_banner_ms(const struct visit_plan *plan, size_t index,
    int patience_ms, int64_t now_us);

/* Whether a port that said nothing can be given another turn. */
bool visit_patience_is_left(const struct visit_plan *plan, int64_t now_us);

#endif
