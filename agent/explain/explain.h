/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_EXPLAIN_H
#define EGRESS25_AGENT_EXPLAIN_EXPLAIN_H

/* Sums up a round's diagnoses: a state and a sentence for each port. Pure. */

#include "agent/explain/explain_round.h"
#include "agent/explain/port_state.h"

/* Sum up by port, in the order 25, 587, 465, others. Returns how many of
 * `out` were filled. */
size_t explain_ports(
    const struct explain_round *round, struct explain_port *out, size_t most);

/* `check`'s exit code (section 2 of the contract): 1 some port is filtered,
 * intercepted or local, also at some endpoints only; else 3 if some port is
 * unknown, or the endpoint's own fault other than a refusal; else 0. */
int explain_exit_code(const struct explain_port *ports, size_t count);

#endif
