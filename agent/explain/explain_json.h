/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_EXPLAIN_JSON_H
#define EGRESS25_AGENT_EXPLAIN_EXPLAIN_JSON_H

#include "agent/explain/explain_round.h"
#include "agent/explain/port_state.h"
#include "lib/base/buf.h"

/* egress25-check/1 as one JSON object and a line end. `readiness` NULL: it
 * was not looked up. Pure. */
struct readiness;
void explain_json(const struct explain_round *round,
    const struct explain_port *ports, size_t count,
    const struct readiness *readiness, struct buf *out);

#endif
