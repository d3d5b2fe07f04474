/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/receipt/receipt_judge.h"

#include <string.h>

#include "lib/base/base64.h"
#include "lib/receipt/receipt_nonce.h"
#include "lib/receipt/receipt_sign.h"
#include "tests/support/key.h"
#include "tests/support/rows.h"

#define AT_MS 1790000000000
#define EHLO  "EHLO [192.0.2.1]\r\n"

enum change {
	AS_IT_IS,
	NOT_ASKED,
	NO_KEY_LISTED,
	OTHER_KEY_LISTED,
	SECOND_KEY_LISTED,
	NOTHING_SAID,
	NOTHING_SAID_NO_REPLY,
	NO_BASE64,
	CUT,
	LONGER,
	FLIPPED,
	OTHER_VERSION,
	OTHER_NONCE,
	NO_NONCE,
	OTHER_PORT,
	OTHER_EHLO,
	TOO_OLD,
	TOO_NEW,
	IPV6,
	WITH_SPKI,
	WITHOUT_ITS_SPKI,
};

static const struct row {
	const char *name;
	enum change change;
	enum receipt_worth worth;
} rows[] = {
    {"a receipt as the beacon signed it is right", AS_IT_IS, RECEIPT_RIGHT},
    {"a client with an IPv6 address", IPV6, RECEIPT_RIGHT},
    {"one that names the key of TLS", WITH_SPKI, RECEIPT_RIGHT},
    {"of which that name was cut", WITHOUT_ITS_SPKI, RECEIPT_SPOILED},
    {"one of an endpoint that is no beacon is not asked for", NOT_ASKED,
	RECEIPT_NONE},
    {"without a listed key nothing is concluded", NO_KEY_LISTED, RECEIPT_NONE},
    {"a key that is not listed proves nothing and accuses nobody",
	OTHER_KEY_LISTED, RECEIPT_UNKNOWN_KEY},
    {"the second of two listed keys signs", SECOND_KEY_LISTED, RECEIPT_RIGHT},
    {"EHLO was answered without a receipt", NOTHING_SAID, RECEIPT_MISSING},
    {"a dialogue that never had its EHLO answered misses none",
	NOTHING_SAID_NO_REPLY, RECEIPT_NONE},
    {"text that is not base64", NO_BASE64, RECEIPT_SPOILED},
    {"a receipt that was cut", CUT, RECEIPT_SPOILED},
    {"a receipt with bytes behind it", LONGER, RECEIPT_SPOILED},
    {"one bit was changed", FLIPPED, RECEIPT_SPOILED},
    {"a version that nobody knows yet", OTHER_VERSION, RECEIPT_SPOILED},
    {"another connection's receipt", OTHER_NONCE, RECEIPT_OTHER_NONCE},
    {"the beacon never saw the nonce", NO_NONCE, RECEIPT_OTHER_NONCE},
    {"the beacon saw it on another port", OTHER_PORT, RECEIPT_OTHER_PORT},
    {"the beacon saw another EHLO", OTHER_EHLO, RECEIPT_OTHER_EHLO},
    {"a receipt of yesterday", TOO_OLD, RECEIPT_STALE},
    {"a receipt of tomorrow", TOO_NEW, RECEIPT_STALE},
};

static void fill(
    struct probe_seen *probe, struct receipt *receipt, enum change change)
{
	static const uint8_t random[RECEIPT_RANDOM_SIZE] = {1, 2, 3};

	probe_seen_init(probe, 25, MODE_STARTTLS);
	probe->ended = STAGE_DONE;
	probe->receipt.asked = change != NOT_ASKED;
	receipt_nonce_make("a1", random, probe->receipt.nonce);
	sha256(EHLO, strlen(EHLO), probe->receipt.ehlo_sha256);
	*receipt = (struct receipt){.at_ms = AT_MS + 2000,
	    .client_port = 40000,
	    .port = 25,
	    .ttl = 57,
	    .ehlo_length = sizeof(EHLO) - 1};
	addr_parse(
	    &receipt->client, change == IPV6 ? "2001:db8::1" : "192.0.2.1");
	memcpy(receipt->nonce, probe->receipt.nonce, RECEIPT_NONCE_SIZE);
	sha256(EHLO, strlen(EHLO), receipt->ehlo_sha256);
	receipt->has_spki = change == WITH_SPKI || change == WITHOUT_ITS_SPKI;
	if (receipt->has_spki)
		receipt->spki_sha256[31] = 7;
	if (change == OTHER_NONCE)
		receipt->nonce[20] ^= 1;
	if (change == NO_NONCE)
		memset(receipt->nonce, 0, RECEIPT_NONCE_SIZE);
	if (change == OTHER_PORT)
		receipt->port = 587;
	if (change == OTHER_EHLO)
		sha256("EHLO proxy\r\n", 12, receipt->ehlo_sha256);
	if (change == TOO_OLD)
		receipt->at_ms = AT_MS - RECEIPT_BEFORE_MS - 1;
	if (change == TOO_NEW)
		receipt->at_ms = AT_MS + RECEIPT_AFTER_MS + 1;
}

