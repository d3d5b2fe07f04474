/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sign/possession_check.h"

#include <string.h>

#include "lib/sign/sign_verify.h"

bool possession_holds(const uint8_t public_key[SIGN_PUBLIC_SIZE],
    const char *agent_id, const char *proof)
{
	uint8_t signature[SIGN_SIGNATURE_SIZE];
	char text[POSSESSION_TEXT_SIZE];
	size_t length;

	return base64_decode(proof, strlen(proof), signature, sizeof(signature),
		   &length) &&
	       length == sizeof(signature) &&
	       sign_verify(public_key, text,
		   possession_text(public_key, agent_id, text), signature);
}
