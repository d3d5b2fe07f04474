/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_EXPLAIN_TEXT_H
#define EGRESS25_AGENT_EXPLAIN_EXPLAIN_TEXT_H

#include "agent/explain/explain_round.h"
#include "agent/explain/port_state.h"
#include "lib/base/buf.h"

/* The table, the sentences and the advice. `colour` adds SGR codes. Pure. */
void explain_text(const struct explain_round *round,
    const struct explain_port *ports, size_t count, bool colour,
    struct buf *out);

#endif
