/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receipt_worlds FOLDER with|without: networks whose truth is known, and liars
 * in them, in FOLDER/collector.db; FOLDER/asn.mmdb has their addresses. Reports
 * of six owners' beacons pass the decoder, the check of receipts, attribution
 * and the store. "without": the list has no keys, so receipts are nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/intake/attribute.h"
#include "collector/intake/proof.h"
#include "collector/intake/receipts.h"
#include "collector/store/registry.h"
#include "collector/store/sqlite/sqlite_engine.h"
#include "collector/store/sqlite/sqlite_handle.h"
#include "lib/base/clock.h"
#include "lib/receipt/receipt_nonce.h"
#include "lib/receipt/receipt_sign.h"
#include "lib/report/report_decode.h"
#include "lib/report/report_encode.h"

#define BEACONS     6
#define KINDS       5
#define EACH        11 /* networks of a kind */
#define HONEST      4  /* lines of a network, each in a prefix of its own */
#define LIARS       10
#define DAYS        10
#define LONG_AGO    100 /* days: everybody was there */
#define EHLO        "EHLO fleet.example\r\n"
#define DAY_OF_MS   INT64_C(86400000)
#define HOPS        8 /* then the beacon */
#define KEPT_OF_TEN 3 /* of their receipts, by the careless */

/* By the order in which the test reads them. */
enum kind {
	OPEN_ALONE,    /* nobody lies */
	BLOCKED_ALONE, /* 25 is filtered, and nobody lies */
	OPEN_CARELESS, /* liars say filtered, and leave some receipts in */
	OPEN_CAREFUL,  /* liars say filtered, and leave all receipts out */
	BLOCKED_FORGED /* liars say open, and forge receipts or have none */
};

struct world {
	struct store *store;
	struct geo *geo;
	struct endpoint_list endpoints;
	struct sign_key *keys[BEACONS], *forger;
	uint8_t secret[SIGN_SECRET_SIZE];
	uint64_t random;
	size_t serial;
	int64_t now_ms;
	size_t false_reports, branded;
	bool revoked[KINDS * EACH][HONEST + LIARS];
	struct err err;
};

struct line {
	size_t network, number;
	enum kind kind;
	bool lies;
	char agent[REPORT_AGENT_SIZE];
	struct addr address;
	int64_t at_ms;
};

static void must(int error, const char *what, const struct err *err)
{
	if (error >= 0)
		return;
	fprintf(stderr, "%s: %d %s\n", what, error, err->text);
	exit(1);
}

/* splitmix64 */
static uint64_t draw(struct world *world, uint64_t limit)
{
	uint64_t value = world->random += UINT64_C(0x9e3779b97f4a7c15);

	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (value ^ (value >> 31)) % limit;
}

static struct addr address_of(
    size_t first, size_t network, size_t prefix, size_t host)
{
	struct addr address;
	char text[32];

	snprintf(text, sizeof(text), "%zu.%zu.%zu.%zu", first, network, prefix,
	    host);
	if (!addr_parse(&address, text))
		abort();
	return address;
}

/* --- what a line tells of one beacon --- */

static void add_path(struct target_seen *target, uint16_t port, size_t network,
    size_t beacon, int silent_from)
{
	struct path_seen path = {.port = port, .answer_ttl = OBSERVE_ABSENT};
	int ttl;

	for (ttl = 1; ttl <= HOPS; ttl++) {
		struct hop_seen *hop = &path.hops[path.nhops++];

		hop->ttl = ttl;
		hop->us = OBSERVE_ABSENT;
		hop->asked = 3;
		if (ttl >= silent_from)
			continue;
		hop->us = 1000 * ttl;
		hop->answered = 3;
		hop->address = ttl == HOPS
				   ? address_of(45, beacon, 0, 1)
				   : address_of(11, network, 250, (size_t)ttl);
	}
	if (silent_from > HOPS) {
		path.reached = true;
		path.answer = ANSWER_SYN_ACK;
		path.answer_ttl = HOPS + 1;
	}
	must(target_seen_add_path(target, &path), "a path", NULL);
}

static void sign_by(const struct sign_key *key, const struct line *line,
    uint16_t port, struct receipt_seen *seen)
{
	struct receipt receipt = {.at_ms = line->at_ms + 500,
	    .client = line->address,
	    .client_port = 40000,
	    .port = port,
	    .ttl = 64 - HOPS - 1,
	    .ehlo_length = sizeof(EHLO) - 1};

	memcpy(receipt.nonce, seen->nonce, sizeof(receipt.nonce));
	memcpy(receipt.ehlo_sha256, seen->ehlo_sha256, 32);
	must(receipt_sign(key, &receipt, seen->said), "a receipt", NULL);
}

/* A dialogue that the beacon completed. */
static struct probe_seen completed(
    struct world *world, const struct line *line, size_t beacon, uint16_t port)
{
	uint8_t random[RECEIPT_RANDOM_SIZE];
	struct probe_seen probe;
	size_t i;

