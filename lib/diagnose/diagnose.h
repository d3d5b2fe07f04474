/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_DIAGNOSE_H
#define EGRESS25_LIB_DIAGNOSE_DIAGNOSE_H

/*
 * From what one round saw of one endpoint address to what was done to each of
 * its ports, and after which hop. Pure: the agent calls it for its user, the
 * collector for everyone, and both say the same.
 *
 * The rule under all rules: a port is called filtered only against a control,
 * another port of the same address that answered in the same round from the
 * endpoint's own distance. Where the evidence does not decide, the outcome is
 * `unknown`.
 */

#include "lib/diagnose/round_known.h"
#include "lib/report/endpoint_known.h"
#include "lib/report/observe.h"

#define DIAGNOSE_BECAUSE_SIZE 200
#define DIAGNOSE_PORTS_MAX    32 /* asked ports of one target */

/* The diagnosis of one (endpoint address, port). */
struct diagnosis {
	uint16_t port;
	enum outcome outcome;
	enum mechanism mechanism;
	enum where where;
	int after_hop; /* OBSERVE_ABSENT: not known; 0: the host itself */
	struct addr after_address;
	/* The first later hop that answered a control and never this port, or
	 * OBSERVE_ABSENT: the break lies between the two. */
	int before_hop;
	int endpoint_hops; /* the control's distance, or OBSERVE_ABSENT */
	unsigned signs;    /* of enum soft_sign */
	bool plaintext;    /* reachable, no STARTTLS, none was expected */
	const char *rule;  /* the name of the rule that decided; static */
	char because[DIAGNOSE_BECAUSE_SIZE]; /* the evidence, as a sentence */
};

/*
 * Diagnose every asked port of `target` (mode starttls or tls; control ports
 * only serve as evidence), in the order of the ports' first probes. Returns
 * how many of `out` were filled, at most DIAGNOSE_PORTS_MAX. `known` may be
 * NULL; `round` holds the target itself too.
 */
size_t diagnose_target(const struct target_seen *target,
    const struct endpoint_known *known, const struct round_known *round,
    struct diagnosis out[DIAGNOSE_PORTS_MAX]);

#endif
