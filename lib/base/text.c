/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Without a branch a byte, since most texts are. */
static bool is_printable(const char *bytes, size_t length)
{
	unsigned char other = 0;
	size_t i;

	for (i = 0; i < length; i++)
		other |= (unsigned char)(bytes[i] - 0x20) > 0x7e - 0x20;
	return other == 0;
}

void text_copy_printable(
    char *out, size_t size, const char *bytes, size_t length)
{
	size_t i;

	length = length < size ? length : size - 1;
	memmove(out, bytes, length);
	out[length] = '\0';
	if (is_printable(out, length))
		return;
	for (i = 0; i < length; i++)
		if (out[i] < 0x20 || out[i] > 0x7e)
			out[i] = '?';
}

void text_make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)(*text - 0x20) > 0x7e - 0x20)
			*text = '?';
}

bool text_is_digits(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (!isdigit((unsigned char)text[i]))
			return false;
	return true;
}

struct word {
	const char *text;
	size_t length;
};

static int compare_words(const void *key, const void *item)
{
	const struct word *word = key;
	const char *known = *(const char *const *)item;
	int order = strncasecmp(word->text, known, word->length);

	return order != 0 ? order : known[word->length] == '\0' ? 0 : -1;
}

bool text_is_among(
    const char *text, size_t length, const char *const *words, size_t count)
{
	const struct word word = {text, length};

	return bsearch(&word, words, count, sizeof(*words), compare_words) !=
	       NULL;
}

static bool continues(
    unsigned char byte, unsigned char least, unsigned char most)
{
	return byte >= least && byte <= most;
}

size_t text_utf8_length(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char least = 0x80, most = 0xbf;
	size_t i, length;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	if (s[0] == 0xe0)
		least = 0xa0;
	if (s[0] == 0xed)
		most = 0x9f;
	if (s[0] == 0xf0)
		least = 0x90;
	if (s[0] == 0xf4)
		most = 0x8f;
	if (!continues(s[1], least, most))
		return 0;
	length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	/* A NUL is no continuation byte: this never reads past the end. */
	for (i = 2; i < length; i++)
		if (!continues(s[i], 0x80, 0xbf))
			return 0;
	return length;
}

size_t text_characters(const char *text)
{
	size_t count = 0;

	/* All but a character's first byte are 10xxxxxx. */
	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

/* Control characters, Unicode 15.1's category Cf, and Zl and Zp. */
static const struct range {
	uint32_t first, last;
} not_plain[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad}, {0x0600, 0x0605},
    {0x061c, 0x061c}, {0x06dd, 0x06dd}, {0x070f, 0x070f}, {0x0890, 0x0891},
    {0x08e2, 0x08e2}, {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},
    {0x2060, 0x206f}, {0xfdd0, 0xfdef}, /* noncharacters */
    {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
    {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0000, 0xe0fff}, /* tags, and what else is ignored by default */
};

static bool is_plain_point(uint32_t point)
{
	size_t i;

	if ((point & 0xfffe) == 0xfffe)
		return false; /* a noncharacter */
	for (i = 0; i < sizeof(not_plain) / sizeof(*not_plain); i++)
		if (point <= not_plain[i].last)
			return point < not_plain[i].first;
	return true;
}

/* The code point of a valid sequence of that length. */
static uint32_t point_of(const char *text, size_t length)
{
	static const unsigned char bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t point = (unsigned char)text[0] & bits[length];
	size_t i;

	for (i = 1; i < length; i++)
		point = point << 6 | ((unsigned char)text[i] & 0x3f);
	return point;
}

/* Is the sequence at `text` plain? `*length`: of it, 1 if it is invalid. */
static bool is_plain_here(const char *text, size_t *length)
{
	*length = text_utf8_length(text);
	if (*length == 0) {
		*length = 1;
		return false;
	}
	return is_plain_point(point_of(text, *length));
}

/* The beginning of `text` that is surely plain. */
static size_t ascii_length(const char *text)
{
	size_t i;

	for (i = 0; text[i] >= 0x20 && text[i] < 0x7f; i++)
		;
	return i;
}

bool text_is_plain(const char *text)
{
	size_t length;

	for (text += ascii_length(text); *text != '\0'; text += length)
		if (!is_plain_here(text, &length))
			return false;
	return true;
}

void text_make_plain(char *text)
{
	char *out;
	size_t length;

	text += ascii_length(text);
	for (out = text; *text != '\0'; text += length) {
		if (is_plain_here(text, &length)) {
			memmove(out, text, length);
			out += length;
		} else {
			*out++ = '?';
		}
	}
	*out = '\0';
}
