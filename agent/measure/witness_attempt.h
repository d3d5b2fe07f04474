/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_WITNESS_ATTEMPT_H
#define EGRESS25_AGENT_MEASURE_WITNESS_ATTEMPT_H

/* The host's counters around one connect (witness.h). */

#include "agent/measure/witness.h"

struct witness_attempt {
	bool wanted;
	struct host_counters before;
};

/* Before the connect; nothing is read unless it is `wanted`. */
void witness_attempt_begin(struct witness_attempt *attempt, bool wanted);

/* The connect on `fd` ended as `seen` says: fill seen->host where one attempt
 * among others proves it. A RST that moved `lo`, or a retransmission that
 * failed, needs SYNs alone (witness_run.h). */
void witness_attempt_end(
    const struct witness_attempt *attempt, int fd, struct probe_seen *seen);

#endif
