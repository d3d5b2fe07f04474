/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_SIGN_POSSESSION_H
#define EGRESS25_LIB_SIGN_POSSESSION_H

#include "lib/base/base64.h"
#include "lib/sign/sign.h"

/*
 * The `possession` of POST /v1/agents/key, which replaces an agent's key: it
 * proves possession of the new private key. The proof is the new key's Ed25519
 * signature, in base64, over
 *	"egress25-key/1\n" AGENT "\n" NEW-PUBLIC-KEY-IN-BASE64 "\n"
 * The old key signs the request itself (httpsig.h), with the time.
 */
#define POSSESSION_SIZE      BASE64_SIZE(SIGN_SIGNATURE_SIZE)
#define POSSESSION_TEXT_SIZE 256

/* Write the text that is signed. Returns its length. */
size_t possession_text(const uint8_t public_key[SIGN_PUBLIC_SIZE],
    const char *agent_id, char text[POSSESSION_TEXT_SIZE]);

/* Make the proof. 0, or -EIO if OpenSSL failed. */
int possession_prove(const struct sign_key *new_key, const char *agent_id,
    char proof[POSSESSION_SIZE]);

#endif
