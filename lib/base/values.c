/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/values.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/addr.h"

#define BLANKS " \t"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Read the digits at the start of `text` as a number, capped at INT64_MAX.
 * Returns what follows them, which is `text` if there are none. */
static const char *read_digits(const char *text, int64_t *out)
{
	int64_t value = 0;

	for (; is_digit(*text); text++) {
		if (value > (INT64_MAX - (*text - '0')) / 10)
			value = INT64_MAX;
		else
			value = value * 10 + (*text - '0');
	}
	*out = value;
	return text;
}

struct unit {
	char letter; /* '\0' ends a list */
	int64_t factor;
};

static int64_t scale(int64_t value, int64_t factor)
{
	return value > INT64_MAX / factor ? INT64_MAX : value * factor;
}

/* Digits, and perhaps one unit. False: `text` is something else. */
static bool read_scaled(
    const char *text, const struct unit *units, int64_t *out)
{
	const char *behind = read_digits(text, out);

	if (behind == text)
		return false;
	if (*behind == '\0')
		return true;
	for (; units->letter != '\0'; units++) {
		if (*behind == units->letter && behind[1] == '\0') {
			*out = scale(*out, units->factor);
			return true;
		}
	}
	return false;
}

static int check_range(const char *text, int64_t value, int64_t least,
    int64_t most, struct err *err)
{
	if (value < least)
		return err_input(
		    err, "'%.80s' is less than %lld", text, (long long)least);
	if (value > most)
		return err_input(
		    err, "'%.80s' is more than %lld", text, (long long)most);
	return 0;
}

int values_parse_count(const char *text, int64_t least, int64_t most,
    int64_t *out, struct err *err)
{
	static const struct unit units[] = {{'\0', 0}};
	int64_t value;
	int rc;

	if (!read_scaled(text, units, &value))
		return err_input(err, "'%.80s' is no whole number", text);
	rc = check_range(text, value, least, most, err);
	if (rc == 0)
		*out = value;
	return rc;
}

int values_parse_seconds(const char *text, int64_t least, int64_t most,
    int64_t *out, struct err *err)
{
	static const struct unit units[] = {
	    {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'\0', 0}};
	int64_t value;
	int rc;

	if (!read_scaled(text, units, &value))
		return err_input(
		    err, "'%.80s' is no time: write 90, 10m, 12h or 30d", text);
	rc = check_range(text, value, least, most, err);
	if (rc != 0) {
		if (err != NULL)
			strncat(err->text, " seconds",
			    sizeof(err->text) - strlen(err->text) - 1);
		return rc;
	}
	*out = value;
	return 0;
}

int values_parse_bytes(const char *text, int64_t least, int64_t most,
    int64_t *out, struct err *err)
{
	static const struct unit units[] = {{'k', INT64_C(1) << 10},
	    {'K', INT64_C(1) << 10}, {'M', INT64_C(1) << 20},
	    {'G', INT64_C(1) << 30}, {'\0', 0}};
	int64_t value;
	int rc;

	if (!read_scaled(text, units, &value))
		return err_input(err,
		    "'%.80s' is no size: write 65536, 64k, 20M or 2G", text);
	rc = check_range(text, value, least, most, err);
	if (rc == 0)
		*out = value;
	return rc;
}

int values_parse_bool(const char *text, bool *out, struct err *err)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {{"yes", true}, {"on", true}, {"true", true}, {"no", false},
	    {"off", false}, {"false", false}};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(text, words[i].word) == 0) {
			*out = words[i].value;
			return 0;
		}
	}
	return err_input(err, "'%.80s' is neither yes nor no", text);
}

int values_find_word(const char *list, const char *word)
{
	size_t length = strlen(word), n;
	int i;

	for (i = 0; *list != '\0'; i++, list += n) {
		list += strspn(list, " ");
		n = strcspn(list, " ");
		if (n == length && n > 0 && memcmp(list, word, n) == 0)
			return i;
	}
	return -1;
}

int values_parse_choice(
    const char *text, const char *choices, int *out, struct err *err)
{
	int i = values_find_word(choices, text);

	if (i < 0)
		return err_input(err, "'%.80s' is none of: %s", text, choices);
	*out = i;
	return 0;
}

bool values_read_number(
    const char **text, char end, int64_t least, int64_t most, int64_t *out)
{
	const char *digits = *text + (least < 0 && **text == '-');
	int64_t value;
	char *behind;

	if (!is_digit(*digits))
		return false;
	errno = 0;
	value = strtoll(*text, &behind, 10);
	if (errno != 0 || *behind != end || value < least || value > most)
		return false;
	*text = behind + (end != '\0');
	*out = value;
	return true;
}

