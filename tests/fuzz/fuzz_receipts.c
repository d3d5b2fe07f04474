/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An honest agent visits two owners' beacons, and whoever is on the way does
 * what the input says: nothing of it makes the collector call the report false,
 * or brands the agent. The agent's dialogue, the beacon's session and the
 * collector's check are the real ones.
 *
 * An attempt is a byte: which beacon (1), which port (2-4: 25, 587 or 465),
 * whether it leaves by another uplink (8), whether the beacon's clock is wrong
 * (16) or its key not listed any more (32). Then a byte a step of its dialogue;
 * the last three bits of it:
 *
 *	0-1  what is said passes, all of it
 *	2    the same, but as if more lines of the reply followed
 *	3    as many bytes of what the beacon says pass as the next byte says;
 *	     the others are lost
 *	4    nothing passes for long
 *	5    the connection is closed (an even byte) or reset
 *	6    the agent is told the receipt of an attempt before
 *	7    the attempt passes to its end
 */

#include <stdio.h>
#include <string.h>

#include "agent/measure/dialog.h"
#include "agent/measure/receipt_ask.h"
#include "beacon/smtp/session.h"
#include "collector/intake/proof.h"
#include "collector/intake/receipts.h"
#include "lib/receipt/receipt_nonce.h"
#include "lib/receipt/receipt_sign.h"
#include "lib/report/report_decode.h"
#include "lib/report/report_encode.h"
#include "lib/report/words.h"
#include "tests/fuzz/fuzz.h"

#define AGENT         "0123456789abcdef0123456789abcdef"
#define NOW_MS        INT64_C(1790000000000)
#define LIFE_US       (120 * INT64_C(1000000))
#define ATTEMPTS_MOST 12
#define STEPS_MOST    64
#define BEACONS       2

static const uint8_t secret[SIGN_SECRET_SIZE] = {1};

struct world {
	const uint8_t *input;
	size_t left;
	struct sign_key *keys[BEACONS + 1]; /* and an old one */
	struct endpoint_list endpoints;
	struct report report;
	char
	    before[SESSION_REPLY_MAX]; /* a reply to EHLO, of another attempt */
	size_t before_length;
	unsigned attempts;
};

/* One attempt of the agent. */
struct attempt {
	struct world *world;
	unsigned beacon;
	uint8_t manner; /* the first byte */
	struct session session;
	struct dialog dialog;
	struct probe_seen seen;
	struct dialog_action action;
	int64_t now_us;
	char said[2 * SESSION_REPLY_MAX]; /* by the beacon, on its way */
	size_t length;
	bool passes; /* to its end */
};

/* Where it has ended, all passes. */
static uint8_t next_byte(struct world *world)
{
	if (world->left == 0)
		return 7;
	world->left--;
	return *world->input++;
}

static void add_beacon(struct world *world, unsigned number)
{
	static const char *const hosts[] = {"b.one.example", "b.two.example"};
	struct endpoint *endpoint;
	uint8_t seed[SIGN_SECRET_SIZE] = {(uint8_t)(number + 2)};
	char name[] = "beacon-0";

	name[7] = (char)('0' + number);
	fuzz_require(sign_key_of(seed, &world->keys[number]) == 0);
	endpoint = endpoints_add(&world->endpoints, name);
	fuzz_require(endpoint != NULL);
	snprintf(endpoint->host, sizeof(endpoint->host), "%s", hosts[number]);
	sign_key_public(world->keys[number], endpoint->known.receipt_keys[0]);
	endpoint->known.nreceipt_keys = 1;
}

static void add_target(struct world *world, unsigned number)
{
	struct target_seen *target = report_add_target(&world->report);
	char address[] = "203.0.111.25";

	fuzz_require(target != NULL);
	snprintf(
	    target->endpoint, sizeof(target->endpoint), "beacon-%u", number);
	snprintf(target->host, sizeof(target->host), "%s",
	    world->endpoints.items[number].host);
	target->family = 4;
	target->at_ms = NOW_MS;
	address[8] = (char)('1' + number);
	fuzz_require(addr_parse(&target->address, address));
}

/* --- the beacon --- */

static void queue(struct attempt *attempt, const struct session_reply *reply)
{
	fuzz_require(attempt->length + reply->length <= sizeof(attempt->said));
	memcpy(attempt->said + attempt->length, reply->text, reply->length);
	attempt->length += reply->length;
}

