/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_DIAGNOSIS_H
#define EGRESS25_LIB_DIAGNOSE_DIAGNOSIS_H

#include "lib/report/observe.h"

#define DIAGNOSE_BECAUSE_SIZE 200

/* The diagnosis of one (endpoint address, port). */
struct diagnosis {
	uint16_t port;
	enum outcome outcome;
	enum mechanism mechanism;
	enum where where;
	/* The last hop that answered on this port, 0 for the host; for an early
	 * answer the TTL at which it came, less one. Or OBSERVE_ABSENT. */
	int after_hop;
	struct addr after_address;
	/* The first later hop that answered a control and never this port, or
	 * OBSERVE_ABSENT: the break lies between the two. */
	int before_hop;
	int endpoint_hops; /* the control's distance, or OBSERVE_ABSENT */
	unsigned signs;    /* of enum soft_sign */
	/* A beacon's right receipt: whom it saw, and over how many hops (0: it
	 * does not know). Absent: none. */
	struct addr seen_from;
	int seen_hops;
	bool plaintext;   /* reachable, no STARTTLS, none was expected */
	const char *rule; /* the name of the rule that decided; static */
	char because[DIAGNOSE_BECAUSE_SIZE]; /* the evidence, as a sentence */
	bool wordless;                       /* `because` is not asked for */
};

#endif
