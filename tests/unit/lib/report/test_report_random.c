/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/report_decode.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/report/report_encode.h"
#include "tests/support/rows.h"

/* Reports at random, the same ones in every run; each field is absent now and
 * then. What is encoded must be decoded as the same report. */

#define ROUNDS 300

static uint64_t state_of_dice = 25;

/* 0 to sides - 1 (xorshift64*). */
static int dice(int sides)
{
	state_of_dice ^= state_of_dice >> 12;
	state_of_dice ^= state_of_dice << 25;
	state_of_dice ^= state_of_dice >> 27;
	return (int)((state_of_dice * 2685821657736338717U >> 33) %
		     (uint64_t)sides);
}

/* Printable text that may fill its field; at least `least` characters. */
static void random_text(char *out, size_t size, int least)
{
	int i, length = least;

	if (dice(4) == 0)
		length = (int)size - 1;
	else if (dice(3) != 0)
		length += dice((int)size - least);
	for (i = 0; i < length; i++)
		out[i] = (char)(' ' + dice(95));
	out[length] = '\0';
}

static void random_address(struct addr *addr, uint8_t family)
{
	int i, length = family == 4 ? 4 : 16;

	addr->family = family;
	for (i = 0; i < length; i++)
		addr->bytes[i] = (uint8_t)dice(256);
}

static void random_address_or_none(struct addr *addr)
{
	if (dice(3) != 0)
		random_address(addr, dice(2) ? 4 : 6);
}

static int64_t random_us(void)
{
	static const int most[] = {10, 1000, 1000000, 2000000000};

	return dice(4) ? dice(most[dice(4)]) : OBSERVE_ABSENT;
}

static int64_t random_time(void)
{
	return 1700000000000 + (int64_t)dice(2000000000) * 50 + dice(50);
}

static size_t random_caps(char caps[OBSERVE_CAPS_MAX][OBSERVE_CAP_SIZE])
{
	size_t i, count = dice(2) ? (size_t)dice(OBSERVE_CAPS_MAX + 1) : 0;

	for (i = 0; i < count; i++)
		random_text(caps[i], OBSERVE_CAP_SIZE, 0);
	return count;
}

static void random_smtp(struct smtp_seen *smtp)
{
	if (dice(2))
		smtp->code = dice(1000);
	if (dice(2))
		random_text(smtp->text, sizeof(smtp->text), 0);
	if (dice(2))
		random_text(smtp->name, sizeof(smtp->name), 0);
	smtp->ncaps = random_caps(smtp->caps);
	smtp->ntls_caps = random_caps(smtp->tls_caps);
}

static void random_tls(struct tls_seen *tls)
{
	int i;

	if (dice(2))
		random_text(tls->version, sizeof(tls->version), 0);
	if (dice(2))
		random_text(tls->cipher, sizeof(tls->cipher), 0);
	tls->verify = (enum tls_verify)dice(VERIFY_COUNT);
	tls->has_spki = dice(2);
	for (i = 0; tls->has_spki && i < 32; i++)
		tls->spki_sha256[i] = (uint8_t)dice(256);
	if (dice(4) == 0)
		tls->alert = dice(256);
}

static void random_receipt(struct receipt_seen *receipt)
{
	size_t i;

	receipt->asked = dice(2);
	if (!receipt->asked)
		return;
	for (i = 0; i < RECEIPT_NONCE_SIZE; i++)
		receipt->nonce[i] = (uint8_t)dice(256);
	for (i = 0; i < 32; i++)
		receipt->ehlo_sha256[i] = (uint8_t)dice(256);
	if (dice(2))
		random_text(receipt->said, sizeof(receipt->said), 0);
}

static void random_host(struct host_seen *host)
{
	host->known = dice(2);
	if (!host->known)
		return;
	host->retransmitted = dice(6);
	host->failed = dice(6);
	host->looped = dice(6);
}

static void random_probe(struct probe_seen *probe)
{
	static const int errnos[] = {0, ECONNREFUSED, EHOSTUNREACH, EACCES};
	int i;

	probe_seen_init(probe, (uint16_t)(1 + dice(65535)),
	    (enum port_mode)dice(MODE_COUNT));
	probe->ended = (enum stage)dice(STAGE_COUNT);
	probe->failure = (enum failure)dice(FAILURE_COUNT);
	for (i = 0; i < STAGE_COUNT; i++)
		probe->us[i] = random_us();
	random_smtp(&probe->smtp);
	random_tls(&probe->tls);
	if (dice(2)) {
		probe->icmp.type = dice(256);
		probe->icmp.code = dice(256);
		random_address_or_none(&probe->icmp.from);
		probe->icmp.own = dice(2);
	}
	if (dice(2))
		probe->reply.code = dice(1000);
	if (dice(2))
		random_text(probe->reply.text, sizeof(probe->reply.text), 0);
	random_receipt(&probe->receipt);
	random_host(&probe->host);
	probe->peer = (enum peer_seen)dice(PEER_COUNT);
	probe->sys_errno = errnos[dice(4)];
}

