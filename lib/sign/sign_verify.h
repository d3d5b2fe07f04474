/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_SIGN_SIGN_VERIFY_H
#define EGRESS25_LIB_SIGN_SIGN_VERIFY_H

#include "lib/sign/sign.h"

/* Verify an Ed25519 signature (RFC 8032, 5.1.7). Stricter than the RFC in one
 * point: false for every signature under a public key of small order. */
bool sign_verify(const uint8_t public_key[SIGN_PUBLIC_SIZE], const void *bytes,
    size_t length, const uint8_t signature[SIGN_SIGNATURE_SIZE]);

#endif
