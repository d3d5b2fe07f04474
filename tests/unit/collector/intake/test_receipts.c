/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/receipts.h"

#include <stdio.h>
#include <string.h>

#include "collector/intake/proof.h"
#include "lib/base/base64.h"
#include "lib/receipt/receipt_judge.h"
#include "lib/receipt/receipt_nonce.h"
#include "lib/receipt/receipt_sign.h"
#include "tests/support/key.h"
#include "tests/support/rows.h"

#define NOW_MS   INT64_C(1790000000000)
#define AGENT    "0123456789abcdef0123456789abcdef"
#define STRANGER "ffffffffffffffffffffffffffffffff"
#define EHLO     "EHLO [10.0.0.7]\r\n"

/* Where the agent is, by its source proof, and AS 64496 has it. */
#define OWN4      "192.0.2.25"
#define OWN6      "2001:db8::25"
#define SAME_AS   "198.51.100.9" /* by spread-asn alone */
#define ELSEWHERE "203.0.113.9"

static const uint8_t secret[SIGN_SECRET_SIZE] = {1};
static struct sign_key *listed_key, *new_key, *strange_key;

/* A report of one visit to a beacon: port 25, then 587. */
struct visit {
	struct report report;
	struct endpoint_list endpoints;
	struct receipt receipts[2]; /* before they are signed */
	struct sign_key *key;       /* that signs them */
	const char *asn_file;       /* NULL: none */
};

static void list_key(struct visit *visit, const struct sign_key *key)
{
	struct endpoint_known *known = &visit->endpoints.items[0].known;

	sign_key_public(key, known->receipt_keys[known->nreceipt_keys++]);
}

static void set_source(
    struct visit *visit, struct source_seen *source, const char *address)
{
	assert_true(addr_parse(&source->address, address));
	proof_make(secret, visit->report.agent, &source->address,
	    NOW_MS / 1000 + 3600, source->proof);
}

static void add_dialogue(struct visit *visit, uint16_t port)
{
	struct target_seen *target = &visit->report.targets[0];
	struct receipt *receipt = &visit->receipts[target->nprobes];
	uint8_t random[RECEIPT_RANDOM_SIZE] = {(uint8_t)port};
	struct probe_seen probe;

	probe_seen_init(&probe, port, MODE_STARTTLS);
	probe.ended = STAGE_DONE;
	probe.receipt.asked = true;
	receipt_nonce_make(AGENT, random, probe.receipt.nonce);
	sha256(EHLO, strlen(EHLO), probe.receipt.ehlo_sha256);
	*receipt = (struct receipt){.at_ms = NOW_MS + 1000,
	    .client_port = 40000,
	    .port = port,
	    .ttl = 57,
	    .ehlo_length = sizeof(EHLO) - 1,
	    .spki_sha256 = {7},
	    .has_spki = true};
	assert_true(addr_parse(&receipt->client, OWN4));
	memcpy(receipt->nonce, probe.receipt.nonce, RECEIPT_NONCE_SIZE);
	memcpy(receipt->ehlo_sha256, probe.receipt.ehlo_sha256, 32);
	assert_int_equal(target_seen_add_probe(target, &probe), 0);
}

static void set_up(struct visit *visit)
{
	struct target_seen *target;

	memset(visit, 0, sizeof(*visit));
	visit->key = listed_key;
	visit->asn_file = "geolite2-asn.mmdb";
	strcpy(visit->report.agent, AGENT);
	set_source(visit, &visit->report.source4, OWN4);
	assert_non_null(endpoints_add(&visit->endpoints, "beacon-1"));
	list_key(visit, listed_key);
	target = report_add_target(&visit->report);
	assert_non_null(target);
	strcpy(target->endpoint, "beacon-1");
	target->family = 4;
	target->at_ms = NOW_MS;
	add_dialogue(visit, 25);
	add_dialogue(visit, 587);
}

static struct probe_seen *probe_of(struct visit *visit, size_t index)
{
	return &visit->report.targets[0].probes[index];
}