/* As ports of one server say the same. */
static void repeat_some(struct probe_seen *probe, const struct probe_seen *from)
{
	if (dice(2))
		probe->smtp = from->smtp;
	if (dice(2))
		probe->tls = from->tls;
}

static void random_hop(struct hop_seen *hop, int ttl)
{
	hop->ttl = ttl;
	hop->us = random_us();
	random_address_or_none(&hop->address);
	hop->asked = dice(4) ? 1 : 2 + dice(9);
	if (hop->address.family != 0)
		hop->answered = 1 + dice(hop->asked);
}

static void random_path(struct path_seen *path)
{
	int ttl = 0;

	memset(path, 0, sizeof(*path));
	path->port = (uint16_t)(1 + dice(65535));
	path->answer_ttl = OBSERVE_ABSENT;
	path->answer = (enum path_answer)dice(ANSWER_COUNT);
	if (path->answer != ANSWER_NONE) {
		path->answer_ttl = 1 + dice(OBSERVE_HOPS_MAX);
		path->reached = path->answer != ANSWER_ICMP;
		random_address_or_none(&path->answer_from);
		path->limited_ttl = dice(2) ? 1 + dice(OBSERVE_HOPS_MAX) : 0;
		path->limited_reset = path->limited_ttl > 0 && dice(2);
	}
	while (ttl < OBSERVE_HOPS_MAX && dice(10)) {
		ttl += dice(8) ? 1 : 2;
		if (ttl > OBSERVE_HOPS_MAX)
			break;
		random_hop(&path->hops[path->nhops++], ttl);
	}
}

static void random_target(struct target_seen *target)
{
	int probes = dice(8) ? dice(8) : REPORT_PROBES_MAX;
	int paths = dice(8) ? dice(3) : REPORT_PATHS_MAX;
	struct probe_seen probe;
	struct path_seen path;

	random_text(target->endpoint, sizeof(target->endpoint), 1);
	random_text(target->host, sizeof(target->host), 1);
	target->family = dice(2) ? 4 : 6;
	if (dice(4))
		random_address(&target->address, target->family);
	target->at_ms = random_time();
	target->own_address = (enum own_address)dice(OWN_COUNT);
	target->self = dice(2);
	target->untraced = dice(2);
	target->dns = (enum dns_seen)dice(DNS_COUNT);
	for (; probes > 0; probes--) {
		random_probe(&probe);
		if (target->nprobes > 0)
			repeat_some(&probe, &target->probes[0]);
		assert_int_equal(target_seen_add_probe(target, &probe), 0);
	}
	for (; paths > 0; paths--) {
		random_path(&path);
		assert_int_equal(target_seen_add_path(target, &path), 0);
	}
}

static void random_source(struct source_seen *source, uint8_t family)
{
	if (dice(3) == 0)
		return;
	random_address(&source->address, family);
	random_text(source->proof, sizeof(source->proof), 0);
}

static void random_report(struct report *report)
{
	int targets = dice(6);

	memset(report, 0, sizeof(*report));
	snprintf(report->id, sizeof(report->id),
	    "%08x-%04x-7%03x-8%03x-%06x%06x", (unsigned)dice(INT32_MAX),
	    (unsigned)dice(0x10000), (unsigned)dice(0x1000),
	    (unsigned)dice(0x1000), (unsigned)dice(0x1000000),
	    (unsigned)dice(0x1000000));
	random_text(report->agent, sizeof(report->agent), 1);
	random_text(report->software, sizeof(report->software), 0);
	report->started_ms = random_time();
	report->ended_ms = random_time();
	random_source(&report->source4, 4);
	random_source(&report->source6, 6);
	for (; targets > 0; targets--)
		random_target(report_add_target(report));
}

/* Text compares to its end only: what stands behind it means nothing. */
static void assert_same_smtp(
    const struct smtp_seen *a, const struct smtp_seen *b)
{
	size_t i;

	assert_int_equal(a->code, b->code);
	assert_string_equal(a->text, b->text);
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->ncaps, b->ncaps);
	for (i = 0; i < a->ncaps; i++)
		assert_string_equal(a->caps[i], b->caps[i]);
	assert_int_equal(a->ntls_caps, b->ntls_caps);
	for (i = 0; i < a->ntls_caps; i++)
		assert_string_equal(a->tls_caps[i], b->tls_caps[i]);
}

static void assert_same_tls(const struct tls_seen *a, const struct tls_seen *b)
{
	assert_string_equal(a->version, b->version);
	assert_string_equal(a->cipher, b->cipher);
	assert_int_equal(a->verify, b->verify);
	assert_int_equal(a->has_spki, b->has_spki);
	assert_memory_equal(a->spki_sha256, b->spki_sha256, 32);
	assert_int_equal(a->alert, b->alert);
}

static void assert_same_host(
    const struct host_seen *a, const struct host_seen *b)
{
	assert_int_equal(a->known, b->known);
	assert_int_equal(a->retransmitted, b->retransmitted);
	assert_int_equal(a->failed, b->failed);
	assert_int_equal(a->looped, b->looped);
}

