/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/config/endpoints_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/addr.h"
#include "lib/base/base64.h"
#include "lib/base/text.h"
#include "lib/base/values.h"

static int set_name(char out[256], const char *value, struct err *err)
{
	struct addr addr;
	size_t length = strlen(value);

	if (!addr_parse(&addr, value) && !values_is_host_name(value))
		return err_input(err,
		    "'%.80s' is neither an address nor a host name", value);
	/* No certificate has the final dot. */
	if (value[length - 1] == '.')
		length--;
	memcpy(out, value, length);
	out[length] = '\0';
	return 0;
}

static int set_host(
    struct endpoint *endpoint, const char *value, struct err *err)
{
	return set_name(endpoint->host, value, err);
}

static int set_domain(
    struct endpoint *endpoint, const char *value, struct err *err)
{
	if (!values_is_host_name(value))
		return err_input(err, "'%.80s' is no domain name", value);
	return set_name(endpoint->domain, value, err);
}

static int set_ports(
    struct endpoint *endpoint, const char *value, struct err *err)
{
	int rc = port_list_parse(value, &endpoint->ports, err);

	if (rc == 0)
		endpoints_know_ports(endpoint);
	return rc;
}

static int set_control(
    struct endpoint *endpoint, const char *value, struct err *err)
{
	size_t i;
	int rc;

	if (strchr(value, '/') != NULL)
		return err_input(
		    err, "'%.80s': a control port has no mode", value);
	rc = port_list_parse(value, &endpoint->control, err);
	for (i = 0; rc == 0 && i < endpoint->control.count; i++)
		endpoint->control.mode[i] = MODE_CONNECT;
	return rc;
}

static int set_kind(
    struct endpoint *endpoint, const char *value, struct err *err)
{
	int kind = endpoint_kind_from_word(value);

	if (kind < 0)
		return err_input(
		    err, "'%.80s' is none of: mx submission beacon", value);
	endpoint->kind = (enum endpoint_kind)kind;
	return 0;
}

static int set_starttls(
    struct endpoint *endpoint, const char *value, struct err *err)
{
	return values_parse_bool(value, &endpoint->known.offers_starttls, err);
}

static bool read_digest(const char *text, size_t length, uint8_t out[32])
{
	size_t i;

	if (length != 64 || strspn(text, "0123456789abcdefABCDEF") < length)
		return false;
	for (i = 0; i < 32; i++)
		sscanf(text + 2 * i, "%2hhx", &out[i]);
	return true;
}

static int set_spki(
    struct endpoint *endpoint, const char *value, struct err *err)
{
	struct endpoint_known *known = &endpoint->known;
	size_t length;

	for (; *value != '\0'; value += length) {
		value += strspn(value, " \t,");
		length = strcspn(value, " \t,");
		if (length == 0)
			break;
		if (known->nspki == KNOWN_KEYS_MAX)
			return err_input(
			    err, "more than %d keys", KNOWN_KEYS_MAX);
		if (!read_digest(
			value, length, known->spki_sha256[known->nspki]))
			return err_input(err,
			    "'%.*s' is no SHA-256 as 64 hexadecimal digits",
			    (int)(length < 80 ? length : 80), value);
		known->nspki++;
	}
	if (known->nspki == 0)
		return err_input(err, "no key is named");
	return 0;
}

/* As `egress25-beacon key` prints them. */
static int set_receipt_key(
    struct endpoint *endpoint, const char *value, struct err *err)
{
	struct endpoint_known *known = &endpoint->known;
	size_t length, got;

	for (; *value != '\0'; value += length) {
		value += strspn(value, " \t,");
		length = strcspn(value, " \t,");
		if (length == 0)
			break;
		if (known->nreceipt_keys == KNOWN_RECEIPT_KEYS_MAX)
			return err_input(
			    err, "more than %d keys", KNOWN_RECEIPT_KEYS_MAX);
		if (!base64_decode(value, length,
			known->receipt_keys[known->nreceipt_keys], 32, &got) ||
		    got != 32)
			return err_input(err,
			    "'%.*s' is no Ed25519 key of 32 bytes in base64",
			    (int)(length < 80 ? length : 80), value);
		known->nreceipt_keys++;
	}
	if (known->nreceipt_keys == 0)
		return err_input(err, "no key is named");
	return 0;
}

static int set_addresses(
    struct endpoint *endpoint, const char *value, struct err *err)
{
	return values_parse_count(value, 1, 16, &endpoint->addresses, err);
}

static int set_interval(
    struct endpoint *endpoint, const char *value, struct err *err)
{
	return values_parse_seconds(
	    value, 1, 30 * 86400, &endpoint->interval_s, err);
}

static int set_rate(
    struct endpoint *endpoint, const char *value, struct err *err)
{
	char *end = NULL;
	double rate = 0;

