/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_LETTER_H
#define EGRESS25_AGENT_EXPLAIN_LETTER_H

#include "agent/explain/explain_round.h"
#include "lib/base/buf.h"

struct readiness;

/*
 * Append a message to the provider, ready to send: what fails, what works to
 * the same hosts at the same time, after which hop it stops, the public
 * address with its reverse DNS, and a request. Times are UTC. It contains only
 * what was measured. `readiness` NULL: the address is unknown. False: no
 * network was seen to stop a port; nothing is appended. Pure.
 */
bool letter_write(const struct explain_round *round,
    const struct readiness *readiness, struct buf *out);

#endif
