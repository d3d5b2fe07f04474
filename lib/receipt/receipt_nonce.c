/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/receipt/receipt_nonce.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/sign/sign.h"

void receipt_nonce_make(const char *agent,
    const uint8_t random[RECEIPT_RANDOM_SIZE],
    uint8_t nonce[RECEIPT_NONCE_SIZE])
{
	char text[256], hex[2 * RECEIPT_RANDOM_SIZE + 1];
	uint8_t digest[32];

	hex_encode(random, RECEIPT_RANDOM_SIZE, hex);
	snprintf(
	    text, sizeof(text), "egress25-nonce/1\n%.128s\n%s\n", agent, hex);
	sha256(text, strlen(text), digest);
	memcpy(nonce, random, RECEIPT_RANDOM_SIZE);
	memcpy(nonce + RECEIPT_RANDOM_SIZE, digest,
	    RECEIPT_NONCE_SIZE - RECEIPT_RANDOM_SIZE);
}

bool receipt_nonce_is_of(
    const char *agent, const uint8_t nonce[RECEIPT_NONCE_SIZE])
{
	uint8_t made[RECEIPT_NONCE_SIZE];

	receipt_nonce_make(agent, nonce, made);
	return memcmp(made, nonce, sizeof(made)) == 0;
}
