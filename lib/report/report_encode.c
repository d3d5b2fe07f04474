/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/report_encode.h"

#include "lib/base/base64.h"
#include "lib/json/json.h"
#include "lib/report/words.h"

/* json_integer_or_null() has to write an absent value as null. */
_Static_assert(OBSERVE_ABSENT == JSON_ABSENT, "one number for absent");

static void encode_caps(struct json_writer *json, const char *key,
    const char caps[OBSERVE_CAPS_MAX][OBSERVE_CAP_SIZE], size_t count)
{
	size_t i;

	json_open_array(json, key);
	for (i = 0; i < count; i++)
		json_text(json, NULL, caps[i]);
	json_close_array(json);
}

static void encode_smtp(struct json_writer *json, const struct smtp_seen *smtp)
{
	if (smtp->code == OBSERVE_ABSENT && smtp->text[0] == '\0' &&
	    smtp->name[0] == '\0' && smtp->ncaps + smtp->ntls_caps == 0)
		return;
	json_open_object(json, "smtp");
	json_integer_or_null(json, "code", smtp->code);
	json_text_or_null(json, "text", smtp->text);
	json_text_or_null(json, "name", smtp->name);
	encode_caps(json, "capabilities", smtp->caps, smtp->ncaps);
	if (smtp->ntls_caps > 0)
		encode_caps(
		    json, "tls_capabilities", smtp->tls_caps, smtp->ntls_caps);
	json_close_object(json);
}

static void encode_tls(struct json_writer *json, const struct tls_seen *tls)
{
	char spki[2 * 32 + 1] = "";

	if (tls->version[0] == '\0' && tls->cipher[0] == '\0' &&
	    tls->verify == VERIFY_ABSENT && !tls->has_spki &&
	    tls->alert == OBSERVE_ABSENT)
		return;
	if (tls->has_spki)
		hex_encode(tls->spki_sha256, 32, spki);
	json_open_object(json, "tls");
	json_text_or_null(json, "version", tls->version);
	json_text_or_null(json, "cipher", tls->cipher);
	json_text_or_null(json, "verify", tls_verify_word(tls->verify));
	json_text_or_null(json, "spki_sha256", spki);
	if (tls->alert != OBSERVE_ABSENT)
		json_integer(json, "alert", tls->alert);
	json_close_object(json);
}

static void encode_reply(
    struct json_writer *json, const struct reply_seen *reply)
{
	if (reply->code == OBSERVE_ABSENT && reply->text[0] == '\0')
		return;
	json_open_object(json, "reply");
	json_integer_or_null(json, "code", reply->code);
	json_text(json, "text", reply->text);
	json_close_object(json);
}

static void encode_receipt(
    struct json_writer *json, const struct receipt_seen *receipt)
{
	char hex[2 * 32 + 1];

	if (!receipt->asked)
		return;
	json_open_object(json, "receipt");
	hex_encode(receipt->nonce, RECEIPT_NONCE_SIZE, hex);
	json_text(json, "nonce", hex);
	hex_encode(receipt->ehlo_sha256, 32, hex);
	json_text(json, "ehlo_sha256", hex);
	json_text_or_null(json, "said", receipt->said);
	json_close_object(json);
}

static void encode_host(struct json_writer *json, const struct host_seen *host)
{
	if (!host->known)
		return;
	json_open_object(json, "host");
	json_integer(json, "retransmitted", host->retransmitted);
	json_integer(json, "failed", host->failed);
	json_integer(json, "looped", host->looped);
	json_close_object(json);
}

static void encode_icmp(struct json_writer *json, const struct icmp_seen *icmp)
{
	if (icmp->type == OBSERVE_ABSENT)
		return;
	json_open_object(json, "icmp");
	json_integer(json, "type", icmp->type);
	json_integer_or_null(json, "code", icmp->code);
	json_address(json, "from", &icmp->from);
	if (icmp->own)
		json_bool(json, "own", true);
	json_close_object(json);
}

static void encode_durations(
    struct json_writer *json, const int64_t us[STAGE_COUNT])
{
	int stage;

	json_open_object(json, "ms");
	for (stage = 0; stage < STAGE_COUNT; stage++)
		if (us[stage] != OBSERVE_ABSENT)
			json_decimal(json, stage_word((enum stage)stage),
			    (double)us[stage] / 1000, 3);
	json_close_object(json);
}

