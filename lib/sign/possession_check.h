/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_SIGN_POSSESSION_CHECK_H
#define EGRESS25_LIB_SIGN_POSSESSION_CHECK_H

#include "lib/sign/possession.h"

/* True if `proof` (possession.h) was made with the private key of `public_key`,
 * for this agent. Apart from possession.c because it verifies (sign_verify.c).
 */
bool possession_holds(const uint8_t public_key[SIGN_PUBLIC_SIZE],
    const char *agent_id, const char *proof);

#endif
