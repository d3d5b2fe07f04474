/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_RECEIPT_RECEIPT_NONCE_H
#define EGRESS25_LIB_RECEIPT_RECEIPT_NONCE_H

/*
 * The nonce of a receipt is its agent's: 8 random bytes, and 16 of the SHA-256
 * of the agent's id and these. So a receipt proves nothing for another agent,
 * and the collector needs no memory of nonces.
 */

#include "lib/report/receipt_seen.h"

#define RECEIPT_RANDOM_SIZE 8

/* `agent` is its id; "" where nothing is reported. */
void receipt_nonce_make(const char *agent,
    const uint8_t random[RECEIPT_RANDOM_SIZE],
    uint8_t nonce[RECEIPT_NONCE_SIZE]);

bool receipt_nonce_is_of(
    const char *agent, const uint8_t nonce[RECEIPT_NONCE_SIZE]);

#endif
