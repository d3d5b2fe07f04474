/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/report.h"

#include <errno.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/json/json.h"
#include "lib/json/json_read.h"
#include "lib/report/words.h"

#define DURATION_MS_MAX (24 * 3600 * 1000.0)

/* Text that a person will see somewhere: it is made printable, and may be
 * absent. */
static int decode_text(const struct json_at *object, const char *key, char *out,
    size_t size, struct err *err)
{
	struct json_at at;

	json_member(object, key, &at);
	if (json_get_text_or(&at, out, size, "", err) < 0)
		return -EINVAL;
	observe_clean_text(out, size, out, strlen(out));
	return 0;
}

/* Text that rows are found by: it must be there and is never changed. */
static int decode_name(const struct json_at *object, const char *key, char *out,
    size_t size, struct err *err)
{
	struct json_at at;
	const char *c;

	json_member(object, key, &at);
	if (json_get_text(&at, out, size, err) < 0)
		return -EINVAL;
	if (*out == '\0')
		return json_error(&at, err, "is empty");
	for (c = out; *c != '\0'; c += json_utf8_length(c)) {
		if (json_utf8_length(c) == 0)
			return json_error(&at, err, "is no UTF-8");
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return json_error(&at, err, "has a control character");
	}
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
		observe_clean_text(cap, OBSERVE_CAP_SIZE, cap, strlen(cap));
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

static int decode_smtp(
    const struct json_at *probe, struct smtp_seen *smtp, struct err *err)
{
	struct json_at object;

	json_member(probe, "smtp", &object);
	if (object.value == NULL)
		return 0;
	if (json_get_object(&object, err) < 0 ||
	    decode_code(&object, "code", 999, &smtp->code, err) < 0 ||
	    decode_text(&object, "text", smtp->text, sizeof(smtp->text), err) <
		0 ||
	    decode_text(&object, "name", smtp->name, sizeof(smtp->name), err) <
		0 ||
	    decode_caps(
		&object, "capabilities", smtp->caps, &smtp->ncaps, err) < 0)
		return -EINVAL;
	return decode_caps(
	    &object, "tls_capabilities", smtp->tls_caps, &smtp->ntls_caps, err);
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

/* The list of what can be wrong with a certificate is open: a word that is
 * not known here is something else that is wrong. */
static int verify_from_word(const char *word)
{
	int verify = tls_verify_from_word(word);

	return verify < 0 ? VERIFY_OTHER : verify;
}

static int decode_tls(
    const struct json_at *probe, struct tls_seen *tls, struct err *err)
{
	struct json_at object, at;
	int verify;

	json_member(probe, "tls", &object);
	if (object.value == NULL)
		return 0;
	if (json_get_object(&object, err) < 0 ||
	    decode_text(&object, "version", tls->version, sizeof(tls->version),
		err) < 0 ||
	    decode_text(
		&object, "cipher", tls->cipher, sizeof(tls->cipher), err) < 0)
		return -EINVAL;
	json_member(&object, "verify", &at);
	if (json_get_word_or(
		&at, verify_from_word, VERIFY_ABSENT, &verify, err) < 0)
		return -EINVAL;
	tls->verify = (enum tls_verify)verify;
	return decode_spki(&object, tls, err);
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
	return json_get_address_or_absent(&at, &icmp->from, err);
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

/* A name that we do not know is another system's, and no error. */
static int decode_errno(
    const struct json_at *object, int *sys_errno, struct err *err)
{
	char name[32];

	if (decode_text(object, "errno", name, sizeof(name), err) < 0)
		return -EINVAL;
	*sys_errno = errno_from_word(name);
	return 0;
}

static int decode_probe(
    const struct json_at *object, struct probe_seen *probe, struct err *err)
{
	uint16_t port;

	if (json_get_object(object, err) < 0 ||
	    decode_port(object, &port, err) < 0)
		return -EINVAL;
	probe_seen_init(probe, port, MODE_CONNECT);
	if (decode_end(object, probe, err) < 0 ||
	    decode_durations(object, probe->us, err) < 0 ||
	    decode_smtp(object, &probe->smtp, err) < 0 ||
	    decode_tls(object, &probe->tls, err) < 0 ||
	    decode_errno(object, &probe->sys_errno, err) < 0)
		return -EINVAL;
	return decode_icmp(object, &probe->icmp, err);
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

/* An answer that is not named was a SYN-ACK, or where the port's probes were
 * refused, an RST. */
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

static int decode_path(const struct json_at *object,
    const struct target_seen *target, struct path_seen *path, struct err *err)
{
	memset(path, 0, sizeof(*path));
	if (json_get_object(object, err) < 0 ||
	    decode_port(object, &path->port, err) < 0 ||
	    decode_answer(object, target, path, err) < 0)
		return -EINVAL;
	return decode_hops(object, path, err);
}

static int decode_probes(
    const struct json_at *object, struct target_seen *target, struct err *err)
{
	struct json_at array, child;
	size_t count;
	bool more;

	json_member(object, "probes", &array);
	if (json_get_array(&array, REPORT_PROBES_MAX, &count, err) < 0)
		return -EINVAL;
	if (target_seen_reserve_probes(target, count) < 0)
		return -ENOMEM;
	for (more = json_first(&array, &child); more;
	     more = json_next(&child)) {
		if (decode_probe(
			&child, &target->probes[target->nprobes], err) < 0)
			return -EINVAL;
		target->nprobes++;
	}
	return 0;
}

static int decode_paths(
    const struct json_at *object, struct target_seen *target, struct err *err)
{
	struct json_at array, child;
	size_t count;
	bool more;

	json_member(object, "paths", &array);
	if (array.value == NULL)
		return 0;
	if (json_get_array(&array, REPORT_PATHS_MAX, &count, err) < 0)
		return -EINVAL;
	if (target_seen_reserve_paths(target, count) < 0)
		return -ENOMEM;
	for (more = json_first(&array, &child); more;
	     more = json_next(&child)) {
		if (decode_path(&child, target, &target->paths[target->npaths],
			err) < 0)
			return -EINVAL;
		target->npaths++;
	}
	return 0;
}

static int decode_place(
    const struct json_at *object, struct target_seen *target, struct err *err)
{
	struct json_at at;
	int64_t family;

	if (decode_name(object, "endpoint", target->endpoint,
		sizeof(target->endpoint), err) < 0 ||
	    decode_name(
		object, "host", target->host, sizeof(target->host), err) < 0)
		return -EINVAL;
	json_member(object, "family", &at);
	if (json_get_integer(&at, 4, 6, &family, err) < 0)
		return -EINVAL;
	if (family == 5)
		return json_error(&at, err, "must be 4 or 6");
	target->family = (uint8_t)family;
	json_member(object, "address", &at);
	if (json_get_address_or_absent(&at, &target->address, err) < 0)
		return -EINVAL;
	if (target->address.family != 0 && target->address.family != family)
		return json_error(
		    &at, err, "must be an IPv%d address", (int)family);
	json_member(object, "at", &at);
	return json_get_time(&at, &target->at_ms, err);
}

static int decode_target(
    const struct json_at *at, struct target_seen *target, struct err *err)
{
	int error;

	if (json_get_object(at, err) < 0 || decode_place(at, target, err) < 0)
		return -EINVAL;
	error = decode_probes(at, target, err);
	return error < 0 ? error : decode_paths(at, target, err);
}

/* A UUID in lower case (RFC 9562, 4). */
static int decode_id(
    const struct json_at *at, char id[REPORT_ID_SIZE], struct err *err)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	const char *allowed;
	size_t i;

	if (json_get_text(at, id, REPORT_ID_SIZE, err) < 0)
		return -EINVAL;
	for (i = 0; shape[i] != '\0'; i++) {
		allowed = shape[i] == 'x' ? "0123456789abcdef" : "-";
		if (id[i] == '\0' || strchr(allowed, id[i]) == NULL)
			return json_error(at, err, "is no UUID in lower case");
	}
	return 0;
}

static int decode_format(const struct json_at *root, struct err *err)
{
	char format[64];
	struct json_at at;

	json_member(root, "format", &at);
	if (json_get_text(&at, format, sizeof(format), err) < 0)
		return -EINVAL;
	if (strcmp(format, REPORT_FORMAT) != 0)
		return json_error(&at, err, "must be \"%s\"", REPORT_FORMAT);
	return 0;
}

static int decode_head(
    const struct json_at *root, struct report *report, struct err *err)
{
	struct json_at at;

	if (json_get_object(root, err) < 0 || decode_format(root, err) < 0)
		return -EINVAL;
	json_member(root, "report", &at);
	if (decode_id(&at, report->id, err) < 0)
		return -EINVAL;
	if (decode_name(
		root, "agent", report->agent, sizeof(report->agent), err) < 0 ||
	    decode_text(root, "software", report->software,
		sizeof(report->software), err) < 0)
		return -EINVAL;
	json_member(root, "started", &at);
	if (json_get_time(&at, &report->started_ms, err) < 0)
		return -EINVAL;
	json_member(root, "ended", &at);
	return json_get_time(&at, &report->ended_ms, err);
}

static int decode_source(
    const struct json_at *at, struct report *report, struct err *err)
{
	struct source_seen source = {0}, *slot;
	struct json_at child;
	int64_t family;

	if (json_get_object(at, err) < 0)
		return -EINVAL;
	json_member(at, "family", &child);
	if (json_get_integer(&child, 4, 6, &family, err) < 0)
		return -EINVAL;
	json_member(at, "address", &child);
	if (json_get_address_or_absent(&child, &source.address, err) < 0)
		return -EINVAL;
	if (source.address.family != family)
		return json_error(
		    &child, err, "must be an IPv%d address", (int)family);
	if (decode_text(at, "proof", source.proof, sizeof(source.proof), err) <
	    0)
		return -EINVAL;
	slot = family == 4 ? &report->source4 : &report->source6;
	if (slot->address.family != 0)
		return json_error(
		    at, err, "is a second one of family %d", (int)family);
	*slot = source;
	return 0;
}

static int decode_sources(
    const struct json_at *root, struct report *report, struct err *err)
{
	struct json_at array, child;
	size_t count;
	bool more;

	json_member(root, "sources", &array);
	if (json_get_array(&array, 2, &count, err) < 0)
		return -EINVAL;
	for (more = json_first(&array, &child); more; more = json_next(&child))
		if (decode_source(&child, report, err) < 0)
			return -EINVAL;
	return 0;
}

static int decode_targets(
    const struct json_at *root, struct report *report, struct err *err)
{
	struct json_at array, child;
	struct target_seen *target;
	size_t count, nprobes = 0;
	bool more;
	int error;

	json_member(root, "targets", &array);
	if (json_get_array(&array, REPORT_TARGETS_MAX, &count, err) < 0)
		return -EINVAL;
	for (more = json_first(&array, &child); more;
	     more = json_next(&child)) {
		target = report_add_target(report);
		if (target == NULL)
			return -ENOMEM;
		error = decode_target(&child, target, err);
		if (error < 0)
			return error;
		nprobes += target->nprobes;
		if (nprobes > REPORT_ALL_PROBES_MAX)
			return json_error(&child, err,
			    "more than %d probes up to here",
			    REPORT_ALL_PROBES_MAX);
	}
	return 0;
}

int report_decode(
    const char *bytes, size_t length, struct report *report, struct err *err)
{
	struct json_at root = {0};
	struct cJSON *tree;
	int error;

	memset(report, 0, sizeof(*report));
	if (length > REPORT_BYTES_MAX)
		return err_input(
		    err, "a report of more than %d bytes", REPORT_BYTES_MAX);
	error = json_parse(bytes, length, &tree, err);
	if (error < 0)
		return error;
	root.value = tree;
	error = decode_head(&root, report, err);
	if (error == 0)
		error = decode_sources(&root, report, err);
	if (error == 0)
		error = decode_targets(&root, report, err);
	json_free(tree);
	if (error == -ENOMEM)
		err_system(err, error, "reading a report");
	if (error < 0)
		report_free(report);
	return error;
}