static char *said_of(struct visit *visit, size_t index)
{
	return probe_of(visit, index)->receipt.said;
}

static void sign(struct visit *visit)
{
	size_t i;

	for (i = 0; i < 2; i++)
		assert_int_equal(receipt_sign(visit->key, &visit->receipts[i],
				     said_of(visit, i)),
		    0);
}

static int check(struct visit *visit)
{
	char asn[300] = "";
	struct geo *geo;
	struct err err;
	int error;

	if (visit->asn_file != NULL)
		snprintf(
		    asn, sizeof(asn), "%s/%s", GEO_FOLDER, visit->asn_file);
	assert_int_equal(geo_open(asn, "", &geo, &err), 0);
	error = receipts_check(&visit->report, &visit->endpoints, secret, geo);
	geo_close(geo);
	return error;
}

static void tear_down(struct visit *visit)
{
	report_free(&visit->report);
	endpoints_free(&visit->endpoints);
}

/* --- before the beacon signs --- */

static void by_a_strange_key(struct visit *visit)
{
	visit->key = strange_key;
}

static void by_a_new_listed_key(struct visit *visit)
{
	list_key(visit, new_key);
	visit->key = new_key;
}

static void by_a_key_no_longer_listed(struct visit *visit)
{
	visit->endpoints.items[0].known.nreceipt_keys = 0;
	list_key(visit, new_key);
}

static void without_listed_keys(struct visit *visit)
{
	visit->endpoints.items[0].known.nreceipt_keys = 0;
}

static void from(struct visit *visit, const char *address)
{
	assert_true(addr_parse(&visit->receipts[0].client, address));
}

static void from_the_prefix(struct visit *visit)
{
	from(visit, "192.0.2.200");
}

static void from_the_next_prefix(struct visit *visit)
{
	from(visit, "192.0.3.25");
}

static void from_elsewhere(struct visit *visit)
{
	from(visit, ELSEWHERE);
}

static void from_the_same_as(struct visit *visit)
{
	visit->asn_file = "spread-asn.mmdb";
	from(visit, SAME_AS);
}

static void from_two_unknown_networks(struct visit *visit)
{
	visit->asn_file = NULL;
	from(visit, ELSEWHERE);
}

static void from_the_other_family(struct visit *visit)
{
	from(visit, OWN6);
}

static void over_ipv6(struct visit *visit)
{
	visit->report.targets[0].family = 6;
	set_source(visit, &visit->report.source6, OWN6);
	from(visit, "2001:db8:0:9::1");
}

static void without_a_proof(struct visit *visit)
{
	visit->report.source4.proof[0] ^= 1;
}

static void without_a_source(struct visit *visit)
{
	visit->report.source4.address.family = 0;
}

static void on_another_port(struct visit *visit)
{
	visit->receipts[0].port = 2525;
}

static void from_another_client_port(struct visit *visit)
{
	visit->receipts[0].client_port = 1;
}

static void with_another_ehlo(struct visit *visit)
{
	sha256("EHLO proxy\r\n", 12, visit->receipts[0].ehlo_sha256);
}

static void without_a_nonce(struct visit *visit)
{
	memset(visit->receipts[0].nonce, 0, RECEIPT_NONCE_SIZE);
}

static void at(struct visit *visit, int64_t after_ms)
{
	visit->receipts[0].at_ms = NOW_MS + after_ms;
}

static void five_minutes_early(struct visit *visit)
{
	at(visit, -RECEIPT_BEFORE_MS);
}

static void a_day_early(struct visit *visit)
{
	at(visit, -INT64_C(86400000));
}

static void an_hour_late(struct visit *visit)
{
	at(visit, RECEIPT_AFTER_MS);
}

static void later_than_that(struct visit *visit)
{
	at(visit, RECEIPT_AFTER_MS + 1);
}

static void at_the_end_of_time(struct visit *visit)
{
	visit->receipts[0].at_ms = INT64_MIN;
}

/* --- when the agent has it --- */

static void no_receipt(struct visit *visit)
{
	said_of(visit, 0)[0] = '\0';
}

