/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/receipt/receipt.h"

#include <string.h>

#define VERSION   1
#define WITH_SPKI 2 /* the version that has it */
#define SPKI_SIZE 32

_Static_assert(RECEIPT_TEXT_SIZE > (RECEIPT_MOST * 4 + 2) / 3, "base64url");

/* Append, and read, a number of `size` bytes. */
static void put(uint8_t **at, uint64_t number, size_t size)
{
	while (size-- > 0)
		*(*at)++ = (uint8_t)(number >> (8 * size));
}

static uint64_t take(const uint8_t **at, size_t size)
{
	uint64_t number = 0;

	while (size-- > 0)
		number = number << 8 | *(*at)++;
	return number;
}

static void put_bytes(uint8_t **at, const uint8_t *bytes, size_t size)
{
	memcpy(*at, bytes, size);
	*at += size;
}

static void take_bytes(const uint8_t **at, uint8_t *bytes, size_t size)
{
	memcpy(bytes, *at, size);
	*at += size;
}

size_t receipt_pack(
    const struct receipt *receipt, uint8_t bytes[RECEIPT_BODY_MOST])
{
	uint8_t *at = bytes;

	put(&at, receipt->has_spki ? WITH_SPKI : VERSION, 1);
	put_bytes(&at, receipt->key_id, RECEIPT_KEY_ID_SIZE);
	put_bytes(&at, receipt->nonce, RECEIPT_NONCE_SIZE);
	put(&at, (uint64_t)receipt->at_ms, 8);
	put(&at, receipt->client.family, 1);
	put_bytes(&at, receipt->client.bytes, 16);
	put(&at, receipt->client_port, 2);
	put(&at, receipt->port, 2);
	put(&at, receipt->ttl, 1);
	put(&at, receipt->ehlo_length, 2);
	put_bytes(&at, receipt->ehlo_sha256, 32);
	if (receipt->has_spki)
		put_bytes(&at, receipt->spki_sha256, SPKI_SIZE);
	return (size_t)(at - bytes);
}

static bool is_address(const struct addr *address)
{
	static const uint8_t zeros[12];

	return address->family == 6 ||
	       (address->family == 4 &&
		   memcmp(address->bytes + 4, zeros, sizeof(zeros)) == 0);
}

/* Of a body of so many bytes. */
static bool is_version(const uint8_t *bytes, size_t length)
{
	if (length == RECEIPT_BODY_MOST)
		return bytes[0] == WITH_SPKI;
	return length == RECEIPT_BODY_MOST - SPKI_SIZE && bytes[0] == VERSION;
}

bool receipt_unpack(
    const uint8_t *bytes, size_t length, struct receipt *receipt)
{
	const uint8_t *at = bytes;

	memset(receipt, 0, sizeof(*receipt));
	if (!is_version(bytes, length))
		return false;
	receipt->has_spki = take(&at, 1) == WITH_SPKI;
	take_bytes(&at, receipt->key_id, RECEIPT_KEY_ID_SIZE);
	take_bytes(&at, receipt->nonce, RECEIPT_NONCE_SIZE);
	receipt->at_ms = (int64_t)take(&at, 8);
	receipt->client.family = (uint8_t)take(&at, 1);
	take_bytes(&at, receipt->client.bytes, 16);
	receipt->client_port = (uint16_t)take(&at, 2);
	receipt->port = (uint16_t)take(&at, 2);
	receipt->ttl = (uint8_t)take(&at, 1);
	receipt->ehlo_length = (uint16_t)take(&at, 2);
	take_bytes(&at, receipt->ehlo_sha256, 32);
	if (receipt->has_spki)
		take_bytes(&at, receipt->spki_sha256, SPKI_SIZE);
	return is_address(&receipt->client);
}

int receipt_hops(uint8_t ttl)
{
	static const int starts[] = {64, 128, 255};
	size_t i = 0;

	if (ttl == 0)
		return 0;
	while (starts[i] < ttl)
		i++;
	return starts[i] - ttl + 1;
}