static void spoil(struct probe_seen *probe, enum change change)
{
	char *said = probe->receipt.said;
	size_t length = strlen(said);

	if (change == NOTHING_SAID || change == NOTHING_SAID_NO_REPLY)
		said[0] = '\0';
	if (change == NOTHING_SAID_NO_REPLY)
		probe->ended = STAGE_EHLO;
	if (change == WITHOUT_ITS_SPKI) /* 43 characters have 32 bytes */
		said[length - 43] = '\0';
	if (change == NO_BASE64)
		said[7] = '*';
	if (change == CUT)
		said[length - 4] = '\0';
	if (change == LONGER)
		strcpy(said + length, "A");
	if (change == FLIPPED)
		said[100] = said[100] == 'A' ? 'B' : 'A';
	if (change == OTHER_VERSION)
		said[1] = said[1] == 'A' ? 'B' : 'A';
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct endpoint_known known = {0};
	uint8_t public_key[32], other_public[32];
	struct sign_key *key = key_new();
	struct sign_key *other = key_new();
	struct probe_seen probe;
	struct target_seen target = {
	    .at_ms = AT_MS, .probes = &probe, .nprobes = 1};
	struct receipt receipt;

	sign_key_public(key, public_key);
	sign_key_public(other, other_public);
	fill(&probe, &receipt, row->change);
	assert_int_equal(receipt_sign(key, &receipt, probe.receipt.said), 0);
	assert_int_equal(
	    strlen(probe.receipt.said), receipt.has_spki ? 258 : 215);
	spoil(&probe, row->change);
	if (row->change == OTHER_KEY_LISTED || row->change == SECOND_KEY_LISTED)
		memcpy(known.receipt_keys[known.nreceipt_keys++], other_public,
		    32);
	if (row->change != OTHER_KEY_LISTED && row->change != NO_KEY_LISTED)
		memcpy(
		    known.receipt_keys[known.nreceipt_keys++], public_key, 32);
	receipt_judge(&target, &known);
	assert_int_equal(probe.receipt.worth, row->worth);
	if (row->worth == RECEIPT_RIGHT) {
		assert_int_equal(probe.receipt.hops, 8);
		assert_true(addr_equal(&probe.receipt.client, &receipt.client));
		assert_int_equal(probe.receipt.client_port, 40000);
		assert_int_equal(probe.receipt.has_spki, receipt.has_spki);
		assert_int_equal(
		    probe.receipt.spki_sha256[31], receipt.has_spki ? 7 : 0);
	}
	sign_key_free(key);
	sign_key_free(other);
}

static const struct hops_row {
	const char *name;
	uint8_t ttl;
	int hops;
} hops_rows[] = {
    {"a beacon that does not know the TTL", 0, 0},
    {"no router between, from 64", 64, 1},
    {"seven routers, from 64", 57, 8},
    {"from 128, as Windows begins", 120, 9},
    {"from 255", 250, 6},
};

static void run_hops(void **state)
{
	const struct hops_row *row = *state;

	assert_int_equal(receipt_hops(row->ttl), row->hops);
}

static void test_nonce(void **state)
{
	static const uint8_t random[RECEIPT_RANDOM_SIZE] = {9};
	uint8_t nonce[RECEIPT_NONCE_SIZE];

	receipt_nonce_make("agent-a", random, nonce);
	assert_true(receipt_nonce_is_of("agent-a", nonce));
	assert_false(receipt_nonce_is_of("agent-b", nonce));
	assert_false(receipt_nonce_is_of("", nonce));
	nonce[0] ^= 1;
	assert_false(receipt_nonce_is_of("agent-a", nonce));
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, hops_rows, run_hops);
	test_add(&list, "a nonce is one agent's alone", test_nonce);
	return test_run("receipt", &list);
}