static void of_the_other_dialogue(struct visit *visit)
{
	strcpy(said_of(visit, 0), said_of(visit, 1));
}

static void own_signature(struct visit *visit)
{
	visit->receipts[0].port = 25;
	assert_int_equal(
	    receipt_sign(strange_key, &visit->receipts[0], said_of(visit, 0)),
	    0);
}

/* The listed key's id before a signature by another one. */
static void forged_key_id(struct visit *visit)
{
	uint8_t bytes[RECEIPT_MOST], public_key[SIGN_PUBLIC_SIZE];
	size_t length;

	own_signature(visit);
	assert_true(base64_decode(said_of(visit, 0), strlen(said_of(visit, 0)),
	    bytes, sizeof(bytes), &length));
	sign_key_public(listed_key, public_key);
	receipt_key_id(public_key, bytes + 1);
	base64url_encode(bytes, length, said_of(visit, 0));
}

static void damaged(struct visit *visit)
{
	said_of(visit, 0)[50] = ' ';
}

static void cut(struct visit *visit)
{
	said_of(visit, 0)[100] = '\0';
}

static void two_lines(struct visit *visit)
{
	memcpy(said_of(visit, 0) + 100, "\r\n250 XEGRESS25 ", 16);
}

static void one_letter(struct visit *visit)
{
	strcpy(said_of(visit, 0), "A");
}

static void of_a_stranger(struct visit *visit)
{
	receipt_nonce_make(STRANGER, (const uint8_t *)"12345678",
	    probe_of(visit, 0)->receipt.nonce);
}

static void of_a_random_nonce(struct visit *visit)
{
	memset(probe_of(visit, 0)->receipt.nonce, 7, RECEIPT_NONCE_SIZE);
}

static void of_zeros(struct visit *visit)
{
	memset(probe_of(visit, 0)->receipt.nonce, 0, RECEIPT_NONCE_SIZE);
}

static void replayed(struct visit *visit)
{
	memcpy(probe_of(visit, 1)->receipt.nonce,
	    probe_of(visit, 0)->receipt.nonce, RECEIPT_NONCE_SIZE);
	strcpy(said_of(visit, 1), said_of(visit, 0));
}

static void ends(struct visit *visit, enum stage stage, enum failure failure)
{
	probe_of(visit, 0)->ended = stage;
	probe_of(visit, 0)->failure = failure;
}

static void says_silent(struct visit *visit)
{
	ends(visit, STAGE_CONNECT, FAILURE_TIMEOUT);
}

static void says_reset(struct visit *visit)
{
	ends(visit, STAGE_BANNER, FAILURE_RESET);
}

static void says_stalled_in_tls(struct visit *visit)
{
	ends(visit, STAGE_TLS, FAILURE_TIMEOUT);
}

static void says_tls_came_first(struct visit *visit)
{
	probe_of(visit, 0)->mode = MODE_TLS;
	says_stalled_in_tls(visit);
}

static void silent_without_receipt(struct visit *visit)
{
	says_silent(visit);
	no_receipt(visit);
}

static void not_asked(struct visit *visit)
{
	of_a_stranger(visit);
	probe_of(visit, 0)->receipt.asked = false;
}

static void at_no_beacon(struct visit *visit)
{
	of_a_stranger(visit);
	strcpy(visit->report.targets[0].endpoint, "mx1");
}

typedef void change(struct visit *visit);

