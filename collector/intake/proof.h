/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_PROOF_H
#define EGRESS25_COLLECTOR_INTAKE_PROOF_H

/*
 * Source proofs: a statement of the collector, given to an agent over one
 * address family, that the agent's traffic came from this address. A MAC binds
 * it to agent, address and expiry; any collector with the same secret can check
 * it.
 */

#include "lib/base/addr.h"
#include "lib/report/report.h"
#include "lib/sign/sign.h"

#define PROOF_LIFE_S (6 * 3600)
#define PROOF_EARLY_S \
	600 /* a measurement may be older than its proof by this */

/* Make a proof. */
void proof_make(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    const struct addr *address, int64_t expires_s,
    char proof[REPORT_PROOF_SIZE]);

/* Is it a proof of ours for this agent and address? Its expiry, in seconds
 * since 1970, is then in `expires_s`; whether that has passed is not checked.
 */
bool proof_read(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    const struct addr *address, const char *proof, int64_t *expires_s);

/* Does a proof with that expiry hold at `at_s`: not after its expiry, and not
 * more than PROOF_EARLY_S before it was made? */
bool proof_covers(int64_t expires_s, int64_t at_s);

/* Both of these, for a single time. */
bool proof_check(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    const struct addr *address, int64_t at_s, const char *proof);

/* The public pseudonym of an agent: 16 hex digits. */
void proof_pseudonym(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    char pseudonym[17]);

#endif
