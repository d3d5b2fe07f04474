/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sign/possession.h"

#include <stdio.h>
#include <string.h>

size_t possession_text(const uint8_t public_key[SIGN_PUBLIC_SIZE],
    const char *agent_id, char text[POSSESSION_TEXT_SIZE])
{
	char key[BASE64_SIZE(SIGN_PUBLIC_SIZE)];

	base64_encode(public_key, SIGN_PUBLIC_SIZE, key);
	snprintf(text, POSSESSION_TEXT_SIZE, "egress25-key/1\n%.128s\n%s\n",
	    agent_id, key);
	return strlen(text);
}

int possession_prove(const struct sign_key *new_key, const char *agent_id,
    char proof[POSSESSION_SIZE])
{
	uint8_t public_key[SIGN_PUBLIC_SIZE], signature[SIGN_SIGNATURE_SIZE];
	char text[POSSESSION_TEXT_SIZE];
	int error;

	sign_key_public(new_key, public_key);
	error = sign_bytes(new_key, text,
	    possession_text(public_key, agent_id, text), signature);
	if (error == 0)
		base64_encode(signature, sizeof(signature), proof);
	return error;
}