static const struct row {
	const char *name;
	change *before, *after;   /* it is signed; NULL: nothing changes */
	enum receipt_worth worth; /* of port 25's */
	bool is_false;            /* no honest agent has such a report */
} rows[] = {
    {"a receipt as the beacon signed it is right", NULL, NULL, RECEIPT_RIGHT},
    {"no receipt came", NULL, no_receipt, RECEIPT_MISSING},
    /* Keys. */
    {"a key that is not on the list", by_a_strange_key, NULL,
	RECEIPT_UNKNOWN_KEY},
    {"an agent signs by itself", NULL, own_signature, RECEIPT_UNKNOWN_KEY},
    {"and says that it was the beacon's key", NULL, forged_key_id,
	RECEIPT_SPOILED},
    {"the second of two keys while they are changed", by_a_new_listed_key, NULL,
	RECEIPT_RIGHT},
    {"the old key when only the new one is listed", by_a_key_no_longer_listed,
	NULL, RECEIPT_UNKNOWN_KEY},
    {"a beacon without a key on the list", without_listed_keys, NULL,
	RECEIPT_NONE},
    /* Whom the beacon saw. */
    {"a NAT's other address in the prefix", from_the_prefix, NULL,
	RECEIPT_RIGHT},
    {"an address of the next prefix", from_the_next_prefix, NULL,
	RECEIPT_OTHER_SOURCE},
    {"an address of another network", from_elsewhere, NULL,
	RECEIPT_OTHER_SOURCE},
    {"an address of the same AS", from_the_same_as, NULL, RECEIPT_RIGHT},
    {"two networks that no AS is known of are not one",
	from_two_unknown_networks, NULL, RECEIPT_OTHER_SOURCE},
    {"an IPv6 client on an IPv4 visit", from_the_other_family, NULL,
	RECEIPT_OTHER_SOURCE},
    {"over IPv6, an address of the /48", over_ipv6, NULL, RECEIPT_RIGHT},
    {"a source whose proof is spoiled", without_a_proof, NULL,
	RECEIPT_OTHER_SOURCE},
    {"a report without a source", without_a_source, NULL, RECEIPT_OTHER_SOURCE},
    {"a NAT changes the client's port", from_another_client_port, NULL,
	RECEIPT_RIGHT},
    /* What it saw. */
    {"the beacon saw it on another port", on_another_port, NULL,
	RECEIPT_OTHER_PORT},
    {"the beacon saw another EHLO", with_another_ehlo, NULL,
	RECEIPT_OTHER_EHLO},
    {"the beacon never heard the nonce", without_a_nonce, NULL,
	RECEIPT_OTHER_NONCE},
    {"the receipt of the agent's other dialogue", NULL, of_the_other_dialogue,
	RECEIPT_OTHER_NONCE},
    /* When. */
    {"five minutes before the visit is in time", five_minutes_early, NULL,
	RECEIPT_RIGHT},
    {"a day before is not", a_day_early, NULL, RECEIPT_STALE},
    {"an hour after it is in time", an_hour_late, NULL, RECEIPT_RIGHT},
    {"later is not", later_than_that, NULL, RECEIPT_STALE},
    {"the least time that there is", at_the_end_of_time, NULL, RECEIPT_STALE},
    /* The text. */
    {"a blank in it", NULL, damaged, RECEIPT_SPOILED},
    {"the half of it", NULL, cut, RECEIPT_SPOILED},
    {"a single letter", NULL, one_letter, RECEIPT_SPOILED},
    {"two lines", NULL, two_lines, RECEIPT_SPOILED},
    /* What no honest agent has. */
    {"another agent's nonce", NULL, of_a_stranger, RECEIPT_OTHER_NONCE, true},
    {"a nonce that is nobody's", NULL, of_a_random_nonce, RECEIPT_OTHER_NONCE,
	true},
    {"a nonce of zeros", NULL, of_zeros, RECEIPT_OTHER_NONCE, true},
    {"a stranger's nonce, and the receipt for zeros", without_a_nonce, of_zeros,
	RECEIPT_RIGHT, true},
    {"one nonce for two dialogues", NULL, replayed, RECEIPT_RIGHT, true},
    {"silence on a port on which the beacon answered EHLO", NULL, says_silent,
	RECEIPT_RIGHT, true},
    {"a reset before the greeting of such a dialogue", NULL, says_reset,
	RECEIPT_RIGHT, true},
    {"a dialogue that stalled in TLS after STARTTLS is honest", NULL,
	says_stalled_in_tls, RECEIPT_RIGHT},
    {"where TLS comes first, EHLO was not said yet then", NULL,
	says_tls_came_first, RECEIPT_RIGHT, true},
    {"silence alone is honest", NULL, silent_without_receipt, RECEIPT_NONE},
    {"what was not asked for is not looked at", NULL, not_asked, RECEIPT_NONE},
    {"nor is what is not of a beacon", NULL, at_no_beacon, RECEIPT_NONE},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct visit visit;

	set_up(&visit);
	if (row->before != NULL)
		row->before(&visit);
	sign(&visit);
	if (row->after != NULL)
		row->after(&visit);
	assert_int_equal(
	    check(&visit), row->is_false ? RECEIPTS_FALSE : RECEIPTS_FINE);
	assert_int_equal(probe_of(&visit, 0)->receipt.worth, row->worth);
	tear_down(&visit);
}