static void assert_same_probe(
    const struct probe_seen *a, const struct probe_seen *b)
{
	assert_int_equal(a->port, b->port);
	assert_int_equal(a->mode, b->mode);
	assert_int_equal(a->ended, b->ended);
	assert_int_equal(a->failure, b->failure);
	assert_memory_equal(a->us, b->us, sizeof(a->us));
	assert_same_smtp(&a->smtp, &b->smtp);
	assert_same_tls(&a->tls, &b->tls);
	assert_int_equal(a->icmp.type, b->icmp.type);
	assert_int_equal(a->icmp.code, b->icmp.code);
	assert_true(addr_equal(&a->icmp.from, &b->icmp.from));
	assert_int_equal(a->icmp.own, b->icmp.own);
	assert_int_equal(a->reply.code, b->reply.code);
	assert_string_equal(a->reply.text, b->reply.text);
	assert_same_host(&a->host, &b->host);
	assert_int_equal(a->peer, b->peer);
	assert_int_equal(a->sys_errno, b->sys_errno);
}

static void assert_same_path(
    const struct path_seen *a, const struct path_seen *b)
{
	size_t i;

	assert_int_equal(a->port, b->port);
	assert_int_equal(a->reached, b->reached);
	assert_int_equal(a->answer_ttl, b->answer_ttl);
	assert_int_equal(a->answer, b->answer);
	assert_true(addr_equal(&a->answer_from, &b->answer_from));
	assert_int_equal(a->limited_ttl, b->limited_ttl);
	assert_int_equal(a->limited_reset, b->limited_reset);
	assert_int_equal(a->nhops, b->nhops);
	for (i = 0; i < a->nhops; i++) {
		assert_int_equal(a->hops[i].ttl, b->hops[i].ttl);
		assert_int_equal(a->hops[i].us, b->hops[i].us);
		assert_int_equal(a->hops[i].asked, b->hops[i].asked);
		assert_int_equal(a->hops[i].answered, b->hops[i].answered);
		assert_true(
		    addr_equal(&a->hops[i].address, &b->hops[i].address));
	}
}

static void assert_same_target(
    const struct target_seen *a, const struct target_seen *b)
{
	size_t i;

	assert_string_equal(a->endpoint, b->endpoint);
	assert_string_equal(a->host, b->host);
	assert_true(addr_equal(&a->address, &b->address));
	assert_int_equal(a->family, b->family);
	assert_int_equal(a->at_ms, b->at_ms);
	assert_int_equal(a->own_address, b->own_address);
	assert_int_equal(a->self, b->self);
	assert_int_equal(a->untraced, b->untraced);
	assert_int_equal(a->dns, b->dns);
	assert_int_equal(a->nprobes, b->nprobes);
	for (i = 0; i < a->nprobes; i++)
		assert_same_probe(&a->probes[i], &b->probes[i]);
	assert_int_equal(a->npaths, b->npaths);
	for (i = 0; i < a->npaths; i++)
		assert_same_path(&a->paths[i], &b->paths[i]);
}

static void assert_same_source(
    const struct source_seen *a, const struct source_seen *b)
{
	assert_true(addr_equal(&a->address, &b->address));
	assert_string_equal(a->proof, b->proof);
}

static void assert_same(const struct report *a, const struct report *b)
{
	size_t i;

	assert_string_equal(a->id, b->id);
	assert_string_equal(a->agent, b->agent);
	assert_string_equal(a->software, b->software);
	assert_int_equal(a->started_ms, b->started_ms);
	assert_int_equal(a->ended_ms, b->ended_ms);
	assert_same_source(&a->source4, &b->source4);
	assert_same_source(&a->source6, &b->source6);
	assert_int_equal(a->ntargets, b->ntargets);
	for (i = 0; i < a->ntargets; i++)
		assert_same_target(&a->targets[i], &b->targets[i]);
}

static void round_trip(void **state)
{
	struct report report, back;
	struct buf json = {0};
	struct err err = {""};
	int round;

	for (round = 0; round < ROUNDS; round++) {
		random_report(&report);
		buf_clear(&json);
		report_encode(&report, &json);
		assert_false(json.failed);
		if (report_decode(json.data, json.length, &back, &err) != 0)
			fail_msg("%s", err.text);
		assert_same(&report, &back);
		report_free(&report);
		report_free(&back);
	}
	buf_free(&json);
}

/* One byte of a report changed: it is read or refused, and never more. */
static void one_byte_wrong(void **state)
{
	struct report report, back;
	struct buf json = {0};
	struct err err;
	int i;

	random_report(&report);
	report_encode(&report, &json);
	report_free(&report);
	for (i = 0; i < 2000; i++) {
		size_t at = (size_t)dice((int)json.length);
		char kept = json.data[at];

		json.data[at] = (char)dice(256);
		err.text[0] = '\0';
		if (report_decode(json.data, json.length, &back, &err) == 0)
			report_free(&back);
		else
			assert_true(err.text[0] != '\0');
		json.data[at] = kept;
	}
	buf_free(&json);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "what is encoded is decoded as the same", round_trip);
	test_add(&list, "a wrong byte is read or refused", one_byte_wrong);
	return test_run("report_random", &list);
}
