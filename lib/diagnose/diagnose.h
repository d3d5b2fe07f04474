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
#include "lib/report/observe.h"

enum outcome {
	OUTCOME_REACHABLE,
	OUTCOME_FILTERED,
	OUTCOME_INTERCEPTED,
	OUTCOME_LOCAL,
	OUTCOME_ENDPOINT,
	OUTCOME_UNKNOWN,
	OUTCOME_COUNT
};

enum mechanism {
	MECHANISM_OPEN,
	MECHANISM_REJECTED,
	MECHANISM_DROP,
	MECHANISM_DROP_REPLY,
	MECHANISM_RESET,
	MECHANISM_ICMP,
	MECHANISM_RESET_AFTER_CONNECT,
	MECHANISM_STALL_AFTER_CONNECT,
	MECHANISM_THROTTLE,
	MECHANISM_REDIRECT,
	MECHANISM_STARTTLS_STRIPPED,
	MECHANISM_TLS_INTERCEPTED,
	MECHANISM_DENIED,
	MECHANISM_DOWN,
	MECHANISM_REFUSED,
	MECHANISM_OFFLINE,
	MECHANISM_NO_ROUTE,
	MECHANISM_RESOLVE,
	MECHANISM_NO_CONTROL,
	MECHANISM_COUNT
};

enum where {
	WHERE_NONE,
	WHERE_HOST,
	WHERE_ACCESS,
	WHERE_PATH,
	WHERE_FAR_END,
	WHERE_COUNT
};

/* Soft signs: each alone convicts nobody. */
enum soft_sign {
	SOFT_GREETING_DIFFERS = 1 << 0,
	SOFT_KEY_DIFFERS = 1 << 1,
	SOFT_NO_STARTTLS = 1 << 2,
	SOFT_EARLY_HANDSHAKE = 1 << 3,
	SOFT_SLOW = 1 << 4,
};

#define DIAGNOSE_BECAUSE_SIZE 200
#define DIAGNOSE_KEYS_MAX     8
#define DIAGNOSE_PORTS_MAX    32 /* asked ports of one target */

/* What is known of the endpoint beforehand; all of it may be unknown. */
struct endpoint_known {
	bool offers_starttls;
	uint8_t spki_sha256[DIAGNOSE_KEYS_MAX][32];
	size_t nspki;
};

/* The diagnosis of one (endpoint address, port). */
struct diagnosis {
	uint16_t port;
	enum outcome outcome;
	enum mechanism mechanism;
	enum where where;
	int after_hop; /* OBSERVE_ABSENT: not known; 0: the host itself */
	struct addr after_address;
	int endpoint_hops; /* the control's distance, or OBSERVE_ABSENT */
	unsigned signs;    /* of enum soft_sign */
	bool plaintext;    /* reachable, no STARTTLS, none was expected */
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
