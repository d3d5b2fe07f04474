/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_WITNESS_RUN_H
#define EGRESS25_AGENT_MEASURE_WITNESS_RUN_H

/*
 * Asks the host's witness (witness.h) about ports whose own attempts did not
 * settle it: SYNs alone, when no other connection of a round is under way.
 * Silent ports are asked together; a group of which some are held inside this
 * host is split, first by port. Ports that were reset are asked one at a time.
 */

#include "agent/measure/witness.h"

struct allowance;
struct event_base;

/* Called exactly once, from the loop, unless cancelled. The suspects come in
 * the order in which they were given, with `host` known where something was
 * proved; borrowed until it returns. */
typedef void witness_run_done(
    void *arg, const struct witness_suspect *suspects, size_t count);

/* Start; at most until `deadline_us` (clock_mono_us()). The suspects are
 * copied, at most WITNESS_SUSPECTS_MAX of them. NULL: no memory. */
struct witness_run;
struct witness_run *witness_run_start(struct event_base *base,
    const struct witness_suspect *suspects, size_t count, int64_t deadline_us,
    witness_run_done *done, void *arg);

/* Keep to this allowance, which is borrowed, from now on. What it has no room
 * for is not asked. */
void witness_run_keep_to(struct witness_run *run, struct allowance *allowance);

/* Give it up: no callback will come. NULL is allowed. */
void witness_run_cancel(struct witness_run *run);

#endif
