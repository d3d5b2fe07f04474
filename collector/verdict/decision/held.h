/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_DECISION_HELD_H
#define EGRESS25_COLLECTOR_VERDICT_DECISION_HELD_H

/*
 * The state that is published (doc/verdict.md, section 7): it is held while
 * today's decision, which is near a limit, does not contradict it. Pure.
 */

#include "collector/verdict/decision/decision.h"

/* The published state after a day with that decision; `state` is the one
 * before it, at first `insufficient`. */
enum network_state held_state(
    enum network_state state, const struct decision *decision);

/* Is it the same whatever state was published before? */
bool held_is_certain(const struct decision *decision);

#endif
