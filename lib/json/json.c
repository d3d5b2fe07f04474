/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/json.h"

#include <math.h>
#include <string.h>

#include "lib/base/rfc3339.h"
#include "lib/base/text.h"

/* From here on a double has no halves, and adding one would round. */
#define EXACT_MOST 4503599627370496.0 /* 2^52 */

static void append_escape(struct buf *out, unsigned char byte)
{
	static const char plain[] = "\b\t\n\f\r\"\\";
	static const char letters[] = "btnfr\"\\";
	const char *found = strchr(plain, byte);

	if (byte >= 0x80)
		buf_append_text(out, "\xef\xbf\xbd");
	else if (found == NULL)
		buf_printf(out, "\\u%04x", byte);
	else
		buf_append(out, (char[]){'\\', letters[found - plain]}, 2);
}

static bool stands_as_it_is(char ascii)
{
	unsigned char byte = (unsigned char)ascii;

	return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* Text of which each byte stands as it is, as nearly all is. */
static bool append_plain(struct buf *out, const char *text)
{
	size_t length = 0;
	char *room;

	while (stands_as_it_is(text[length]))
		length++;
	if (text[length] != '\0')
		return false;
	room = buf_reserve(out, length + 2);
	if (room == NULL)
		return true;
	room[0] = '"';
	memcpy(room + 1, text, length);
	room[length + 1] = '"';
	buf_commit(out, length + 2);
	return true;
}

static void append_quoted(struct buf *out, const char *text)
{
	const char *run = text;
	size_t length;

	if (append_plain(out, text))
		return;
	buf_append_char(out, '"');
	while (*text != '\0') {
		length = text_utf8_length(text);
		if (length > 1 || (length == 1 && stands_as_it_is(*text))) {
			text += length;
			continue;
		}
		buf_append(out, run, (size_t)(text - run));
		append_escape(out, (unsigned char)*text++);
		run = text;
	}
	buf_append(out, run, (size_t)(text - run));
	buf_append_char(out, '"');
}

static void begin_value(struct json_writer *json, const char *key)
{
	if (json->more)
		buf_append_char(json->out, ',');
	json->more = true;
	if (key == NULL)
		return;
	append_quoted(json->out, key);
	buf_append_char(json->out, ':');
}

static void open_with(struct json_writer *json, const char *key, char bracket)
{
	begin_value(json, key);
	buf_append_char(json->out, bracket);
	json->more = false;
}

static void close_with(struct json_writer *json, char bracket)
{
	buf_append_char(json->out, bracket);
	json->more = true;
}

void json_open_object(struct json_writer *json, const char *key)
{
	open_with(json, key, '{');
}

void json_close_object(struct json_writer *json)
{
	close_with(json, '}');
}

void json_open_array(struct json_writer *json, const char *key)
{
	open_with(json, key, '[');
}

void json_close_array(struct json_writer *json)
{
	close_with(json, ']');
}

void json_text(struct json_writer *json, const char *key, const char *text)
{
	begin_value(json, key);
	append_quoted(json->out, text);
}

/* The digits of `value`, at least `width` of them. */
static void append_digits(struct buf *out, uint64_t value, int width)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
		width--;
	} while (value > 0 || width > 0);
	buf_append(out, digits + at, sizeof(digits) - at);
}

void json_integer(struct json_writer *json, const char *key, int64_t value)
{
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;

	begin_value(json, key);
	if (value < 0)
		buf_append_char(json->out, '-');
	append_digits(json->out, magnitude, 1);
}

void json_decimal(
    struct json_writer *json, const char *key, double value, int decimals)
{
	uint64_t units, one = 1;
	int i;

	if (!isfinite(value)) {
		json_null(json, key);
		return;
	}
	begin_value(json, key);
	for (i = 0; i < decimals; i++)
		one *= 10;
	if (fabs(value) >= EXACT_MOST / (double)one) {
		buf_printf(json->out, "%.0f", value);
		return;
	}
	units = (uint64_t)(fabs(value) * (double)one + 0.5);
	if (value < 0 && units > 0)
		buf_append_char(json->out, '-');
	append_digits(json->out, units / one, 1);
	units %= one;
	if (units == 0)
		return;
	for (; units % 10 == 0; units /= 10)
		decimals--;
	buf_append_char(json->out, '.');
	append_digits(json->out, units, decimals);
}

void json_bool(struct json_writer *json, const char *key, bool value)
{
	json_raw(json, key, value ? "true" : "false");
}

void json_null(struct json_writer *json, const char *key)
{
	json_raw(json, key, "null");
}

void json_text_or_null(
    struct json_writer *json, const char *key, const char *text)
{
	if (*text != '\0')
		json_text(json, key, text);
	else
		json_null(json, key);
}

void json_integer_or_null(
    struct json_writer *json, const char *key, int64_t value)
{
	if (value != JSON_ABSENT)
		json_integer(json, key, value);
	else
		json_null(json, key);
}

void json_address(
    struct json_writer *json, const char *key, const struct addr *addr)
{
	char text[ADDR_TEXT_SIZE];

	json_text_or_null(json, key, addr_format(addr, text));
}

void json_time(struct json_writer *json, const char *key, int64_t wall_ms)
{
	char text[RFC3339_SIZE];

	json_text(json, key, rfc3339_format(wall_ms, text));
}

void json_time_or_null(
    struct json_writer *json, const char *key, int64_t wall_ms)
{
	if (wall_ms != 0)
		json_time(json, key, wall_ms);
	else
		json_null(json, key);
}

void json_raw(struct json_writer *json, const char *key, const char *raw)
{
	begin_value(json, key);
	buf_append_text(json->out, raw);
}
