/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/report_decode_probe.h"

#include <errno.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/base/text.h"
#include "lib/json/json_read.h"
#include "lib/report/words.h"

#define DURATION_MS_MAX (24 * 3600 * 1000.0)
#define COUNT_MAX       1000000 /* what one SYN can be counted to do */

int report_decode_text(const struct json_at *object, const char *key, char *out,
    size_t size, struct err *err)
{
	struct json_at at;

	json_member(object, key, &at);
	if (json_get_text_or(&at, out, size, "", err) < 0)
		return -EINVAL;
	text_make_printable(out);
	return 0;
}

static int decode_duration(
    const struct json_at *at, int64_t *us, struct err *err)
{
	double ms;

	if (json_get_number_or(at, 0, DURATION_MS_MAX, -1, &ms, err) < 0)
		return -EINVAL;
	*us = ms < 0 ? OBSERVE_ABSENT : (int64_t)(ms * 1000 + 0.5);
	return 0;
}

static int decode_durations(
    const struct json_at *probe, int64_t us[STAGE_COUNT], struct err *err)
{
	struct json_at object, at;
	int stage;

	json_member(probe, "ms", &object);
	if (object.value == NULL)
		return 0;
	if (json_get_object(&object, err) < 0)
		return -EINVAL;
	for (stage = 0; stage < STAGE_COUNT; stage++) {
		json_member(&object, stage_word((enum stage)stage), &at);
		if (decode_duration(&at, &us[stage], err) < 0)
			return -EINVAL;
	}
	return 0;
}

static int decode_caps(const struct json_at *smtp, const char *key,
    char caps[OBSERVE_CAPS_MAX][OBSERVE_CAP_SIZE], size_t *ncaps,
    struct err *err)
{
	struct json_at array, child;
	size_t count;
	bool more;
	char *cap;

	json_member(smtp, key, &array);
	if (array.value == NULL)
		return 0;
	if (json_get_array(&array, OBSERVE_CAPS_MAX, &count, err) < 0)
		return -EINVAL;
	for (more = json_first(&array, &child); more;
	     more = json_next(&child)) {
		cap = caps[(*ncaps)++];
		if (json_get_text(&child, cap, OBSERVE_CAP_SIZE, err) < 0)
			return -EINVAL;
		text_make_printable(cap);
	}
	return 0;
}

static int decode_code(const struct json_at *object, const char *key,
    int64_t most, int *out, struct err *err)
{
	struct json_at at;
	int64_t value;

	json_member(object, key, &at);
	if (json_get_integer_or(&at, 0, most, OBSERVE_ABSENT, &value, err) < 0)
		return -EINVAL;
	*out = (int)value;
	return 0;
}

static int decode_words(
    const struct json_at *object, struct smtp_seen *smtp, struct err *err)
{
	if (json_get_object(object, err) < 0 ||
	    decode_code(object, "code", 999, &smtp->code, err) < 0 ||
	    report_decode_text(
		object, "text", smtp->text, sizeof(smtp->text), err) < 0 ||
	    report_decode_text(
		object, "name", smtp->name, sizeof(smtp->name), err) < 0 ||
	    decode_caps(object, "capabilities", smtp->caps, &smtp->ncaps, err) <
		0)
		return -EINVAL;
	return decode_caps(
	    object, "tls_capabilities", smtp->tls_caps, &smtp->ntls_caps, err);
}

/* All but the room behind the capabilities, which is most of it. */
static void copy_words(struct smtp_seen *smtp, const struct smtp_seen *other)
{
	smtp->code = other->code;
	memcpy(smtp->text, other->text, sizeof(smtp->text));
	memcpy(smtp->name, other->name, sizeof(smtp->name));
	smtp->ncaps = other->ncaps;
	memcpy(smtp->caps, other->caps, other->ncaps * OBSERVE_CAP_SIZE);
	smtp->ntls_caps = other->ntls_caps;
	memcpy(smtp->tls_caps, other->tls_caps,
	    other->ntls_caps * OBSERVE_CAP_SIZE);
}

static int decode_smtp(const struct json_at *probe,
    struct report_decoded *before, struct smtp_seen *smtp, struct err *err)
{
	struct json_at object;

	json_member(probe, "smtp", &object);
	if (object.value == NULL)
		return 0;
	if (before->smtp != NULL &&
	    json_value_repeats(object.value, before->smtp)) {
		copy_words(smtp, before->smtp_seen);
		return 0;
	}
	before->smtp = object.value;
	before->smtp_seen = smtp;
	return decode_words(&object, smtp, err);
}