bool values_read_port(const char *text, size_t length, uint16_t *port)
{
	int64_t value;

	if (length == 0 || length > 5 ||
	    read_digits(text, &value) != text + length || value < 1 ||
	    value > UINT16_MAX)
		return false;
	*port = (uint16_t)value;
	return true;
}

/* The host, and the text of the port; NULL if there is none. */
struct host_parts {
	const char *host, *port;
	size_t host_length;
	bool bracketed;
};

static bool split_host_port(const char *text, struct host_parts *parts)
{
	const char *colon = strchr(text, ':'), *end;

	memset(parts, 0, sizeof(*parts));
	if (*text == '[') {
		end = strchr(text, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		parts->bracketed = true;
		parts->host = text + 1;
		parts->host_length = (size_t)(end - text - 1);
		parts->port = end[1] == ':' ? end + 2 : NULL;
		return true;
	}
	/* More than one colon: an IPv6 address without a port. */
	if (colon != NULL && strchr(colon + 1, ':') != NULL)
		colon = NULL;
	parts->host = text;
	parts->host_length = colon == NULL ? strlen(text)
					   : (size_t)(colon - text);
	parts->port = colon == NULL ? NULL : colon + 1;
	return true;
}

int values_parse_host_port(
    const char *text, char host[256], uint16_t *port, struct err *err)
{
	struct host_parts parts;
	char name[256] = "";
	struct addr addr;
	uint16_t number = 0;

	if (!split_host_port(text, &parts) || parts.host_length == 0)
		return err_input(err,
		    "'%.80s' is no HOST, HOST:PORT or [ADDRESS]:PORT", text);
	if (parts.host_length < sizeof(name))
		memcpy(name, parts.host, parts.host_length);
	if (!addr_parse(&addr, name) &&
	    (parts.bracketed || !values_is_host_name(name)))
		return err_input(
		    err, "'%.80s' is neither an address nor a host name", text);
	if (parts.port != NULL &&
	    !values_read_port(parts.port, strlen(parts.port), &number))
		return err_input(
		    err, "'%.80s' does not end in a port of 1 to 65535", text);
	memcpy(host, name, sizeof(name));
	*port = number;
	return 0;
}

static bool is_label_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

/* The length of the DNS label at the start of `text`, or 0. */
static size_t label_length(const char *text)
{
	size_t n = 0;

	while (is_label_char(text[n]))
		n++;
	if (n == 0 || n > 63 || text[0] == '-' || text[n - 1] == '-')
		return 0;
	return n;
}

bool values_is_host_name(const char *text)
{
	size_t total = strlen(text), n;
	bool numeric = false;
	int64_t ignored;

	if (total > 0 && text[total - 1] == '.')
		total--;
	if (total > 253)
		return false;
	for (;;) {
		n = label_length(text);
		if (n == 0)
			return false;
		numeric = read_digits(text, &ignored) == text + n;
		text += n;
		if (*text == '\0' || (text[0] == '.' && text[1] == '\0'))
			return !numeric;
		if (*text != '.')
			return false;
		text++;
	}
}

/* True if that is the last label of the name. */
static bool ends_in_label(const char *name, const char *label)
{
	size_t length = strlen(name), n = strlen(label);

	if (length > 0 && name[length - 1] == '.')
		length--;
	return length > n && name[length - n - 1] == '.' &&
	       strncasecmp(name + length - n, label, n) == 0;
}

int values_check_fqdn(const char *text, struct err *err)
{
	const char *dot = strchr(text, '.');

	if (!values_is_host_name(text))
		return err_input(err, "'%.80s' is no host name", text);
	if (dot == NULL || dot[1] == '\0')
		return err_input(err,
		    "'%.80s' is not fully qualified: it has no domain", text);
	if (ends_in_label(text, "localhost") ||
	    ends_in_label(text, "localdomain"))
		return err_input(
		    err, "'%.80s' means this machine to every machine", text);
	return 0;
}

int values_check_servers(const char *text, struct err *err)
{
	char one[ADDR_TEXT_SIZE + 16], host[256];
	struct addr addr;
	uint16_t port;
	size_t length;

	for (; *text != '\0'; text += length) {
		text += strspn(text, BLANKS ",");
		length = strcspn(text, BLANKS ",");
		if (length == 0)
			break;
		snprintf(one, sizeof(one), "%.*s", (int)length, text);
		if (values_parse_host_port(one, host, &port, NULL) != 0 ||
		    !addr_parse(&addr, host))
			return err_input(err,
			    "'%.80s' is no name server: write ADDRESS or "
			    "[ADDRESS]:PORT",
			    one);
	}
	return 0;
}
