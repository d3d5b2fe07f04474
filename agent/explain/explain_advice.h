/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_EXPLAIN_ADVICE_H
#define EGRESS25_AGENT_EXPLAIN_EXPLAIN_ADVICE_H

/* What to do next. Pure. */

#include "agent/explain/explain_round.h"
#include "agent/explain/port_state.h"
#include "lib/base/buf.h"

/* Append an empty line, "What to do:" and the list; nothing if there is nothing
 * to do. */
void explain_advice(const struct explain_round *round,
    const struct explain_port *ports, size_t count, struct buf *out);

#endif