static int decode_spki(
    const struct json_at *object, struct tls_seen *tls, struct err *err)
{
	char spki[2 * 32 + 1];
	struct json_at at;

	json_member(object, "spki_sha256", &at);
	if (json_get_text_or(&at, spki, sizeof(spki), "", err) < 0)
		return -EINVAL;
	tls->has_spki = spki[0] != '\0';
	if (tls->has_spki && !hex_decode(spki, tls->spki_sha256, 32))
		return json_error(&at, err, "must be 64 hexadecimal digits");
	return 0;
}

/* The list of certificate faults is open: an unknown word is another fault. */
static int verify_from_word(const char *word)
{
	int verify = tls_verify_from_word(word);

	return verify < 0 && *word != '\0' ? VERIFY_OTHER : verify;
}

static int decode_session(
    const struct json_at *object, struct tls_seen *tls, struct err *err)
{
	struct json_at at;
	int verify;

	if (json_get_object(object, err) < 0 ||
	    report_decode_text(object, "version", tls->version,
		sizeof(tls->version), err) < 0 ||
	    report_decode_text(
		object, "cipher", tls->cipher, sizeof(tls->cipher), err) < 0)
		return -EINVAL;
	json_member(object, "verify", &at);
	if (json_get_word_or(
		&at, verify_from_word, VERIFY_ABSENT, &verify, err) < 0)
		return -EINVAL;
	tls->verify = (enum tls_verify)verify;
	if (decode_code(object, "alert", 255, &tls->alert, err) < 0)
		return -EINVAL;
	return decode_spki(object, tls, err);
}

static int decode_tls(const struct json_at *probe,
    struct report_decoded *before, struct tls_seen *tls, struct err *err)
{
	struct json_at object;

	json_member(probe, "tls", &object);
	if (object.value == NULL)
		return 0;
	if (before->tls != NULL &&
	    json_value_repeats(object.value, before->tls)) {
		*tls = *before->tls_seen;
		return 0;
	}
	before->tls = object.value;
	before->tls_seen = tls;
	return decode_session(&object, tls, err);
}

static int decode_reply(
    const struct json_at *probe, struct reply_seen *reply, struct err *err)
{
	struct json_at object;

	json_member(probe, "reply", &object);
	if (object.value == NULL)
		return 0;
	if (json_get_object(&object, err) < 0 ||
	    decode_code(&object, "code", 999, &reply->code, err) < 0)
		return -EINVAL;
	return report_decode_text(
	    &object, "text", reply->text, sizeof(reply->text), err);
}

static int decode_hex(const struct json_at *object, const char *key,
    uint8_t *out, size_t size, struct err *err)
{
	char hex[2 * 32 + 1];
	struct json_at at;

	json_member(object, key, &at);
	if (json_get_text(&at, hex, 2 * size + 1, err) < 0)
		return -EINVAL;
	if (strlen(hex) != 2 * size || !hex_decode(hex, out, size))
		return json_error(
		    &at, err, "must be %zu hexadecimal digits", 2 * size);
	return 0;
}

static int decode_receipt(
    const struct json_at *probe, struct receipt_seen *receipt, struct err *err)
{
	struct json_at object;

	json_member(probe, "receipt", &object);
	if (object.value == NULL)
		return 0;
	if (json_get_object(&object, err) < 0 ||
	    decode_hex(&object, "nonce", receipt->nonce, RECEIPT_NONCE_SIZE,
		err) < 0 ||
	    decode_hex(&object, "ehlo_sha256", receipt->ehlo_sha256, 32, err) <
		0)
		return -EINVAL;
	receipt->asked = true;
	return report_decode_text(
	    &object, "said", receipt->said, sizeof(receipt->said), err);
}

static int decode_count(
    const struct json_at *object, const char *key, int *out, struct err *err)
{
	struct json_at at;
	int64_t value;

	json_member(object, key, &at);
	if (json_get_integer(&at, 0, COUNT_MAX, &value, err) < 0)
		return -EINVAL;
	*out = (int)value;
	return 0;
}

