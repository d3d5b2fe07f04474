/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/query_parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/parameter.h"

#define VALUE_SIZE 256

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

/* How many values of a comma list. */
static size_t count_values(const char *text)
{
	size_t count = 1;

	for (; *text != '\0'; text++)
		count += *text == ',';
	return count;
}

static int read_value(const struct parameter *parameter, const char *value,
    struct query *query, struct query_error *error)
{
	struct buf expected = {0};

	if (parameter->read(parameter, value, query))
		return 0;
	parameter_expected(parameter, &expected);
	fail(error, parameter->name, "\"%.40s\" is not %s", value,
	    expected.data != NULL ? expected.data : "");
	buf_free(&expected);
	return -EINVAL;
}

/* `text` is taken apart. */
static int read_values(const struct parameter *parameter, char *text,
    struct query *query, struct query_error *error)
{
	char *comma;
	int result = 0;

	if (parameter->many == 0)
		return read_value(parameter, text, query, error);
	if (count_values(text) > parameter->many)
		return fail(error, parameter->name, "more than %zu values",
		    parameter->many);
	do {
		comma = strchr(text, ',');
		if (comma != NULL)
			*comma = '\0';
		result = read_value(parameter, text, query, error);
		text = comma != NULL ? comma + 1 : NULL;
	} while (result == 0 && text != NULL);
	return result;
}

static int read_encoded(const struct parameter *parameter, const char *text,
    size_t length, struct query *query, struct query_error *error)
{
	size_t size = parameter->many > QUERY_LIST_MAX ? QUERY_VALUE_SIZE
		      : parameter->many > 0            ? QUERY_VALUE_SIZE / 4
						       : VALUE_SIZE;
	char value[QUERY_VALUE_SIZE];
	const char *wrong = decode(text, length, value, size);

	if (wrong != NULL)
		return fail(error, parameter->name, "the value %s", wrong);
	query->given |= parameter->bit;
	return read_values(parameter, value, query, error);
}

static int read_pair(const char *text, size_t length, unsigned allowed,
    struct query *query, struct query_error *error)
{
	size_t name_length = strcspn(text, "=&");
	bool has_value = name_length < length;
	const struct parameter *parameter;
	const char *wrong;
	char name[32];

	wrong = decode(text, name_length, name, sizeof(name));
	if (wrong != NULL)
		return fail(error, "", "a parameter's name %s", wrong);
	parameter = parameter_find(name, allowed);
	if (parameter == NULL)
		return fail(error, name, "there is no such parameter here");
	if ((query->given & parameter->bit) != 0)
		return fail(error, name, "given twice");
	if (read_encoded(parameter, text + name_length + has_value,
		length - name_length - has_value, query, error) == 0)
		return 0;
	snprintf(error->field, sizeof(error->field), "%s", name);
	return -EINVAL;
}

int query_parse(const char *text, unsigned allowed, struct query *query,
    struct query_error *error)
{
	size_t length;

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

int query_require(
    unsigned required, const struct query *query, struct query_error *error)
{
	const struct parameter *parameter;
	struct buf expected = {0};

	for (parameter = parameters; parameter->name != NULL; parameter++)
		if ((parameter->bit & required & ~query->given) != 0)
			break;
	if (parameter->name == NULL)
		return 0;
	parameter_expected(parameter, &expected);
	fail(error, parameter->name, "is needed: %s",
	    expected.data != NULL ? expected.data : "");
	buf_free(&expected);
	return -EINVAL;
}

int query_parse_value(const char *name, const char *value, size_t length,
    struct query *query, struct query_error *error)
{
	const struct parameter *parameter = parameter_find(name, ~0u);

	if (memchr(value, ',', length) != NULL)
		return fail(error, parameter->name, "the path has one value");
	return read_encoded(parameter, value, length, query, error);
}
