/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_SIGN_POSSESSION_H
#define EGRESS25_LIB_SIGN_POSSESSION_H

#include "lib/base/base64.h"
#include "lib/sign/sign.h"

/*
 * The `possession` of POST /v1/agents/key: who asks that an agent's key be
 * another one shows that the new key is theirs too. It is an Ed25519 signature
 * by the new key, as base64, over
 *	"egress25-key/1\n" AGENT "\n" NEW-PUBLIC-KEY-AS-BASE64 "\n"
 * The request as a whole is signed by the old key (httpsig.h), which dates it.
 */
#define POSSESSION_SIZE      BASE64_SIZE(SIGN_SIGNATURE_SIZE)
#define POSSESSION_TEXT_SIZE 256

/* What is signed. Returns its length. */
size_t possession_text(const uint8_t public_key[SIGN_PUBLIC_SIZE],
    const char *agent_id, char text[POSSESSION_TEXT_SIZE]);

/* 0, or -EIO where the library failed. */
int possession_prove(const struct sign_key *new_key, const char *agent_id,
    char proof[POSSESSION_SIZE]);

bool possession_holds(const uint8_t public_key[SIGN_PUBLIC_SIZE],
    const char *agent_id, const char *proof);

#endif
