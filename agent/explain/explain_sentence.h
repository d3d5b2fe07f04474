/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_EXPLAIN_SENTENCE_H
#define EGRESS25_AGENT_EXPLAIN_EXPLAIN_SENTENCE_H

/* One plain sentence for each port. Pure. */

#include "agent/explain/explain_round.h"
#include "agent/explain/port_state.h"

/* Fill `port->because`. `ports` are all ports of the round, with their states:
 * the sentence also says which of them work. */
void explain_sentence(const struct explain_round *round,
    const struct explain_port *ports, size_t count, struct explain_port *port);

#endif
