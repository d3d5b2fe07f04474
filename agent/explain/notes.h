/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_NOTES_H
#define EGRESS25_AGENT_EXPLAIN_NOTES_H

#include "agent/explain/explain_round.h"
#include "agent/explain/port_state.h"
#include "lib/base/buf.h"

/* Append a line for each thing worth knowing that stops no port: a
 * family that does not work here, soft signs, the servers' own words,
 * certificates, logins. Pure. */
void notes_add(const struct explain_round *round,
    const struct explain_port *ports, size_t count, struct buf *out);

#endif
