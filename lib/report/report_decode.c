/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/report_decode.h"

#include <errno.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/json/json_read.h"
#include "lib/report/report_decode_probe.h"
#include "lib/report/words.h"

/* A name by which rows are found: required, and never changed. */
static int decode_name(const struct json_at *object, const char *key, char *out,
    size_t size, struct err *err)
{
	struct json_at at;

	json_member(object, key, &at);
	if (json_get_text(&at, out, size, err) < 0)
		return -EINVAL;
	if (*out == '\0')
		return json_error(&at, err, "is empty");
	if (!text_is_plain(out))
		return json_error(
		    &at, err, "has a control or a format character");
	return 0;
}

static int decode_probes(const struct json_at *object,
    struct report_decoded *before, struct target_seen *target, struct err *err)
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
		if (report_decode_probe(&child, before,
			&target->probes[target->nprobes], err) < 0)
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
		if (report_decode_path(&child, target,
			&target->paths[target->npaths], err) < 0)
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

/* The target's own address, tracing, and DNS result. */
static int decode_circumstances(
    const struct json_at *object, struct target_seen *target, struct err *err)
{
	struct json_at at;
	int own, dns;

	json_member(object, "own_address", &at);
	if (json_get_word_or(
		&at, own_address_from_word, OWN_UNKNOWN, &own, err) < 0)
		return -EINVAL;
	json_member(object, "self", &at);
	if (json_get_bool_or(&at, false, &target->self, err) < 0)
		return -EINVAL;
	json_member(object, "untraced", &at);
	if (json_get_bool_or(&at, false, &target->untraced, err) < 0)
		return -EINVAL;
	json_member(object, "dns", &at);
	if (json_get_word_or(&at, dns_from_word, DNS_OK, &dns, err) < 0)
		return -EINVAL;
	target->own_address = (enum own_address)own;
	target->dns = (enum dns_seen)dns;
	return 0;
}

static int decode_target(const struct json_at *at,
    struct report_decoded *before, struct target_seen *target, struct err *err)
{
	int error;

	if (json_get_object(at, err) < 0 || decode_place(at, target, err) < 0 ||
	    decode_circumstances(at, target, err) < 0)
		return -EINVAL;
	error = decode_probes(at, before, target, err);
	return error < 0 ? error : decode_paths(at, target, err);
}

/* A UUID in lower case (RFC 9562, 4), neither nil nor max. */
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
	if (strspn(id, "0-") == REPORT_ID_SIZE - 1 ||
	    strspn(id, "f-") == REPORT_ID_SIZE - 1)
		return json_error(at, err, "is the UUID of nothing");
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
	    report_decode_text(root, "software", report->software,
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
	if (report_decode_text(
		at, "proof", source.proof, sizeof(source.proof), err) < 0)
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
	struct report_decoded before = {0};
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
		error = decode_target(&child, &before, target, err);
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
	struct json_value *tree;
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
