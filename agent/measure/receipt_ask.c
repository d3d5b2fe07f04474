/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/receipt_ask.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/base/random.h"
#include "lib/receipt/receipt_nonce.h"
#include "lib/sign/sign.h"

void receipt_draw_nonce(struct probe_seen *seen, const char *agent)
{
	uint8_t random[RECEIPT_RANDOM_SIZE];

	if (agent == NULL || seen->mode == MODE_CONNECT)
		return;
	seen->receipt.asked = true;
	random_bytes(random, sizeof(random));
	receipt_nonce_make(agent, random, seen->receipt.nonce);
}

void receipt_ask(const struct probe_seen *seen, char text[RECEIPT_NONCE_TEXT])
{
	text[0] = '\0';
	if (seen->receipt.asked)
		base64url_encode(seen->receipt.nonce, RECEIPT_NONCE_SIZE, text);
}

void receipt_note_ehlo(struct probe_seen *seen, const char *name)
{
	char line[300];

	if (!seen->receipt.asked)
		return;
	snprintf(line, sizeof(line), "EHLO %.256s\r\n", name);
	sha256(line, strlen(line), seen->receipt.ehlo_sha256);
}
