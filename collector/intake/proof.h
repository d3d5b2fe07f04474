/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_PROOF_H
#define EGRESS25_COLLECTOR_INTAKE_PROOF_H

/*
 * Source proofs: the collector's own word, given to an agent over a family,
 * that this agent's traffic came from this address. Bound to agent, address
 * and expiry by a MAC; any collector with the same secret can check it.
 */

#include "lib/base/addr.h"
#include "lib/report/report.h"
#include "lib/sign/sign.h"

#define PROOF_LIFE_S  (6 * 3600)
#define PROOF_EARLY_S 600 /* a measurement may be that much older */

void proof_make(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    const struct addr *address, int64_t expires_s,
    char proof[REPORT_PROOF_SIZE]);

/* True where the proof is ours, for this agent and address, and covers the
 * time `at_s`: not after its expiry, and not earlier than PROOF_EARLY_S before
 * it was made. */
bool proof_check(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    const struct addr *address, int64_t at_s, const char *proof);

/* The same in two steps, where one proof is for many times: whether it is ours
 * for this agent and address, and until when; and whether such a one covers
 * the time. */
bool proof_read(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    const struct addr *address, const char *proof, int64_t *expires_s);
bool proof_covers(int64_t expires_s, int64_t at_s);

/* The public pseudonym of an agent: 16 hex digits. */
void proof_pseudonym(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    char pseudonym[17]);

#endif
