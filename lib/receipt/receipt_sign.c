/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/receipt/receipt_sign.h"

#include <string.h>

#include "lib/base/base64.h"

void receipt_key_id(const uint8_t public_key[SIGN_PUBLIC_SIZE],
    uint8_t key_id[RECEIPT_KEY_ID_SIZE])
{
	uint8_t digest[32];

	sha256(public_key, SIGN_PUBLIC_SIZE, digest);
	memcpy(key_id, digest, RECEIPT_KEY_ID_SIZE);
}

int receipt_sign(const struct sign_key *key, struct receipt *receipt,
    char text[RECEIPT_TEXT_SIZE])
{
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	uint8_t bytes[sizeof(RECEIPT_CONTEXT) - 1 + RECEIPT_MOST];
	uint8_t *body = bytes + sizeof(RECEIPT_CONTEXT) - 1;
	size_t length;
	int error;

	sign_key_public(key, public_key);
	receipt_key_id(public_key, receipt->key_id);
	memcpy(bytes, RECEIPT_CONTEXT, sizeof(RECEIPT_CONTEXT) - 1);
	length = receipt_pack(receipt, body);
	error = sign_bytes(
	    key, bytes, sizeof(RECEIPT_CONTEXT) - 1 + length, body + length);
	if (error == 0)
		base64url_encode(body, length + RECEIPT_SIGNATURE_SIZE, text);
	return error;
}