static void encode_probe(
    struct json_writer *json, const struct probe_seen *probe)
{
	json_open_object(json, NULL);
	json_integer(json, "port", probe->port);
	json_text(json, "mode", port_mode_word(probe->mode));
	json_text(json, "ended", stage_word(probe->ended));
	json_text_or_null(json, "failure", failure_word(probe->failure));
	encode_durations(json, probe->us);
	encode_smtp(json, &probe->smtp);
	encode_tls(json, &probe->tls);
	encode_reply(json, &probe->reply);
	encode_receipt(json, &probe->receipt);
	encode_icmp(json, &probe->icmp);
	encode_host(json, &probe->host);
	if (probe->peer != PEER_UNKNOWN)
		json_text(json, "peer", peer_word(probe->peer));
	if (errno_word(probe->sys_errno)[0] != '\0')
		json_text(json, "errno", errno_word(probe->sys_errno));
	json_close_object(json);
}

static void encode_hop(struct json_writer *json, const struct hop_seen *hop)
{
	json_open_object(json, NULL);
	json_integer(json, "ttl", hop->ttl);
	json_address(json, "address", &hop->address);
	if (hop->us != OBSERVE_ABSENT)
		json_decimal(json, "ms", (double)hop->us / 1000, 3);
	if (hop->asked > 1) {
		json_integer(json, "asked", hop->asked);
		json_integer(json, "answered", hop->answered);
	}
	json_close_object(json);
}

static void encode_path(struct json_writer *json, const struct path_seen *path)
{
	size_t i;

	json_open_object(json, NULL);
	json_integer(json, "port", path->port);
	json_bool(json, "reached", path->reached);
	json_integer_or_null(json, "answer_ttl", path->answer_ttl);
	json_text_or_null(json, "answer", path_answer_word(path->answer));
	if (path->answer_from.family != 0)
		json_address(json, "answer_from", &path->answer_from);
	if (path->limited_ttl > 0) {
		json_open_object(json, "limited");
		json_integer(json, "ttl", path->limited_ttl);
		json_bool(json, "reset", path->limited_reset);
		json_close_object(json);
	}
	json_open_array(json, "hops");
	for (i = 0; i < path->nhops; i++)
		encode_hop(json, &path->hops[i]);
	json_close_array(json);
	json_close_object(json);
}

static void encode_target(
    struct json_writer *json, const struct target_seen *target)
{
	size_t i;

	json_open_object(json, NULL);
	json_text(json, "endpoint", target->endpoint);
	json_text(json, "host", target->host);
	json_address(json, "address", &target->address);
	json_integer(json, "family", target->family);
	json_time(json, "at", target->at_ms);
	if (target->own_address != OWN_UNKNOWN)
		json_text(
		    json, "own_address", own_address_word(target->own_address));
	if (target->self)
		json_bool(json, "self", true);
	if (target->untraced)
		json_bool(json, "untraced", true);
	if (target->dns != DNS_OK)
		json_text(json, "dns", dns_word(target->dns));
	json_open_array(json, "probes");
	for (i = 0; i < target->nprobes; i++)
		encode_probe(json, &target->probes[i]);
	json_close_array(json);
	json_open_array(json, "paths");
	for (i = 0; i < target->npaths; i++)
		encode_path(json, &target->paths[i]);
	json_close_array(json);
	json_close_object(json);
}

static void encode_source(
    struct json_writer *json, const struct source_seen *source)
{
	if (source->address.family == 0)
		return;
	json_open_object(json, NULL);
	json_integer(json, "family", source->address.family);
	json_address(json, "address", &source->address);
	json_text_or_null(json, "proof", source->proof);
	json_close_object(json);
}

void report_encode(const struct report *report, struct buf *out)
{
	struct json_writer json = {.out = out};
	size_t i;

	json_open_object(&json, NULL);
	json_text(&json, "format", REPORT_FORMAT);
	json_text(&json, "report", report->id);
	json_text(&json, "agent", report->agent);
	json_text(&json, "software", report->software);
	json_time(&json, "started", report->started_ms);
	json_time(&json, "ended", report->ended_ms);
	json_open_array(&json, "sources");
	encode_source(&json, &report->source4);
	encode_source(&json, &report->source6);
	json_close_array(&json);
	json_open_array(&json, "targets");
	for (i = 0; i < report->ntargets; i++)
		encode_target(&json, &report->targets[i]);
	json_close_array(&json);
	json_close_object(&json);
}
