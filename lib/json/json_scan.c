/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/json_scan.h"

#include <stdbool.h>
#include <string.h>

#define NUMBER_MOST 63 /* characters of one that cJSON reads */

struct scan {
	const char *at, *end;
	int depth;
	int values;
	const char *wrong; /* a sentence, where it is more than "no JSON" */
};

static bool scan_value(struct scan *scan);

static bool fails(struct scan *scan, const char *wrong)
{
	if (scan->wrong == NULL)
		scan->wrong = wrong;
	return false;
}

/* The next character; NUL at the end, where no JSON goes on with one. */
static char peek(const struct scan *scan)
{
	return scan->at < scan->end ? *scan->at : '\0';
}

static bool take(struct scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

static char peek_behind_blanks(struct scan *scan)
{
	while (take(scan, ' ') || take(scan, '\n') || take(scan, '\t') ||
	       take(scan, '\r'))
		;
	return peek(scan);
}

static bool take_hex4(struct scan *scan, unsigned *code)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *digit;
	int i;

	*code = 0;
	for (i = 0; i < 4; i++, scan->at++) {
		if (peek(scan) == '\0')
			return false;
		digit = strchr(digits, *scan->at);
		if (digit == NULL)
			return false;
		*code = *code << 4 | ((unsigned)(digit - digits) & 15);
	}
	return true;
}

/* Behind "\u". A code unit of the upper half must be followed by one of the
 * lower half (RFC 8259, 7). */
static bool scan_unicode(struct scan *scan)
{
	unsigned code;

	if (!take_hex4(scan, &code))
		return false;
	if (code == 0)
		return fails(scan, "text with a NUL");
	if (code >= 0xdc00 && code <= 0xdfff)
		return fails(scan, "half of a surrogate pair");
	if (code < 0xd800 || code > 0xdfff)
		return true;
	if (!take(scan, '\\') || !take(scan, 'u') || !take_hex4(scan, &code) ||
	    code < 0xdc00 || code > 0xdfff)
		return fails(scan, "half of a surrogate pair");
	return true;
}

static bool scan_escape(struct scan *scan)
{
	char c = peek(scan);

	if (c == '\0' || strchr("\"\\/bfnrtu", c) == NULL)
		return false;
	scan->at++;
	return c != 'u' || scan_unicode(scan);
}

/* What ends a run of plain characters in text; most of a report is such runs.
 */
static const bool is_special[256] = {
    [0 ... 0x1f] = true,
    ['"'] = true,
    ['\\'] = true,
};

static void scan_plain(struct scan *scan)
{
	const unsigned char *at = (const unsigned char *)scan->at;
	const unsigned char *end = (const unsigned char *)scan->end;

	while (at < end && !is_special[*at])
		at++;
	scan->at = (const char *)at;
}

static bool scan_text(struct scan *scan)
{
	unsigned char c;

	if (!take(scan, '"'))
		return false;
	for (scan_plain(scan); scan->at < scan->end; scan_plain(scan)) {
		c = (unsigned char)*scan->at;
		if (c < 0x20)
			return fails(scan, "a control character in text");
		scan->at++;
		if (c == '"')
			return true;
		if (c == '\\' && !scan_escape(scan))
			return false;
	}
	return false;
}

static bool scan_digits(struct scan *scan)
{
	const char *began = scan->at;

	while (peek(scan) >= '0' && peek(scan) <= '9')
		scan->at++;
	return scan->at > began;
}

static bool scan_number(struct scan *scan)
{
	const char *began = scan->at;

	take(scan, '-');
	if (!take(scan, '0') && !scan_digits(scan))
		return false;
	if (take(scan, '.') && !scan_digits(scan))
		return false;
	if (take(scan, 'e') || take(scan, 'E')) {
		if (!take(scan, '+'))
			take(scan, '-');
		if (!scan_digits(scan))
			return false;
	}
	return scan->at - began <= NUMBER_MOST ||
	       fails(scan, "a number of more than 63 characters");
}

static bool scan_word(struct scan *scan, const char *word)
{
	for (; *word != '\0'; word++)
		if (!take(scan, *word))
			return false;
	return true;
}

static bool scan_member(struct scan *scan)
{
	peek_behind_blanks(scan);
	if (!scan_text(scan) || peek_behind_blanks(scan) != ':')
		return false;
	scan->at++;
	return scan_value(scan);
}

/* From the opening bracket to the closing one. */
static bool scan_inside(
    struct scan *scan, char close, bool (*element)(struct scan *scan))
{
	scan->at++;
	if (++scan->depth > JSON_DEPTH_MAX)
		return fails(scan, "nested deeper than 32 levels");
	if (peek_behind_blanks(scan) != close) {
		do {
			if (!element(scan))
				return false;
			peek_behind_blanks(scan);
		} while (take(scan, ','));
	}
	scan->depth--;
	return take(scan, close);
}

static bool scan_value(struct scan *scan)
{
	if (++scan->values > JSON_VALUES_MAX)
		return fails(scan, "more than 131072 values");
	switch (peek_behind_blanks(scan)) {
	case '{':
		return scan_inside(scan, '}', scan_member);
	case '[':
		return scan_inside(scan, ']', scan_value);
	case '"':
		return scan_text(scan);
	case 't':
		return scan_word(scan, "true");
	case 'f':
		return scan_word(scan, "false");
	case 'n':
		return scan_word(scan, "null");
	default:
		return scan_number(scan);
	}
}

int json_scan(const char *bytes, size_t length, struct err *err)
{
	struct scan scan = {.at = bytes, .end = bytes + length};
	bool well = scan_value(&scan);

	if (well) {
		peek_behind_blanks(&scan);
		well = scan.at == scan.end ||
		       fails(&scan, "more than one JSON value");
	}
	if (well)
		return 0;
	if (scan.wrong == NULL && scan.at == scan.end)
		scan.wrong = "the JSON is cut off";
	return err_input(err, "%s at byte %zu",
	    scan.wrong ? scan.wrong : "this is no JSON",
	    (size_t)(scan.at - bytes));
}