/* Whichever bit of a receipt changes, it is none of this key's any more. */
static void every_bit(void **state)
{
	uint8_t bytes[RECEIPT_MOST];
	struct visit visit;
	size_t bit, length;
	enum receipt_worth worth;

	(void)state;
	set_up(&visit);
	sign(&visit);
	assert_true(base64_decode(said_of(&visit, 0),
	    strlen(said_of(&visit, 0)), bytes, sizeof(bytes), &length));
	assert_int_equal(length, RECEIPT_MOST);
	for (bit = 0; bit < RECEIPT_MOST * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		base64url_encode(bytes, sizeof(bytes), said_of(&visit, 0));
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		receipt_judge(
		    &visit.report.targets[0], &visit.endpoints.items[0].known);
		worth = probe_of(&visit, 0)->receipt.worth;
		if (worth != RECEIPT_SPOILED && worth != RECEIPT_UNKNOWN_KEY)
			fail_msg("bit %zu: worth %d", bit, (int)worth);
	}
	tear_down(&visit);
}

/* --- two beacons, of whose dialogues the agent says that they failed --- */

#define SECOND "198.51.100.25" /* in the first one's AS by spread-asn alone */

struct two {
	struct visit visit;
	struct endpoint *first, *second;
	struct target_seen *other; /* the second beacon's */
	struct receipt receipt;    /* of it */
	struct sign_key *key;      /* that signs it */
};

/* Honest so far. */
static void set_up_two(struct two *two)
{
	const uint8_t random[RECEIPT_RANDOM_SIZE] = {9};
	struct endpoint_list *list = &two->visit.endpoints;
	struct probe_seen probe;

	set_up(&two->visit);
	two->second = endpoints_add(list, "beacon-2");
	two->first = &list->items[0];
	assert_non_null(two->second);
	strcpy(two->first->host, "beacon.one.example");
	strcpy(two->second->host, "beacon.two.example");
	sign_key_public(new_key, two->second->known.receipt_keys[0]);
	two->second->known.nreceipt_keys = 1;
	assert_true(
	    addr_parse(&two->visit.report.targets[0].address, "192.0.2.30"));
	two->other = report_add_target(&two->visit.report);
	assert_non_null(two->other);
	strcpy(two->other->endpoint, "beacon-2");
	assert_true(addr_parse(&two->other->address, SECOND));
	two->other->family = 4;
	two->other->at_ms = NOW_MS;
	two->receipt = two->visit.receipts[0];
	two->key = new_key;
	probe = two->visit.report.targets[0].probes[0];
	receipt_nonce_make(AGENT, random, probe.receipt.nonce);
	memcpy(two->receipt.nonce, probe.receipt.nonce, RECEIPT_NONCE_SIZE);
	assert_int_equal(target_seen_add_probe(two->other, &probe), 0);
}

static void deny_both(struct two *two)
{
	says_silent(&two->visit);
	two->other->probes[0].ended = STAGE_CONNECT;
	two->other->probes[0].failure = FAILURE_TIMEOUT;
}

static void deny_one(struct two *two)
{
	says_silent(&two->visit);
}

static void stall_after_ehlo(struct two *two)
{
	deny_one(two);
	two->other->probes[0].ended = STAGE_STARTTLS;
	two->other->probes[0].failure = FAILURE_TIMEOUT;
}

static void in_one_prefix(struct two *two)
{
	deny_both(two);
	assert_true(addr_parse(&two->other->address, "192.0.2.230"));
}