	for (i = 0; i < sizeof(random); i++)
		random[i] = (uint8_t)draw(world, 256);
	probe_seen_init(&probe, port, MODE_STARTTLS);
	probe.ended = STAGE_DONE;
	probe.us[STAGE_CONNECT] = 20000;
	probe.receipt.asked = true;
	receipt_nonce_make(line->agent, random, probe.receipt.nonce);
	sha256(EHLO, strlen(EHLO), probe.receipt.ehlo_sha256);
	sign_by(world->keys[beacon], line, port, &probe.receipt);
	return probe;
}

static void make_silent(struct probe_seen *probe)
{
	probe->ended = STAGE_CONNECT;
	probe->failure = FAILURE_TIMEOUT;
}

static void add_silence(struct world *world, const struct line *line,
    struct target_seen *target, size_t beacon)
{
	struct probe_seen probe;
	int try;

	for (try = 0; try < 3; try++) {
		probe = completed(world, line, beacon, 25);
		make_silent(&probe);
		if (!line->lies || line->kind != OPEN_CARELESS ||
		    draw(world, 10) >= KEPT_OF_TEN)
			probe.receipt.said[0] = '\0';
		must(target_seen_add_probe(target, &probe), "a probe", NULL);
	}
	add_path(target, 25, line->network, beacon, 4);
}

static void add_open(struct world *world, const struct line *line,
    struct target_seen *target, size_t beacon)
{
	struct probe_seen probe = completed(world, line, beacon, 25);

	if (line->lies && draw(world, 2) == 0)
		probe.receipt.said[0] = '\0';
	else if (line->lies)
		sign_by(world->forger, line, 25, &probe.receipt);
	must(target_seen_add_probe(target, &probe), "a probe", NULL);
}

static bool says_open(const struct line *line)
{
	bool is_open = line->kind != BLOCKED_ALONE &&
		       line->kind != BLOCKED_FORGED;

	return is_open != line->lies;
}

static void add_target(struct world *world, const struct line *line,
    struct report *report, size_t beacon)
{
	struct target_seen *target = report_add_target(report);
	const struct endpoint *endpoint = &world->endpoints.items[beacon];
	struct probe_seen control;

	strcpy(target->endpoint, endpoint->name);
	strcpy(target->host, endpoint->host);
	target->address = address_of(45, beacon, 0, 25);
	target->family = 4;
	target->at_ms = line->at_ms;
	if (says_open(line))
		add_open(world, line, target, beacon);
	else
		add_silence(world, line, target, beacon);
	control = completed(world, line, beacon, 587);
	must(target_seen_add_probe(target, &control), "a probe", NULL);
	add_path(target, 587, line->network, beacon, HOPS + 1);
}

/* --- one report --- */

static void make_report(
    struct world *world, const struct line *line, struct buf *text)
{
	struct report report = {
	    .started_ms = line->at_ms, .ended_ms = line->at_ms + 1000};
	size_t first = draw(world, BEACONS);

	snprintf(report.id, sizeof(report.id), "%08llx-%04llx-7000-8000-%012zx",
	    (unsigned long long)line->at_ms >> 16,
	    (unsigned long long)line->at_ms & 0xffff, ++world->serial);
	strcpy(report.agent, line->agent);
	strcpy(report.software, "fleet");
	report.source4.address = line->address;
	proof_make(world->secret, line->agent, &line->address,
	    line->at_ms / 1000 + PROOF_LIFE_S - 60, report.source4.proof);
	add_target(world, line, &report, first);
	add_target(world, line, &report, (first + 1) % BEACONS);
	report_encode(&report, text);
	report_free(&report);
}

/* As collector/routes/reports.c does it. */
static void take_in(
    struct world *world, const struct line *line, const struct buf *text)
{
	const struct attribution attribution = {.secret = world->secret,
	    .geo = world->geo,
	    .endpoints = &world->endpoints,
	    .run_by = "",
	    .received_ms = line->at_ms + 20000};
	struct store_report stored = {.received_ms = line->at_ms + 20000};
	struct measurement *rows;
	struct report report;
	bool duplicate;
	size_t i;
	int found;

	must(report_decode(text->data, text->length, &report, &world->err),
	    "decode", &world->err);
	found = receipts_check(
	    &report, &world->endpoints, world->secret, world->geo);
	must(found, "receipts", &world->err);
	must(attribute_report(
		 &report, &attribution, &rows, &stored.nrows, &world->err),
	    "attribute", &world->err);
	for (i = 0; i < stored.nrows; i++)
		rows[i].listed &= found == RECEIPTS_FINE;
	world->false_reports += found != RECEIPTS_FINE;
	stored.rows = rows;
	memcpy(stored.id, report.id, sizeof(stored.id));
	strcpy(stored.agent_id, line->agent);
	must(store_write(world->store, &stored, 1, &duplicate, &world->err),
	    "store", &world->err);
	if (found == RECEIPTS_BRAND) {
		must(registry_revoke(world->store, line->agent, rows[0].agent,
			 world->now_ms, &world->err),
		    "revoke", &world->err);
		world->revoked[line->network][line->number] = true;
		world->branded++;
	}
	free(rows);
	report_free(&report);
}

