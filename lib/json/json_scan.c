/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/json_scan.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"

#define BYTES_A_VALUE 8  /* a guess of what the document spends on each */
#define REPEATED_MIN  32 /* bytes: less is scanned as fast again */

/* The last object or array that a key had: often it has the same again, as the
 * ports of one server say the same. */
struct repeated {
	const char *at;
	uint32_t bytes;       /* 0: there was none */
	uint32_t first, span; /* of its values */
	int counted, depth;
};

struct scan {
	const char *at, *end;
	struct json_value *values;
	size_t nvalues, capacity; /* keys are counted here */
	int counted;              /* and not here */
	int depth;
	uint64_t keys;     /* of the object that is being scanned */
	bool doubts;       /* two keys of one bit: in it, or within it */
	const char *wrong; /* what is wrong, if more than "no JSON" */
	bool no_memory;
	struct repeated repeated[64]; /* by the bit of the key */
};

_Static_assert(2 * JSON_VALUES_MAX < 1 << 24, "a span holds all values");

static bool scan_value(struct scan *scan);

static bool fails(struct scan *scan, const char *wrong)
{
	if (scan->wrong == NULL)
		scan->wrong = wrong;
	return false;
}

static bool make_room(struct scan *scan, size_t count)
{
	size_t capacity = scan->capacity * 2 + count;
	struct json_value *values;

	if (scan->capacity - scan->nvalues >= count)
		return true;
	values = realloc(scan->values, capacity * sizeof(*values));
	if (values == NULL) {
		scan->no_memory = true;
		return false;
	}
	scan->values = values;
	scan->capacity = capacity;
	return true;
}

/* A value that ends here, without the quote of a text. */
static bool add(struct scan *scan, enum json_type type, const char *began)
{
	if (!make_room(scan, 1))
		return false;
	scan->values[scan->nvalues++] = (struct json_value){
	    .at = began,
	    .length = (uint32_t)(scan->at - began),
	    .span = 1,
	    .type = type,
	};
	return true;
}

/* The next character, or NUL at the end; no JSON contains a NUL. */
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
	while (scan->at < scan->end && (unsigned char)*scan->at <= ' ' &&
	       (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\t' ||
		   *scan->at == '\r'))
		scan->at++;
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

/* After "\u". A high surrogate must be followed by a low one (RFC 8259, 7). */
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

/* What ends a run of plain characters, of which most of a report consists. */
static const bool is_special[256] = {
    [0 ... 0x1f] = true,
    ['"'] = true,
    ['\\'] = true,
    [0x80 ... 0xff] = true,
};

/* A character of several bytes; the document need not end with a NUL. */
static bool scan_utf8(struct scan *scan)
{
	char bytes[5] = "";
	size_t left = (size_t)(scan->end - scan->at), length;

	memcpy(bytes, scan->at, left < 4 ? left : 4);
	length = text_utf8_length(bytes);
	if (length == 0)
		return fails(scan, "text that is no UTF-8");
	scan->at += length;
	return true;
}

/* The same of eight characters, the first in the lowest byte: the lowest bit of
 * the result is the high one of the first that is special. Those behind it may
 * be wrong, by its borrow. */
static uint64_t special_of(uint64_t eight)
{
	const uint64_t each = 0x0101010101010101;

	return (eight | (eight - each * 0x20) | ((eight ^ each * '"') - each) |
		   ((eight ^ each * '\\') - each)) &
	       each * 0x80;
}

static void scan_plain(struct scan *scan)
{
	const char *at = scan->at, *end = scan->end;
	uint64_t eight;

	for (; end - at >= (ptrdiff_t)sizeof(eight); at += sizeof(eight)) {
		memcpy(&eight, at, sizeof(eight));
		eight = special_of(le64toh(eight));
		if (eight != 0) {
			scan->at = at + __builtin_ctzll(eight) / 8;
			return;
		}
	}
	while (at < end && !is_special[(unsigned char)*at])
		at++;
	scan->at = at;
}

static bool scan_text(struct scan *scan)
{
	bool escaped = false;
	const char *began;
	unsigned char c;

	if (!take(scan, '"'))
		return false;
	began = scan->at;
	for (scan_plain(scan); scan->at < scan->end; scan_plain(scan)) {
		c = (unsigned char)*scan->at;
		if (c == '"')
			break;
		if (c < 0x20)
			return fails(scan, "a control character in text");
		if (c >= 0x80) {
			if (!scan_utf8(scan))
				return false;
			continue;
		}
		scan->at++;
		escaped = true;
		if (!scan_escape(scan))
			return false;
	}
	if (scan->at == scan->end || !add(scan, JSON_TEXT, began))
		return false;
	scan->values[scan->nvalues - 1].escaped = escaped;
	scan->at++;
	return true;
}

static bool scan_digits(struct scan *scan)
{
	const char *at = scan->at, *began = at;

	while (at < scan->end && *at >= '0' && *at <= '9')
		at++;
	scan->at = at;
	return at > began;
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
	if (scan->at - began > JSON_NUMBER_MAX)
		return fails(scan, "a number of more than 63 characters");
	return add(scan, JSON_NUMBER, began);
}

static bool scan_word(struct scan *scan, const char *word, enum json_type type)
{
	const char *began = scan->at;

	for (; *word != '\0'; word++)
		if (!take(scan, *word))
			return false;
	return add(scan, type, began);
}

