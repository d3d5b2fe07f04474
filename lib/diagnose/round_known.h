/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_ROUND_KNOWN_H
#define EGRESS25_LIB_DIAGNOSE_ROUND_KNOWN_H

/*
 * What the diagnosis of one target needs of the others in its round, found
 * once: what they saw tells an endpoint's fault from the network's.
 */

#include "lib/report/observe.h"

#define ROUND_EARLY_MAX 64

/* A port of `address` shook hands at `ttl`, nearer than its controls. */
struct early_seen {
	uint16_t port;
	int ttl;
	struct addr address;
	bool several; /* and so did another address of the family */
};

struct round_known {
	const struct target_seen *targets; /* borrowed */
	size_t ntargets;
	bool answered4, answered6; /* something did, over that family */
	struct early_seen early[ROUND_EARLY_MAX];
	size_t nearly;
};

/* Of early handshakes that differ in family, port or TTL, those beyond
 * ROUND_EARLY_MAX are passed over: they back no other one. */
void round_know(struct round_known *round, const struct target_seen *targets,
    size_t ntargets);

#endif