static void report_line(struct world *world, struct line *line, int days_ago)
{
	struct buf text = {0};

	line->at_ms = world->now_ms - days_ago * DAY_OF_MS -
		      (int64_t)draw(world, DAY_OF_MS / 2) - 60000;
	make_report(world, line, &text);
	take_in(world, line, &text);
	buf_free(&text);
}

/* --- all of it --- */

static struct line line_of(size_t network, size_t number)
{
	struct line line = {.network = network,
	    .number = number,
	    .kind = (enum kind)(network / EACH),
	    .lies = number >= HONEST};

	snprintf(
	    line.agent, sizeof(line.agent), "fleet-%zu-%zu", network, number);
	line.address = address_of(11, network, number, 9);
	return line;
}

static size_t lines_of(size_t network)
{
	enum kind kind = (enum kind)(network / EACH);

	return kind == OPEN_ALONE || kind == BLOCKED_ALONE ? HONEST
							   : HONEST + LIARS;
}

static void report_day(struct world *world, int days_ago)
{
	struct line line;
	size_t network, number;

	for (network = 0; network < KINDS * EACH; network++)
		for (number = 0; number < lines_of(network); number++) {
			line = line_of(network, number);
			if (!world->revoked[network][number])
				report_line(world, &line, days_ago);
		}
}

static void enrol(struct world *world, const struct line *line)
{
	struct registry_agent agent = {
	    .enrolled_ms = world->now_ms - LONG_AGO * DAY_OF_MS};

	strcpy(agent.id, line->agent);
	snprintf((char *)agent.public_key, sizeof(agent.public_key), "%s",
	    line->agent); /* nobody signs with it */
	must(registry_enrol(world->store, &agent, NULL, &world->err), "enrol",
	    &world->err);
}

static void enrol_all(struct world *world)
{
	struct line line;
	size_t network, number;

	for (network = 0; network < KINDS * EACH; network++)
		for (number = 0; number < lines_of(network); number++) {
			line = line_of(network, number);
			enrol(world, &line);
		}
}

static struct sign_key *make_key(const char *folder, const char *name)
{
	struct sign_key *key;
	struct err err = {""};
	char path[600];

	snprintf(path, sizeof(path), "%s/%s.key", folder, name);
	must(sign_key_load_or_make(path, &key, &err), "a key", &err);
	return key;
}

static void make_beacons(
    struct world *world, const char *folder, bool with_keys)
{
	struct endpoint *endpoint;
	char name[64];
	size_t i;

	for (i = 0; i < BEACONS; i++) {
		snprintf(name, sizeof(name), "beacon-%zu", i);
		world->keys[i] = make_key(folder, name);
		endpoint = endpoints_add(&world->endpoints, name);
		snprintf(endpoint->host, sizeof(endpoint->host),
		    "beacon.owner%zu.example", i);
		endpoint->ports = (struct port_list){
		    .port = {25, 587}, .count = 2};
		endpoint->known.offers_starttls = true;
		endpoint->known.nreceipt_keys = with_keys;
		sign_key_public(
		    world->keys[i], endpoint->known.receipt_keys[0]);
	}
	world->forger = make_key(folder, "forger");
}

static void begin(struct world *world, const char *folder, bool with_keys)
{
	struct store_settings settings = {.engine = &sqlite_engine};
	char path[600];

	memset(world, 0, sizeof(*world));
	world->random = 16;
	world->secret[0] = 1;
	world->now_ms = clock_wall_ms();
	snprintf(
	    settings.path, sizeof(settings.path), "%s/collector.db", folder);
	snprintf(path, sizeof(path), "%s/asn.mmdb", folder);
	must(geo_open(path, "", &world->geo, &world->err), "geo", &world->err);
	must(store_open(&settings, &world->store, &world->err), "open",
	    &world->err);
	/* It is made for one look, and made again if it fails. */
	sqlite3_exec(sqlite_of(world->store)->db, "PRAGMA synchronous = OFF",
	    NULL, NULL, NULL);
	make_beacons(world, folder, with_keys);
}

static void end(struct world *world)
{
	size_t i;

	for (i = 0; i < BEACONS; i++)
		sign_key_free(world->keys[i]);
	sign_key_free(world->forger);
	endpoints_free(&world->endpoints);
	geo_close(world->geo);
	store_close(world->store);
}

int main(int argc, char **argv)
{
	static struct world world;
	int day;

	if (argc != 3)
		return 2;
	begin(&world, argv[1], strcmp(argv[2], "with") == 0);
	enrol_all(&world);
	report_day(&world, LONG_AGO);
	for (day = DAYS; day >= 0; day--)
		report_day(&world, day);
	printf("%zu reports, %zu false, %zu agents branded\n", world.serial,
	    world.false_reports, world.branded);
	end(&world);
	return 0;
}