/* Take the values of the same bytes over, which point to where they stood
 * first. False: they are others, or do not fit, which scanning tells. */
static bool repeat(struct scan *scan, const struct repeated *last)
{
	if (last->bytes == 0 || scan->end - scan->at < last->bytes ||
	    memcmp(scan->at, last->at, last->bytes) != 0 ||
	    scan->depth > last->depth ||
	    scan->counted + last->counted > JSON_VALUES_MAX ||
	    !make_room(scan, last->span))
		return false;
	memcpy(scan->values + scan->nvalues, scan->values + last->first,
	    last->span * sizeof(*scan->values));
	scan->doubts |= scan->values[last->first].escaped;
	scan->nvalues += last->span;
	scan->counted += last->counted;
	scan->at += last->bytes;
	return true;
}

/* The value of a key, which others may share the place of. */
static bool scan_perhaps_repeated(struct scan *scan, struct repeated *last)
{
	struct repeated now = {.first = (uint32_t)scan->nvalues,
	    .counted = scan->counted,
	    .depth = scan->depth};
	char c = peek_behind_blanks(scan);

	if (c != '{' && c != '[')
		return scan_value(scan);
	if (repeat(scan, last))
		return true;
	now.at = scan->at;
	if (!scan_value(scan))
		return false;
	if (scan->at - now.at < REPEATED_MIN)
		return true;
	now.bytes = (uint32_t)(scan->at - now.at);
	now.span = (uint32_t)scan->nvalues - now.first;
	now.counted = scan->counted - now.counted;
	*last = now;
	return true;
}

static bool scan_member(struct scan *scan)
{
	const struct json_value *key;
	uint64_t bit;

	peek_behind_blanks(scan);
	if (!scan_text(scan) || peek_behind_blanks(scan) != ':')
		return false;
	key = &scan->values[scan->nvalues - 1];
	bit = json_key_bit(key->at, key->length);
	scan->doubts |= (scan->keys & bit) != 0 || key->escaped;
	scan->keys |= key->escaped ? UINT64_MAX : bit;
	scan->at++;
	return scan_perhaps_repeated(
	    scan, &scan->repeated[__builtin_ctzll(bit)]);
}

/* From the opening bracket to the closing one. */
static bool scan_inside(struct scan *scan, enum json_type type, char close,
    bool (*element)(struct scan *scan))
{
	size_t container = scan->nvalues;
	uint64_t outer = scan->keys;
	bool doubted = scan->doubts;
	uint32_t count = 0;

	if (!add(scan, type, scan->at))
		return false;
	scan->at++;
	scan->keys = 0;
	scan->doubts = false;
	if (++scan->depth > JSON_DEPTH_MAX)
		return fails(scan, "nested deeper than 32 levels");
	if (peek_behind_blanks(scan) != close) {
		do {
			if (!element(scan))
				return false;
			count++;
			peek_behind_blanks(scan);
		} while (take(scan, ','));
	}
	scan->depth--;
	scan->values[container].keys = scan->keys;
	scan->values[container].escaped = scan->doubts;
	scan->values[container].length = count;
	scan->values[container].span = (uint32_t)(scan->nvalues - container) &
				       0xffffff;
	scan->keys = outer;
	scan->doubts |= doubted;
	return take(scan, close);
}

static bool scan_value(struct scan *scan)
{
	if (++scan->counted > JSON_VALUES_MAX)
		return fails(scan, "more than 131072 values");
	switch (peek_behind_blanks(scan)) {
	case '{':
		return scan_inside(scan, JSON_OBJECT, '}', scan_member);
	case '[':
		return scan_inside(scan, JSON_ARRAY, ']', scan_value);
	case '"':
		return scan_text(scan);
	case 't':
		return scan_word(scan, "true", JSON_TRUE);
	case 'f':
		return scan_word(scan, "false", JSON_FALSE);
	case 'n':
		return scan_word(scan, "null", JSON_NULL);
	default:
		return scan_number(scan);
	}
}

/* The whole document, and nothing after it. */
static bool scan_document(struct scan *scan)
{
	if (!scan_value(scan))
		return false;
	peek_behind_blanks(scan);
	return scan->at == scan->end || fails(scan, "more than one JSON value");
}

static int fail(const struct scan *scan, size_t at, struct err *err)
{
	const char *wrong = scan->wrong;

	free(scan->values);
	if (scan->no_memory)
		return err_system(err, -ENOMEM, "reading JSON");
	if (wrong == NULL)
		wrong = scan->at == scan->end ? "the JSON is cut off"
					      : "this is no JSON";
	return err_input(err, "%s at byte %zu", wrong, at);
}

int json_scan(
    const char *bytes, size_t length, struct json_value **root, struct err *err)
{
	struct scan scan = {.at = bytes, .end = bytes + length};

	*root = NULL;
	if (length > UINT32_MAX)
		return err_input(err, "more than 4 GiB of JSON");
	scan.capacity = length / BYTES_A_VALUE + 1;
	scan.values = malloc(scan.capacity * sizeof(*scan.values));
	scan.no_memory = scan.values == NULL;
	if (scan.no_memory || !scan_document(&scan))
		return fail(&scan, (size_t)(scan.at - bytes), err);
	*root = scan.values;
	return 0;
}