static void greet_back(struct attempt *attempt, const char *line, size_t length,
    struct session_reply *reply)
{
	struct world *world = attempt->world;
	unsigned key = attempt->manner & 32 ? BEACONS : attempt->beacon;
	struct receipt receipt = {
	    .at_ms = attempt->manner & 16 ? NOW_MS / 2 : NOW_MS + 1000,
	    .client_port = 40000,
	    .port = attempt->seen.port,
	    .ttl = 57,
	    .ehlo_length = (uint16_t)length};
	char text[RECEIPT_TEXT_SIZE];

	receipt.client = world->report.source4.address;
	receipt.client.bytes[0] ^= attempt->manner & 8;
	memcpy(receipt.nonce, attempt->session.nonce, RECEIPT_NONCE_SIZE);
	sha256(line, length, receipt.ehlo_sha256);
	fuzz_require(receipt_sign(world->keys[key], &receipt, text) == 0);
	session_greet_back(&attempt->session, text, reply);
}

static void hear(struct attempt *attempt, const char *line, size_t length)
{
	struct session_reply reply;

	session_line(&attempt->session, line, length, &reply);
	if (reply.next == SESSION_RECEIPT)
		greet_back(attempt, line, length, &reply);
	queue(attempt, &reply);
}

/* --- the way, and the agent --- */

static void begin_session(struct attempt *attempt)
{
	struct session_reply reply;

	session_begin(&attempt->session, "b.example", 50, &reply);
	if (attempt->dialog.options.mode == MODE_TLS)
		session_enter_tls(&attempt->session);
	queue(attempt, &reply);
}

/* What the agent wants done that needs no word of the beacon. */
static void settle(struct attempt *attempt)
{
	char line[DIALOG_COMMAND_MAX];

	while (attempt->action.want == DIALOG_WANT_SEND ||
	       attempt->action.want == DIALOG_WANT_TLS) {
		if (attempt->action.want == DIALOG_WANT_TLS) {
			session_enter_tls(&attempt->session);
			attempt->action = dialog_tls_done(
			    &attempt->dialog, attempt->now_us);
			continue;
		}
		fuzz_require(attempt->action.length < sizeof(line));
		memcpy(line, attempt->action.bytes, attempt->action.length);
		hear(attempt, line, attempt->action.length);
		attempt->action.want = DIALOG_WANT_BYTES;
	}
}

static void tell(struct attempt *attempt, const char *bytes, size_t length)
{
	if (length > 0 && attempt->action.want == DIALOG_WANT_BYTES)
		attempt->action = dialog_bytes(
		    &attempt->dialog, bytes, length, attempt->now_us);
}

/* So many of the bytes that wait; the others are lost. */
static void pass(struct attempt *attempt, size_t length)
{
	struct world *world = attempt->world;
	char said[sizeof(attempt->said)];

	if (length > attempt->length)
		length = attempt->length;
	memcpy(said, attempt->said, length);
	attempt->length = 0;
	tell(attempt, said, length);
	if (attempt->seen.receipt.said[0] != '\0' &&
	    length <= sizeof(world->before)) {
		world->before_length = length;
		memcpy(world->before, said, length);
	}
}

/* The last line of what waits is no longer the reply's last. */
static void keep_open(struct attempt *attempt)
{
	size_t at = attempt->length;

	if (at < 6)
		return;
	for (at -= 2; at > 0 && attempt->said[at - 1] != '\n'; at--)
		continue;
	if (attempt->said[at + 3] == ' ')
		attempt->said[at + 3] = '-';
}

static void step(struct attempt *attempt)
{
	uint8_t byte = attempt->passes ? 7 : next_byte(attempt->world);

	settle(attempt);
	switch (byte & 7) {
	case 2:
		keep_open(attempt);
		break;
	case 3:
		pass(attempt, next_byte(attempt->world));
		return;
	case 4:
		attempt->now_us = attempt->action.deadline_us;
		attempt->action = dialog_tick(
		    &attempt->dialog, attempt->now_us);
		return;
	case 5:
		attempt->action = dialog_closed(&attempt->dialog,
		    byte & 8 ? DIALOG_CLOSED_RST : DIALOG_CLOSED_FIN,
		    attempt->now_us);
		return;
	case 6:
		tell(attempt, attempt->world->before,
		    attempt->world->before_length);
		return;
	case 7:
		attempt->passes = true;
		break;
	default:
		break;
	}
	if (attempt->length > 0) {
		pass(attempt, attempt->length);
		return;
	}
	/* Nothing is on its way any more: what was lost is not said again. */
	attempt->now_us = attempt->action.deadline_us;
	attempt->action = dialog_tick(&attempt->dialog, attempt->now_us);
}

