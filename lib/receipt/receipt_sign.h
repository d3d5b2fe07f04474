/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_RECEIPT_RECEIPT_SIGN_H
#define EGRESS25_LIB_RECEIPT_RECEIPT_SIGN_H

#include "lib/receipt/receipt.h"
#include "lib/sign/sign.h"

/* The id of a public key, by which a receipt names it. */
void receipt_key_id(const uint8_t public_key[SIGN_PUBLIC_SIZE],
    uint8_t key_id[RECEIPT_KEY_ID_SIZE]);

/* Sign, and write the parameter of the keyword. Sets the key id. 0, or -EIO if
 * OpenSSL failed. */
int receipt_sign(const struct sign_key *key, struct receipt *receipt,
    char text[RECEIPT_TEXT_SIZE]);

#endif
