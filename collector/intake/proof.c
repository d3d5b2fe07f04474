/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/base64.h"

#define MAC_BYTES 16 /* of the HMAC's 32: enough for some hours */

/* The MAC over everything that a proof states. It begins with its purpose, so
 * that no other MAC with this secret can pass for a proof. */
static void make_mac(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    const struct addr *address, int64_t expires_s, uint8_t mac[32])
{
	char text[ADDR_TEXT_SIZE], message[256];
	int length;

	length = snprintf(message, sizeof(message),
	    "source-proof|%.64s|%s|%lld", agent, addr_format(address, text),
	    (long long)expires_s);
	hmac_sha256(secret, SIGN_SECRET_SIZE, message, (size_t)length, mac);
}

void proof_make(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    const struct addr *address, int64_t expires_s,
    char proof[REPORT_PROOF_SIZE])
{
	char text[BASE64_SIZE(MAC_BYTES)];
	uint8_t mac[32];

	make_mac(secret, agent, address, expires_s, mac);
	base64url_encode(mac, MAC_BYTES, text);
	snprintf(
	    proof, REPORT_PROOF_SIZE, "%lld.%s", (long long)expires_s, text);
}

bool proof_read(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    const struct addr *address, const char *proof, int64_t *expires_s)
{
	uint8_t said[MAC_BYTES], real[32];
	size_t length, digits = strspn(proof, "0123456789");

	if (digits == 0 || digits > 15 || proof[digits] != '.')
		return false;
	*expires_s = strtoll(proof, NULL, 10);
	proof += digits + 1;
	if (!base64_decode(proof, strlen(proof), said, sizeof(said), &length) ||
	    length != MAC_BYTES)
		return false;
	make_mac(secret, agent, address, *expires_s, real);
	return equal_constant_time(said, real, MAC_BYTES);
}

bool proof_covers(int64_t expires_s, int64_t at_s)
{
	return at_s <= expires_s &&
	       at_s >= expires_s - PROOF_LIFE_S - PROOF_EARLY_S;
}

bool proof_check(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    const struct addr *address, int64_t at_s, const char *proof)
{
	int64_t expires_s;

	return proof_read(secret, agent, address, proof, &expires_s) &&
	       proof_covers(expires_s, at_s);
}

void proof_pseudonym(const uint8_t secret[SIGN_SECRET_SIZE], const char *agent,
    char pseudonym[17])
{
	char message[128];
	uint8_t mac[32];
	int length;

	length = snprintf(message, sizeof(message), "pseudonym|%.64s", agent);
	hmac_sha256(secret, SIGN_SECRET_SIZE, message, (size_t)length, mac);
	hex_encode(mac, 8, pseudonym);
}
