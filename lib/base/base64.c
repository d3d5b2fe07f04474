/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/base64.h"

#include <string.h>

#define STANDARD_END "+/"
#define URL_END      "-_"

static const char common[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789";
static const char digits[] = "0123456789abcdef";

static char symbol(unsigned six, const char *end)
{
	return six < 62 ? common[six] : end[six - 62];
}

/* One to three bytes as two to four characters. Returns how many. */
static size_t encode_group(
    const uint8_t *in, size_t length, const char *end, char *text)
{
	uint32_t group = (uint32_t)in[0] << 16;
	size_t i;

	if (length > 1)
		group |= (uint32_t)in[1] << 8;
	if (length > 2)
		group |= in[2];
	for (i = 0; i <= length; i++)
		text[i] = symbol(group >> (18 - 6 * i) & 63, end);
	return length + 1;
}

static size_t encode(
    const uint8_t *in, size_t length, const char *end, char *text)
{
	size_t written = 0, part;

	for (; length > 0; in += part, length -= part) {
		part = length < 3 ? length : 3;
		written += encode_group(in, part, end, text + written);
	}
	text[written] = '\0';
	return written;
}

size_t base64_encode(const void *bytes, size_t length, char *text)
{
	size_t written = encode(bytes, length, STANDARD_END, text);

	while (written % 4 != 0)
		text[written++] = '=';
	text[written] = '\0';
	return written;
}

size_t base64url_encode(const void *bytes, size_t length, char *text)
{
	return encode(bytes, length, URL_END, text);
}

/* The six bits of a character of either alphabet, or -1. */
static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* Take the padding off the length. False: there is some, but not the right
 * amount. */
static bool drop_padding(const char *text, size_t *length)
{
	size_t whole = *length, end = whole;

	while (end > 0 && whole - end < 2 && text[end - 1] == '=')
		end--;
	*length = end;
	return end == whole || whole % 4 == 0;
}

bool base64_decode(const char *text, size_t text_length, uint8_t *bytes,
    size_t size, size_t *length)
{
	uint32_t group = 0;
	size_t i, written = 0;
	unsigned bits = 0;
	int six;

	if (!drop_padding(text, &text_length) || text_length % 4 == 1 ||
	    text_length / 4 * 3 + text_length % 4 * 3 / 4 > size)
		return false;
	for (i = 0; i < text_length; i++) {
		six = value_of(text[i]);
		if (six < 0)
			return false;
		group = group << 6 | (uint32_t)six;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		bytes[written++] = (uint8_t)(group >> bits);
	}
	/* Trailing bits that are not 0 would be a second encoding of the same
	 * bytes (RFC 4648, 3.5). */
	if ((group & ((1U << bits) - 1)) != 0)
		return false;
	*length = written;
	return true;
}

void hex_encode(const void *bytes, size_t length, char *text)
{
	const uint8_t *in = bytes;
	size_t i;

	for (i = 0; i < length; i++) {
		text[2 * i] = digits[in[i] >> 4];
		text[2 * i + 1] = digits[in[i] & 15];
	}
	text[2 * length] = '\0';
}

/* One more than the digit's value. Without a branch for each kind of digit,
 * which nobody guesses well. */
static const uint8_t hex_values[256] = {
    ['0'] = 1,
    ['1'] = 2,
    ['2'] = 3,
    ['3'] = 4,
    ['4'] = 5,
    ['5'] = 6,
    ['6'] = 7,
    ['7'] = 8,
    ['8'] = 9,
    ['9'] = 10,
    ['a'] = 11,
    ['b'] = 12,
    ['c'] = 13,
    ['d'] = 14,
    ['e'] = 15,
    ['f'] = 16,
    ['A'] = 11,
    ['B'] = 12,
    ['C'] = 13,
    ['D'] = 14,
    ['E'] = 15,
    ['F'] = 16,
};

bool hex_decode(const char *text, uint8_t *bytes, size_t length)
{
	const unsigned char *at = (const unsigned char *)text;
	unsigned high, low;
	size_t i;

	for (i = 0; i < length; i++, at += 2) {
		high = hex_values[at[0]];
		if (high == 0)
			return false;
		low = hex_values[at[1]];
		if (low == 0)
			return false;
		bytes[i] = (uint8_t)((high - 1) << 4 | (low - 1));
	}
	return *at == '\0';
}