static void in_one_as(struct two *two)
{
	deny_both(two);
	two->visit.asn_file = "spread-asn.mmdb";
}

static void in_one_domain(struct two *two)
{
	deny_both(two);
	strcpy(two->second->host, "other.one.example");
}

static void in_domains_of_the_agent_s_word(struct two *two)
{
	in_one_domain(two);
	strcpy(two->visit.report.targets[0].host, "a.one.example");
	strcpy(two->other->host, "b.two.example");
}

static void by_one_key(struct two *two)
{
	deny_both(two);
	memcpy(two->second->known.receipt_keys[0],
	    two->first->known.receipt_keys[0], SIGN_PUBLIC_SIZE);
	two->key = listed_key;
}

static void by_another_uplink(struct two *two)
{
	deny_both(two);
	assert_true(addr_parse(&two->receipt.client, ELSEWHERE));
}

static void with_an_old_receipt(struct two *two)
{
	deny_both(two);
	two->receipt.at_ms -= INT64_C(86400000);
}

static void by_an_unlisted_key(struct two *two)
{
	deny_both(two);
	two->key = strange_key;
}

static const struct two_row {
	const char *name;
	void (*change)(struct two *two);
	enum receipts_found found;
} two_rows[] = {
    {"what two owners' beacons signed and the agent denies brands it",
	deny_both, RECEIPTS_BRAND},
    {"one of the two does not", deny_one, RECEIPTS_FALSE},
    {"nor with a stall behind EHLO at the other one", stall_after_ehlo,
	RECEIPTS_FALSE},
    {"nor do two of one /24", in_one_prefix, RECEIPTS_FALSE},
    {"nor two in one AS", in_one_as, RECEIPTS_FALSE},
    {"nor two of one domain", in_one_domain, RECEIPTS_FALSE},
    {"nor two whose hosts the agent alone says are apart",
	in_domains_of_the_agent_s_word, RECEIPTS_FALSE},
    {"nor two with one key", by_one_key, RECEIPTS_FALSE},
    {"nor where the second one saw another uplink", by_another_uplink,
	RECEIPTS_FALSE},
    {"nor where its receipt is of another day", with_an_old_receipt,
	RECEIPTS_FALSE},
    {"nor where its key is not on the list", by_an_unlisted_key,
	RECEIPTS_FALSE},
};

static void run_two_row(void **state)
{
	const struct two_row *row = *state;
	struct two two;

	memset(&two, 0, sizeof(two));
	set_up_two(&two);
	row->change(&two);
	sign(&two.visit);
	assert_int_equal(receipt_sign(two.key, &two.receipt,
			     two.other->probes[0].receipt.said),
	    0);
	assert_int_equal(check(&two.visit), row->found);
	tear_down(&two.visit);
}

/* A nonce may not come twice in all of a report, whichever target it is of. */
static void twins_of_two_targets(void **state)
{
	struct target_seen *target;
	struct visit visit;

	(void)state;
	set_up(&visit);
	sign(&visit);
	target = report_add_target(&visit.report);
	assert_non_null(target);
	strcpy(target->endpoint, "beacon-1");
	target->family = 4;
	target->at_ms = NOW_MS;
	assert_int_equal(target_seen_add_probe(target, probe_of(&visit, 0)), 0);
	assert_int_equal(check(&visit), RECEIPTS_FALSE);
	tear_down(&visit);
}

static int make_keys(void **state)
{
	(void)state;
	listed_key = key_new();
	new_key = key_new();
	strange_key = key_new();
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	sign_key_free(listed_key);
	sign_key_free(new_key);
	sign_key_free(strange_key);
	return 0;
}

int main(void)
{
	struct test_list list = {0};
	int code;

	make_keys(NULL);
	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, two_rows, run_two_row);
	test_add(&list, "no bit of a receipt can be changed", every_bit);
	test_add(&list, "one nonce at two targets of a report",
	    twins_of_two_targets);
	code = test_run("receipts", &list);
	free_keys(NULL);
	return code;
}