/* As probe.c begins it. */
static void begin(struct attempt *attempt, uint16_t port)
{
	struct dialog_options options = {.ehlo = "[10.0.0.7]",
	    .mode = port_mode_default(port),
	    .banner_ms = 30000,
	    .reply_ms = 10000,
	    .deadline_us = LIFE_US};
	uint8_t random[RECEIPT_RANDOM_SIZE] = {
	    (uint8_t)++attempt->world->attempts};
	struct probe_seen *seen = &attempt->seen;

	probe_seen_init(seen, port, options.mode);
	seen->receipt.asked = true;
	receipt_nonce_make(AGENT, random, seen->receipt.nonce);
	receipt_ask(seen, options.nonce);
	attempt->action = dialog_start(&attempt->dialog, &options, seen, 0);
	receipt_note_ehlo(seen, attempt->dialog.options.ehlo);
	begin_session(attempt);
}

static void try_once(struct world *world)
{
	static const uint16_t ports[] = {25, 587, 465, 25};
	struct attempt attempt = {.world = world};
	int steps;

	attempt.manner = next_byte(world);
	attempt.beacon = attempt.manner & 1;
	begin(&attempt, ports[attempt.manner >> 1 & 3]);
	for (steps = 0; attempt.action.want != DIALOG_WANT_CLOSE; steps++) {
		fuzz_require(steps < STEPS_MOST);
		attempt.passes |= steps > STEPS_MOST / 2;
		step(&attempt);
	}
	fuzz_require(
	    target_seen_add_probe(
		&world->report.targets[attempt.beacon], &attempt.seen) == 0);
}

/* --- the collector --- */

static void turn(struct target_seen *target)
{
	struct probe_seen swap;
	size_t i;

	for (i = 0; i < target->nprobes / 2; i++) {
		swap = target->probes[i];
		target->probes[i] = target->probes[target->nprobes - 1 - i];
		target->probes[target->nprobes - 1 - i] = swap;
	}
}

/* It comes, it comes again after its answer was lost, and its attempts are in
 * another order. */
static void hand_in(struct world *world, struct geo *geo)
{
	struct report report;
	struct buf json = {0};
	struct err err = {""};
	int times;
	size_t i;

	report_encode(&world->report, &json);
	fuzz_require(!json.failed);
	fuzz_require(report_decode(json.data, json.length, &report, &err) == 0);
	for (times = 0; times < 3; times++) {
		fuzz_require(receipts_check(&report, &world->endpoints, secret,
				 geo) == RECEIPTS_FINE);
		for (i = 0; times == 1 && i < report.ntargets; i++)
			turn(&report.targets[i]);
	}
	report_free(&report);
	buf_free(&json);
}

static void set_up(struct world *world)
{
	struct source_seen *source = &world->report.source4;
	unsigned i;

	snprintf(world->report.id, sizeof(world->report.id),
	    "01890a5d-ac96-774b-bcce-b302099a8057");
	snprintf(world->report.agent, sizeof(world->report.agent), AGENT);
	snprintf(world->report.software, sizeof(world->report.software), "x");
	world->report.started_ms = NOW_MS;
	world->report.ended_ms = NOW_MS + 60000;
	fuzz_require(addr_parse(&source->address, "192.0.2.25"));
	proof_make(secret, AGENT, &source->address, NOW_MS / 1000 + 3600,
	    source->proof);
	fuzz_require(sign_key_of(secret, &world->keys[BEACONS]) == 0);
	for (i = 0; i < BEACONS; i++) {
		add_beacon(world, i);
		add_target(world, i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct world world = {.input = bytes, .left = length};
	struct geo *geo;
	struct err err = {""};
	unsigned i;

	fuzz_require(geo_open("", "", &geo, &err) == 0);
	set_up(&world);
	while (world.left > 0 && world.attempts < ATTEMPTS_MOST)
		try_once(&world);
	hand_in(&world, geo);
	for (i = 0; i <= BEACONS; i++)
		sign_key_free(world.keys[i]);
	report_free(&world.report);
	endpoints_free(&world.endpoints);
	geo_close(geo);
	return 0;
}
