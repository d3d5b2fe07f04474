/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/receipt/receipt_judge.h"

#include <string.h>

#include "lib/base/base64.h"
#include "lib/receipt/receipt_sign.h"
#include "lib/sign/sign_verify.h"

/* The listed key by which the receipt says it is signed, or NULL. */
static const uint8_t *find_key(
    const struct endpoint_known *known, const struct receipt *receipt)
{
	uint8_t id[RECEIPT_KEY_ID_SIZE];
	size_t i;

	for (i = 0; i < known->nreceipt_keys; i++) {
		receipt_key_id(known->receipt_keys[i], id);
		if (memcmp(id, receipt->key_id, sizeof(id)) == 0)
			return known->receipt_keys[i];
	}
	return NULL;
}

static bool is_stale(const struct receipt *receipt, int64_t at_ms)
{
	return receipt->at_ms < at_ms - RECEIPT_BEFORE_MS ||
	       receipt->at_ms > at_ms + RECEIPT_AFTER_MS;
}

/* Of a receipt whose signature is valid. */
static enum receipt_worth compare(const struct probe_seen *probe,
    const struct receipt *receipt, int64_t at_ms)
{
	const struct receipt_seen *seen = &probe->receipt;

	if (is_stale(receipt, at_ms))
		return RECEIPT_STALE;
	if (memcmp(receipt->nonce, seen->nonce, RECEIPT_NONCE_SIZE) != 0)
		return RECEIPT_OTHER_NONCE;
	if (receipt->port != probe->port)
		return RECEIPT_OTHER_PORT;
	if (memcmp(receipt->ehlo_sha256, seen->ehlo_sha256, 32) != 0)
		return RECEIPT_OTHER_EHLO;
	return RECEIPT_RIGHT;
}

/* A whole reply to EHLO came: the dialogue went on behind it. */
static bool had_reply(const struct probe_seen *probe)
{
	if (probe->mode == MODE_TLS)
		return probe->ended == STAGE_DONE;
	return probe->ended > STAGE_EHLO;
}

static void keep(struct receipt_seen *seen, const struct receipt *receipt)
{
	seen->client = receipt->client;
	seen->client_port = receipt->client_port;
	seen->port = receipt->port;
	seen->hops = receipt_hops(receipt->ttl);
	seen->has_spki = receipt->has_spki;
	memcpy(
	    seen->spki_sha256, receipt->spki_sha256, sizeof(seen->spki_sha256));
}

static enum receipt_worth judge(
    struct probe_seen *probe, const struct endpoint_known *known, int64_t at_ms)
{
	struct receipt_seen *seen = &probe->receipt;
	uint8_t bytes[sizeof(RECEIPT_CONTEXT) - 1 + RECEIPT_MOST];
	uint8_t *body = bytes + sizeof(RECEIPT_CONTEXT) - 1;
	struct receipt receipt;
	const uint8_t *key;
	size_t length;

	if (!seen->asked || known->nreceipt_keys == 0)
		return RECEIPT_NONE;
	if (seen->said[0] == '\0')
		return had_reply(probe) ? RECEIPT_MISSING : RECEIPT_NONE;
	memcpy(bytes, RECEIPT_CONTEXT, sizeof(RECEIPT_CONTEXT) - 1);
	if (!base64_decode(
		seen->said, strlen(seen->said), body, RECEIPT_MOST, &length) ||
	    length <= RECEIPT_SIGNATURE_SIZE ||
	    !receipt_unpack(body, length - RECEIPT_SIGNATURE_SIZE, &receipt))
		return RECEIPT_SPOILED;
	length -= RECEIPT_SIGNATURE_SIZE;
	key = find_key(known, &receipt);
	if (key == NULL)
		return RECEIPT_UNKNOWN_KEY;
	if (!sign_verify(key, bytes, sizeof(RECEIPT_CONTEXT) - 1 + length,
		body + length))
		return RECEIPT_SPOILED;
	keep(seen, &receipt);
	return compare(probe, &receipt, at_ms);
}

void receipt_judge(
    struct target_seen *target, const struct endpoint_known *known)
{
	size_t i;

	for (i = 0; i < target->nprobes; i++)
		target->probes[i].receipt.worth = judge(
		    &target->probes[i], known, target->at_ms);
}
