/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/query.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/rfc3339.h"
#include "lib/base/values.h"
#include "lib/report/words.h"

#define VALUE_SIZE 128

/* Read a value. False: it is none. */
typedef bool read_value(struct query *query, const char *value);

static int fail(struct query_error *error, const char *field,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

static int fail(
    struct query_error *error, const char *field, const char *format, ...)
{
	va_list args;

	snprintf(error->field, sizeof(error->field), "%s", field);
	va_start(args, format);
	vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	return -EINVAL;
}

static bool read_asn(struct query *query, const char *value)
{
	return network_parse_asn(value, &query->asn);
}

static bool read_country(struct query *query, const char *value)
{
	if (strlen(value) != 2 || !isalpha((unsigned char)value[0]) ||
	    !isalpha((unsigned char)value[1]))
		return false;
	query->country[0] = (char)toupper((unsigned char)value[0]);
	query->country[1] = (char)toupper((unsigned char)value[1]);
	return true;
}

static bool read_family(struct query *query, const char *value)
{
	if (strcmp(value, "4") != 0 && strcmp(value, "6") != 0)
		return false;
	query->family = (uint8_t)(value[0] - '0');
	return true;
}

static bool read_port(struct query *query, const char *value)
{
	int64_t port;

	if (values_parse_count(value, 1, 65535, &port, NULL) < 0)
		return false;
	query->port = (uint16_t)port;
	return true;
}

static bool read_state(struct query *query, const char *value)
{
	query->state = network_state_from_word(value);
	return query->state >= 0;
}

static bool read_outcome(struct query *query, const char *value)
{
	query->outcome = outcome_from_word(value);
	return query->outcome >= 0;
}

static bool read_since(struct query *query, const char *value)
{
	return rfc3339_parse(value, &query->since_ms);
}

static bool read_until(struct query *query, const char *value)
{
	return rfc3339_parse(value, &query->until_ms);
}

static bool read_limit(struct query *query, const char *value)
{
	int64_t limit;

	if (values_parse_count(value, 1, QUERY_LIMIT_MAX, &limit, NULL) < 0)
		return false;
	query->limit = (size_t)limit;
	return true;
}

static bool read_cursor(struct query *query, const char *value)
{
	size_t length = strspn(value, "0123456789.-");

	if (value[length] != '\0' || length >= sizeof(query->cursor))
		return false;
	strcpy(query->cursor, value);
	return true;
}

static bool read_format(struct query *query, const char *value)
{
	static const char *const words[FORMAT_COUNT] = {
	    [FORMAT_JSON] = "json",
	    [FORMAT_JSONL] = "jsonl",
	    [FORMAT_CSV] = "csv",
	};
	int i;

	for (i = 0; i < FORMAT_COUNT; i++)
		if (strcmp(words[i], value) == 0) {
			query->format = (enum format)i;
			return true;
		}
	return false;
}

static const struct parameter {
	const char *name;
	enum query_parameter bit;
	read_value *read;
	const char *expected;
} parameters[] = {
    {"asn", QUERY_ASN, read_asn, "a number like 64500 or AS64500"},
    {"country", QUERY_COUNTRY, read_country, "two letters like DE"},
    {"family", QUERY_FAMILY, read_family, "4 or 6"},
    {"port", QUERY_PORT, read_port, "a number from 1 to 65535"},
    {"state", QUERY_STATE, read_state,
	"open, filtered, partial, intercepted, inconsistent or insufficient"},
    {"outcome", QUERY_OUTCOME, read_outcome,
	"reachable, filtered, intercepted, local, endpoint or unknown"},
    {"since", QUERY_SINCE, read_since,
	"a time like 2026-11-24T08:00:00Z or a date"},
    {"until", QUERY_UNTIL, read_until,
	"a time like 2026-11-24T08:00:00Z or a date"},
    {"limit", QUERY_LIMIT, read_limit, "a number from 1 to 1000"},
    {"cursor", QUERY_CURSOR, read_cursor, "what `next` of a list was"},
    {"format", QUERY_FORMAT, read_format, "json, jsonl or csv"},
};

static const struct parameter *find_parameter(
    const char *name, unsigned allowed)
{
	size_t i;

	for (i = 0; i < sizeof(parameters) / sizeof(*parameters); i++)
		if ((parameters[i].bit & allowed) != 0 &&
		    strcmp(parameters[i].name, name) == 0)
			return &parameters[i];
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that "%XX" at `text` encodes, or -1; NUL is refused. */
static int decode_percent(const char *text, size_t length)
{
	int high = length > 2 ? hex_digit(text[1]) : -1;
	int low = high >= 0 ? hex_digit(text[2]) : -1;

	return low < 0 || high + low == 0 ? -1 : high * 16 + low;
}

/* Decode %XX (RFC 3986, 2.1) and '+'. NULL, or what is wrong. */
static const char *decode(
    const char *text, size_t length, char *out, size_t size)
{
	size_t i, used = 0;
	int c;

	for (i = 0; i < length; i++) {
		c = text[i] == '+' ? ' ' : (unsigned char)text[i];
		if (text[i] == '%') {
			c = decode_percent(text + i, length - i);
			i += 2;
		}
		if (c == -1)
			return "has a '%' that is no percent-encoded text";
		if (used + 1 == size)
			return "is too long";
		out[used++] = (char)c;
	}
	out[used] = '\0';
	return used > 0 ? NULL : "is missing";
}

static int read_pair(const char *text, size_t length, unsigned allowed,
    struct query *query, struct query_error *error)
{
	size_t name_length = strcspn(text, "=&");
	bool has_value = name_length < length;
	const struct parameter *parameter;
	char name[32], value[VALUE_SIZE];
	const char *wrong;

	wrong = decode(text, name_length, name, sizeof(name));
	if (wrong != NULL)
		return fail(error, "", "a parameter's name %s", wrong);
	parameter = find_parameter(name, allowed);
	if (parameter == NULL)
		return fail(error, name, "there is no such parameter here");
	if ((query->given & parameter->bit) != 0)
		return fail(error, name, "given twice");
	wrong = decode(text + name_length + has_value,
	    length - name_length - has_value, value, sizeof(value));
	if (wrong != NULL)
		return fail(error, name, "the value %s", wrong);
	if (!parameter->read(query, value))
		return fail(error, name, "\"%.40s\" is not %s", value,
		    parameter->expected);
	query->given |= parameter->bit;
	return 0;
}

int query_parse(const char *text, unsigned allowed, struct query *query,
    struct query_error *error)
{
	size_t length;

	memset(query, 0, sizeof(*query));
	query->state = query->outcome = -1;
	query->limit = QUERY_LIMIT_DEFAULT;
	while (text != NULL && *text != '\0') {
		length = strcspn(text, "&");
		if (length > 0 &&
		    read_pair(text, length, allowed, query, error) < 0)
			return -EINVAL;
		text += length + (text[length] == '&');
	}
	if ((query->given & QUERY_SINCE) != 0 &&
	    (query->given & QUERY_UNTIL) != 0 &&
	    query->since_ms >= query->until_ms)
		return fail(error, "until", "not after `since`");
	return 0;
}

bool query_read(const struct request *request, unsigned allowed,
    struct query *query, struct reply *reply)
{
	struct query_error error;

	if (query_parse(request->query, allowed, query, &error) == 0)
		return true;
	reply_error(reply, 400, error.field, error.message);
	return false;
}

void query_to_filter(const struct query *query, struct row_filter *filter)
{
	row_filter_init(filter);
	filter->has_asn = (query->given & QUERY_ASN) != 0;
	filter->asn = query->asn;
	memcpy(filter->country, query->country, sizeof(filter->country));
	filter->family = query->family;
	filter->port = query->port;
	filter->outcome = query->outcome;
	filter->since_ms = query->since_ms;
	filter->until_ms = query->until_ms;
	if ((query->given & QUERY_UNTIL) != 0 && query->until_ms == 0)
		filter->until_ms = -1; /* 0 would be no end */
}