static int decode_host(
    const struct json_at *probe, struct host_seen *host, struct err *err)
{
	struct json_at object;

	json_member(probe, "host", &object);
	if (object.value == NULL)
		return 0;
	if (json_get_object(&object, err) < 0 ||
	    decode_count(&object, "retransmitted", &host->retransmitted, err) <
		0 ||
	    decode_count(&object, "failed", &host->failed, err) < 0 ||
	    decode_count(&object, "looped", &host->looped, err) < 0)
		return -EINVAL;
	host->known = true;
	return 0;
}

static int decode_peer(
    const struct json_at *probe, enum peer_seen *out, struct err *err)
{
	struct json_at at;
	int peer;

	json_member(probe, "peer", &at);
	if (json_get_word_or(&at, peer_from_word, PEER_UNKNOWN, &peer, err) < 0)
		return -EINVAL;
	*out = (enum peer_seen)peer;
	return 0;
}

static int decode_icmp(
    const struct json_at *probe, struct icmp_seen *icmp, struct err *err)
{
	struct json_at object, at;

	json_member(probe, "icmp", &object);
	if (object.value == NULL)
		return 0;
	if (json_get_object(&object, err) < 0 ||
	    decode_code(&object, "type", 255, &icmp->type, err) < 0 ||
	    decode_code(&object, "code", 255, &icmp->code, err) < 0)
		return -EINVAL;
	json_member(&object, "from", &at);
	if (json_get_address_or_absent(&at, &icmp->from, err) < 0)
		return -EINVAL;
	json_member(&object, "own", &at);
	return json_get_bool_or(&at, false, &icmp->own, err);
}

static int decode_port(
    const struct json_at *object, uint16_t *port, struct err *err)
{
	struct json_at at;
	int64_t value;

	json_member(object, "port", &at);
	if (json_get_integer(&at, 1, 65535, &value, err) < 0)
		return -EINVAL;
	*port = (uint16_t)value;
	return 0;
}

static int decode_end(
    const struct json_at *object, struct probe_seen *probe, struct err *err)
{
	struct json_at at;
	int mode, ended, failure;

	json_member(object, "mode", &at);
	if (json_get_word(&at, port_mode_from_word, &mode, err) < 0)
		return -EINVAL;
	json_member(object, "ended", &at);
	if (json_get_word(&at, stage_from_word, &ended, err) < 0)
		return -EINVAL;
	json_member(object, "failure", &at);
	if (json_get_word_or(
		&at, failure_from_word, FAILURE_NONE, &failure, err) < 0)
		return -EINVAL;
	probe->mode = (enum port_mode)mode;
	probe->ended = (enum stage)ended;
	probe->failure = (enum failure)failure;
	return 0;
}

/* An unknown name is not an error: another system may have it. */
static int decode_errno(
    const struct json_at *object, int *sys_errno, struct err *err)
{
	char name[32];

	if (report_decode_text(object, "errno", name, sizeof(name), err) < 0)
		return -EINVAL;
	*sys_errno = errno_from_word(name);
	return 0;
}

int report_decode_probe(const struct json_at *object,
    struct report_decoded *before, struct probe_seen *probe, struct err *err)
{
	uint16_t port;

	if (json_get_object(object, err) < 0 ||
	    decode_port(object, &port, err) < 0)
		return -EINVAL;
	probe_seen_init(probe, port, MODE_CONNECT);
	if (decode_end(object, probe, err) < 0 ||
	    decode_durations(object, probe->us, err) < 0 ||
	    decode_smtp(object, before, &probe->smtp, err) < 0 ||
	    decode_tls(object, before, &probe->tls, err) < 0 ||
	    decode_reply(object, &probe->reply, err) < 0 ||
	    decode_receipt(object, &probe->receipt, err) < 0 ||
	    decode_host(object, &probe->host, err) < 0 ||
	    decode_peer(object, &probe->peer, err) < 0 ||
	    decode_errno(object, &probe->sys_errno, err) < 0)
		return -EINVAL;
	return decode_icmp(object, &probe->icmp, err);
}

/* A hop without counts was asked once. */
static int decode_looks(
    const struct json_at *object, struct hop_seen *hop, struct err *err)
{
	int once = hop->address.family != 0;
	struct json_at at;
	int64_t value;

	json_member(object, "asked", &at);
	if (json_get_integer_or(&at, 1, COUNT_MAX, 1, &value, err) < 0)
		return -EINVAL;
	hop->asked = (int)value;
	json_member(object, "answered", &at);
	if (json_get_integer_or(&at, 0, hop->asked, once, &value, err) < 0)
		return -EINVAL;
	hop->answered = (int)value;
	if ((hop->answered > 0) != (once != 0))
		return json_error(
		    &at, err, "and the hop's address go together");
	return 0;
}

