/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/json_value.h"

#include <stdlib.h>
#include <string.h>

/* A double holds integers of so many digits, and so many powers of ten,
 * exactly: one division then rounds as strtod() does. */
#define EXACT_DIGITS 15

/* A text, byte by byte. */
struct cursor {
	const char *at, *end;
	unsigned char rest[3]; /* of a UTF-8 sequence, the last byte first */
	int nrest;
};

static struct cursor start(const struct json_value *text)
{
	return (struct cursor){text->at, text->at + text->length};
}

/* json_scan() has seen the four digits. */
static uint32_t take_hex4(struct cursor *cursor)
{
	char digits[5] = "";

	memcpy(digits, cursor->at, 4);
	cursor->at += 4;
	return (uint32_t)strtoul(digits, NULL, 16);
}

/* After "\u": the first byte; the others are the rest. */
static int take_unicode(struct cursor *cursor)
{
	uint32_t code = take_hex4(cursor);
	int n = 0;

	if (code >= 0xd800 && code <= 0xdbff) {
		cursor->at += 2;
		code = 0x10000 + ((code & 0x3ff) << 10) +
		       (take_hex4(cursor) & 0x3ff);
	}
	if (code < 0x80)
		return (int)code;
	for (; code >= (n == 0 ? 0x80U : 0x40U >> n); code >>= 6)
		cursor->rest[n++] = (unsigned char)(0x80 | (code & 0x3f));
	cursor->nrest = n;
	return (int)((0xff & ~(0xff >> (n + 1))) | code);
}

/* The next byte, or -1 at the end. */
static int take(struct cursor *cursor)
{
	static const char letters[] = "bfnrt", bytes[] = "\b\f\n\r\t";
	const char *found;
	char c;

	if (cursor->nrest > 0)
		return cursor->rest[--cursor->nrest];
	if (cursor->at == cursor->end)
		return -1;
	c = *cursor->at++;
	if (c != '\\')
		return (unsigned char)c;
	c = *cursor->at++;
	if (c == 'u')
		return take_unicode(cursor);
	found = strchr(letters, c);
	return (unsigned char)(found != NULL ? bytes[found - letters] : c);
}

/* The first key tells where the bytes stand that the values were made from. */
bool json_value_repeats(
    const struct json_value *value, const struct json_value *other)
{
	return value->type == JSON_OBJECT && other->type == JSON_OBJECT &&
	       value->length > 0 && other->length > 0 &&
	       value[1].at == other[1].at;
}

size_t json_value_copy(const struct json_value *text, char *out, size_t size)
{
	struct cursor cursor = start(text);
	size_t length = text->length, copied, i;
	int c;

	if (!text->escaped) {
		copied = length < size ? length : size - 1;
		memcpy(out, text->at, copied);
		out[copied] = '\0';
		return length;
	}
	for (i = 0; (c = take(&cursor)) >= 0; i++)
		if (i < size - 1)
			out[i] = (char)c;
	out[i < size ? i : size - 1] = '\0';
	return i;
}

int json_value_compare(const struct json_value *a, const struct json_value *b)
{
	struct cursor one = start(a), other = start(b);
	int c, d;

	do {
		c = take(&one);
		d = take(&other);
	} while (c == d && c >= 0);
	return c - d;
}

bool json_value_is(const struct json_value *text, const char *other)
{
	struct cursor cursor = start(text);
	int c;

	if (!text->escaped)
		return strncmp(text->at, other, text->length) == 0 &&
		       other[text->length] == '\0';
	while ((c = take(&cursor)) >= 0)
		if (c != (unsigned char)*other++)
			return false;
	return *other == '\0';
}

/* Digits, perhaps with a point among them. False: too many, or an exponent. */
static bool read_exactly(const char *at, const char *end, double *out)
{
	static const double powers[EXACT_DIGITS + 1] = {1, 1e1, 1e2, 1e3, 1e4,
	    1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	const char *point = NULL;
	int64_t value = 0;

	if (end - at > EXACT_DIGITS)
		return false;
	for (; at < end; at++) {
		if (*at == '.')
			point = at + 1;
		else if (*at < '0' || *at > '9')
			return false;
		else
			value = value * 10 + (*at - '0');
	}
	*out = (double)value;
	if (point != NULL)
		*out /= powers[end - point];
	return true;
}

double json_value_number(const struct json_value *number)
{
	const char *at = number->at, *end = at + number->length;
	char text[JSON_NUMBER_MAX + 1];
	double value;

	if (read_exactly(at + (*at == '-'), end, &value))
		return *at == '-' ? -value : value;
	memcpy(text, at, number->length);
	text[number->length] = '\0';
	return strtod(text, NULL);
}