	/* strtod() alone would take "inf", "0x1p3" and blanks as well. */
	if (value[strspn(value, "0123456789.")] == '\0')
		rate = strtod(value, &end);
	if (end == NULL || end == value || *end != '\0')
		return err_input(err, "'%.80s' is no number", value);
	if (rate < 0.0001 || rate > 10000)
		return err_input(err,
		    "'%.80s' is not within 0.0001 and 10000 visits a second",
		    value);
	endpoint->rate = rate;
	return 0;
}

static const struct {
	const char *key;
	int (*set)(struct endpoint *, const char *, struct err *);
} keys[] = {
    {"host", set_host},
    {"domain", set_domain},
    {"ports", set_ports},
    {"control", set_control},
    {"kind", set_kind},
    {"starttls", set_starttls},
    {"spki", set_spki},
    {"receipt-key", set_receipt_key},
    {"addresses", set_addresses},
    {"interval", set_interval},
    {"rate", set_rate},
};

#define NKEYS (sizeof(keys) / sizeof(*keys))

struct reading {
	struct endpoint_list *list;
	int key_lines[NKEYS]; /* in the current section; 0: not set */
	int section_lines[ENDPOINTS_MAX]; /* same index as in the list */
};

static int begin_section(
    struct reading *reading, const struct conf_line *line, struct err *err)
{
	struct endpoint_list *list = reading->list;
	const struct endpoint *same = endpoints_find(list, line->section);

	if (same != NULL)
		return err_input(err, "[%s] is on line %d already",
		    line->section, reading->section_lines[same - list->items]);
	if (!text_is_plain(line->section))
		return err_input(err,
		    "[%s] has a character that cannot be seen", line->section);
	if (list->count == ENDPOINTS_MAX)
		return err_input(err, "more than %d endpoints", ENDPOINTS_MAX);
	if (endpoints_add(list, line->section) == NULL)
		return err_system(err, -ENOMEM, "[%s]", line->section);
	reading->section_lines[list->count - 1] = line->number;
	memset(reading->key_lines, 0, sizeof(reading->key_lines));
	return 0;
}

static int take_line(void *arg, const struct conf_line *line, struct err *err)
{
	struct reading *reading = arg;
	size_t i = 0;
	int rc;

	if (line->key == NULL)
		return begin_section(reading, line, err);
	while (i < NKEYS && strcmp(keys[i].key, line->key) != 0)
		i++;
	if (i == NKEYS)
		return err_input(err, "unknown key '%.80s' in [%s]", line->key,
		    line->section);
	if (reading->key_lines[i] != 0)
		return err_input(err, "%s is set on line %d already", line->key,
		    reading->key_lines[i]);
	reading->key_lines[i] = line->number;
	rc = keys[i].set(
	    &reading->list->items[reading->list->count - 1], line->value, err);
	if (rc != 0)
		err_prefix(err, "%s", line->key);
	return rc;
}

static int finish(struct reading *reading, const char *file, struct err *err)
{
	struct endpoint *endpoint;
	size_t i;
	int line;

	for (i = 0; i < reading->list->count; i++) {
		endpoint = &reading->list->items[i];
		line = reading->section_lines[i];
		if (*endpoint->host == '\0' && *endpoint->domain == '\0')
			return err_input(err,
			    "%s:%d: [%s] has neither host nor domain", file,
			    line, endpoint->name);
		if (*endpoint->host != '\0' && *endpoint->domain != '\0')
			return err_input(err,
			    "%s:%d: [%s] has both host and domain", file, line,
			    endpoint->name);
		if (endpoint->known.nreceipt_keys > 0 &&
		    endpoint->kind != ENDPOINT_BEACON)
			return err_input(err,
			    "%s:%d: [%s] has a receipt-key and is no beacon",
			    file, line, endpoint->name);
		endpoints_drop_asked_controls(endpoint);
	}
	return 0;
}

/* Read the file `path`, or `text` unless that is NULL. */
static int read_from(const char *path, const struct conf_text *text,
    struct endpoint_list *list, struct err *err)
{
	struct reading reading = {.list = list};
	int rc;

	memset(list, 0, sizeof(*list));
	if (text == NULL)
		rc = conf_walk(path, take_line, &reading, err);
	else
		rc = conf_walk_text(text, take_line, &reading, err);
	if (rc == 0)
		rc = finish(&reading, path, err);
	if (rc != 0)
		endpoints_free(list);
	return rc;
}

int endpoints_read(
    const char *path, struct endpoint_list *list, struct err *err)
{
	return read_from(path, NULL, list, err);
}

int endpoints_read_text(
    const struct conf_text *text, struct endpoint_list *list, struct err *err)
{
	return read_from(text->name, text, list, err);
}