static int decode_hop(
    const struct json_at *object, struct path_seen *path, struct err *err)
{
	struct hop_seen *hop = &path->hops[path->nhops];
	struct json_at at;
	int64_t ttl;

	if (json_get_object(object, err) < 0)
		return -EINVAL;
	json_member(object, "ttl", &at);
	if (json_get_integer(&at, 1, OBSERVE_HOPS_MAX, &ttl, err) < 0)
		return -EINVAL;
	if (path->nhops > 0 && ttl <= path->hops[path->nhops - 1].ttl)
		return json_error(&at, err, "hops must come by rising ttl");
	hop->ttl = (int)ttl;
	json_member(object, "address", &at);
	if (json_get_address_or_absent(&at, &hop->address, err) < 0)
		return -EINVAL;
	path->nhops++;
	if (decode_looks(object, hop, err) < 0)
		return -EINVAL;
	json_member(object, "ms", &at);
	return decode_duration(&at, &hop->us, err);
}

static int decode_hops(
    const struct json_at *object, struct path_seen *path, struct err *err)
{
	struct json_at array, child;
	size_t count;
	bool more;

	json_member(object, "hops", &array);
	if (json_get_array(&array, OBSERVE_HOPS_MAX, &count, err) < 0)
		return -EINVAL;
	for (more = json_first(&array, &child); more; more = json_next(&child))
		if (decode_hop(&child, path, err) < 0)
			return -EINVAL;
	return 0;
}

/* For a report that does not name the answer: RST if a probe of the port was
 * refused, SYN-ACK if not. */
static enum path_answer guess_answer(
    const struct target_seen *target, const struct path_seen *path)
{
	size_t i;

	if (!path->reached)
		return ANSWER_NONE;
	for (i = 0; i < target->nprobes; i++)
		if (target->probes[i].port == path->port &&
		    target->probes[i].failure == FAILURE_REFUSED)
			return ANSWER_RST;
	return ANSWER_SYN_ACK;
}

static int decode_answer(const struct json_at *object,
    const struct target_seen *target, struct path_seen *path, struct err *err)
{
	struct json_at at;
	int64_t ttl;
	int answer;

	json_member(object, "reached", &at);
	if (json_get_bool_or(&at, false, &path->reached, err) < 0)
		return -EINVAL;
	json_member(object, "answer_ttl", &at);
	if (json_get_integer_or(
		&at, 1, OBSERVE_HOPS_MAX, OBSERVE_ABSENT, &ttl, err) < 0)
		return -EINVAL;
	path->answer_ttl = (int)ttl;
	json_member(object, "answer", &at);
	if (json_get_word_or(&at, path_answer_from_word,
		(int)guess_answer(target, path), &answer, err) < 0)
		return -EINVAL;
	path->answer = (enum path_answer)answer;
	if ((path->answer != ANSWER_NONE) != (ttl != OBSERVE_ABSENT))
		return json_error(
		    &at, err, "an answer and answer_ttl go together");
	json_member(object, "answer_from", &at);
	return json_get_address_or_absent(&at, &path->answer_from, err);
}

static int decode_limited(
    const struct json_at *object, struct path_seen *path, struct err *err)
{
	struct json_at limited, at;
	int64_t ttl;

	json_member(object, "limited", &limited);
	if (limited.value == NULL)
		return 0;
	if (json_get_object(&limited, err) < 0)
		return -EINVAL;
	json_member(&limited, "ttl", &at);
	if (json_get_integer(&at, 1, OBSERVE_HOPS_MAX, &ttl, err) < 0)
		return -EINVAL;
	path->limited_ttl = (int)ttl;
	json_member(&limited, "reset", &at);
	return json_get_bool_or(&at, false, &path->limited_reset, err);
}

int report_decode_path(const struct json_at *object,
    const struct target_seen *target, struct path_seen *path, struct err *err)
{
	memset(path, 0, sizeof(*path));
	if (json_get_object(object, err) < 0 ||
	    decode_port(object, &path->port, err) < 0 ||
	    decode_answer(object, target, path, err) < 0 ||
	    decode_limited(object, path, err) < 0)
		return -EINVAL;
	return decode_hops(object, path, err);
}
