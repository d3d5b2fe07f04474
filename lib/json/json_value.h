/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_JSON_JSON_VALUE_H
#define EGRESS25_LIB_JSON_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A JSON document as an array of values in document order; json_scan() makes
 * it. An array is followed by its elements, an object by a key (a JSON_TEXT)
 * and its value for each member. The next sibling of a value is `span` further
 * on. Texts and numbers are not copied: they are read from the document when
 * asked for, so the document has to outlive the values.
 */
enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_TEXT,
	JSON_ARRAY,
	JSON_OBJECT,
};

#define JSON_NUMBER_MAX 63 /* characters of a number */

struct json_value {
	union {
		const char *at; /* TEXT, NUMBER: its bytes, without the quotes
				 */
		uint64_t keys;  /* OBJECT: a bit for each, json_key_bit() */
	};
	uint32_t length; /* of these; ARRAY, OBJECT: elements, members */
	uint32_t span : 24;
	uint32_t type : 7;    /* enum json_type */
	uint32_t escaped : 1; /* ARRAY, OBJECT: see json_value_doubts() */
};

/* A key's bit, which other keys may have too: whoever looks for a key whose bit
 * an object has not need not search. An object with a key that has an escape
 * has all bits. Chosen so that the keys of a report differ. */
static inline uint64_t json_key_bit(const char *key, size_t length)
{
	unsigned first = length > 0 ? (unsigned char)key[0] : 0;
	unsigned last = length > 0 ? (unsigned char)key[length - 1] : 0;

	return (uint64_t)1 << ((first + 2 * last + 9 * length) & 63);
}

/* May an object have a key twice, it or one within it? Two of its keys have the
 * same bit then. */
static inline bool json_value_doubts(const struct json_value *value)
{
	return value->type >= JSON_ARRAY && value->escaped;
}

/* True for an object that repeats another one of the document byte for byte, as
 * json_scan() found; of a short one, or of one that others stood between, it
 * may not know. */
bool json_value_repeats(
    const struct json_value *value, const struct json_value *other);

/* Copy a text, escapes resolved, as much as fits in `size - 1` bytes, and
 * terminate it. Returns the length of the whole text. */
size_t json_value_copy(const struct json_value *text, char *out, size_t size);

/* Compare texts as strcmp() does, escapes resolved. */
int json_value_compare(const struct json_value *a, const struct json_value *b);
bool json_value_is(const struct json_value *text, const char *other);

/* A number as strtod() reads it: rounded to the nearest double, or infinite. */
double json_value_number(const struct json_value *number);

#endif
