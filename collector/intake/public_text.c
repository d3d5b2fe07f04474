/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/public_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/text.h"

#define GROUPS      4 /* of digits, that make an IPv4 address */
#define DIGITS_MOST 8 /* in a row; more may be an address without dots */
#define HEX_MOST    7 /* likewise, with letters */
#define REMOVED     "[removed]"

#define SOFTWARE_MOST 24 /* of its name, and of its version */

/* --- addresses --- */

/* "203.0.113.7", "7-113-0-203.dyn", "cb007107", "203000113007" or
 * "2001:db8::7", anywhere in the word. */
struct shape {
	size_t groups, digits, hex, colons;
	bool has_digit; /* in the row of hex digits */
	bool is_address;
};

static void end_group(struct shape *shape)
{
	shape->groups += shape->digits > 0;
	shape->digits = 0;
}

static void take_letter(struct shape *shape, char c)
{
	bool digit = isdigit((unsigned char)c);
	bool hex = isxdigit((unsigned char)c);

	shape->hex = hex ? shape->hex + 1 : 0;
	shape->has_digit = hex && (shape->has_digit || digit);
	if (digit) {
		shape->digits++;
	} else if (c == '.' || c == '-' || c == '_') {
		end_group(shape);
	} else {
		shape->digits = 0;
		shape->groups = 0;
	}
	shape->colons += c == ':';
	shape->is_address |= shape->groups + (shape->digits > 0) >= GROUPS ||
			     shape->digits > DIGITS_MOST ||
			     (shape->hex > HEX_MOST && shape->has_digit) ||
			     shape->colons > 1;
}

static bool has_address(const char *word, size_t length)
{
	struct shape shape = {0};
	size_t i;

	for (i = 0; i < length; i++)
		take_letter(&shape, word[i]);
	return shape.is_address;
}

/* --- names --- */

/* Where the last `count` labels of a name begin; 0 if it has no more. */
static size_t labels_from(const char *name, size_t length, size_t count)
{
	size_t at = length, dots = 0;

	while (at > 0 && dots < count) {
		at--;
		dots += name[at] == '.';
	}
	return at + (dots == count);
}

/* Do two labels like "co.uk" belong to everybody? A country's TLD, and below
 * it one that says a kind, or is too short for a name. */
static bool is_shared(const char *labels, size_t length)
{
	static const char *const kinds[] = {"asso", "biz", "com", "edu", "firm",
	    "gob", "gouv", "gov", "gub", "info", "ltd", "mil", "net", "nom",
	    "org", "plc", "res", "sch", "web"}; /* sorted */
	const char *dot = memchr(labels, '.', length);
	size_t first = dot != NULL ? (size_t)(dot - labels) : 0;

	return dot != NULL && length - first - 1 == 2 &&
	       (first <= 2 || text_is_among(labels, first, kinds,
				  sizeof(kinds) / sizeof(*kinds)));
}

/* Of a name the labels that its owner has: the last two, or three. */
static const char *domain_of(const char *name, size_t length, size_t *rest)
{
	size_t at = labels_from(name, length, 2);

	if (is_shared(name + at, length - at))
		at = labels_from(name, length, 3);
	*rest = length - at;
	return name + at;
}

static bool is_known(const char *word, size_t length, const char *const *known)
{
	size_t own, other;
	const char *domain = domain_of(word, length, &own), *of;

	for (; *known != NULL; known++) {
		of = domain_of(*known, strlen(*known), &other);
		if (own == other && own > 0 &&
		    strncasecmp(domain, of, own) == 0)
			return true;
	}
	return false;
}

/* Letters after a dot, or a sign that only links and mail addresses have. A
 * version like 4.96 has none. */
static bool is_name(const char *word, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (strchr("@/\\%", word[i]) != NULL)
			return true;
		if (word[i] == '.' && i + 1 < length &&
		    isalpha((unsigned char)word[i + 1]))
			return true;
	}
	return false;
}

static bool is_plain_host(const char *word, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (!isalnum((unsigned char)word[i]) &&
		    strchr(".-", word[i]) == NULL)
			return false;
	return true;
}

/* Letters, blanks and dashes alone are no address and no name: so are most EHLO
 * keywords and words. Without a branch a byte. */
static bool is_harmless(const char *text, size_t length)
{
	unsigned other = 0;
	size_t i;

	for (i = 0; i < length; i++)
		other |= (unsigned char)((text[i] | 0x20) - 'a') > 'z' - 'a' &&
			 (text[i] != ' ') & (text[i] != '-');
	return other == 0;
}

/* What stands in place of the word; NULL: itself. */
static const char *instead(
    const char *word, size_t length, const char *const *known)
{
	if (is_harmless(word, length))
		return NULL;
	while (length > 0 && strchr(".:!?", word[length - 1]) != NULL)
		length--;
	if (has_address(word, length))
		return REMOVED;
	if (is_plain_host(word, length) && is_known(word, length, known))
		return NULL;
	return is_name(word, length) ? REMOVED : NULL;
}

/* --- text --- */

/* What stands between words. */
static const bool between[256] = {
    [' '] = true,
    ['\t'] = true,
    ['('] = true,
    [')'] = true,
    ['['] = true,
    [']'] = true,
    ['<'] = true,
    ['>'] = true,
    ['{'] = true,
    ['}'] = true,
    ['"'] = true,
    ['\''] = true,
    ['`'] = true,
    [','] = true,
    [';'] = true,
    ['='] = true,
    ['|'] = true,
};

/* How many bytes stand between words, or do not, from here on. */
static size_t run_of(const char *text, bool is_between)
{
	size_t length = 0;

	while (text[length] != '\0' &&
	       between[(unsigned char)text[length]] == is_between)
		length++;
	return length;
}

static void append(
    char *out, size_t size, size_t *used, const char *text, size_t length)
{
	if (length > size - 1 - *used)
		length = size - 1 - *used;
	memcpy(out + *used, text, length);
	*used += length;
}

void public_text_copy(
    char *out, size_t size, const char *text, const char *const *known)
{
	const char *other;
	size_t used = 0, length = strlen(text);

	if (length < size && is_harmless(text, length)) {
		memcpy(out, text, length + 1);
		return;
	}
	while (*text != '\0' && used + 1 < size) {
		length = run_of(text, true);
		append(out, size, &used, text, length);
		text += length;
		length = run_of(text, false);
		other = instead(text, length, known);
		if (other != NULL)
			append(out, size, &used, other, strlen(other));
		else
			append(out, size, &used, text, length);
		text += length;
	}
	out[used] = '\0';
	text_make_plain(out);
}

void public_text_software(char *out, size_t size, const char *software)
{
	size_t name = strspn(software, "abcdefghijklmnopqrstuvwxyz0123456789-");
	const char *version = software + name + (software[name] == '/');
	size_t length = strspn(
	    version, "abcdefghijklmnopqrstuvwxyz0123456789.+~-");
	bool plain = name > 0 && name <= SOFTWARE_MOST &&
		     software[name] == '/' &&
		     isdigit((unsigned char)version[0]) &&
		     length <= SOFTWARE_MOST && version[length] == '\0' &&
		     !has_address(version, length);

	snprintf(out, size, "%s", plain ? software : "");
}
