/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_JSON_JSON_READ_H
#define EGRESS25_LIB_JSON_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/addr.h"
#include "lib/base/err.h"
#include "lib/json/json_value.h"

/*
 * Reading JSON, with errors that name the place. A `struct json_at` is a value
 * and the path to it; a child is valid as long as its parent. Start from
 * {.value = root}, with the root from json_parse().
 */
struct json_at {
	const struct json_at *parent;
	const struct json_value *value; /* NULL: absent */
	const char *key;                /* NULL: element `index` of an array */
	size_t index;
	const struct json_value *next; /* json_member(): where to look first */
};

#define JSON_MEMBERS_MAX 512 /* in one object */

/* Parse `length` bytes, all of them, as json_scan() does, and refuse a key that
 * one object has twice. 0, -EINVAL or -ENOMEM; `*root` is NULL unless 0. The
 * values point into `bytes`, which must outlive them. End with json_free(),
 * which takes NULL too. */
int json_parse(const char *bytes, size_t length, struct json_value **root,
    struct err *err);
void json_free(struct json_value *root);

/* Set "PLACE: message" for the value at `at`, as "targets[3].at: is missing".
 * Returns -EINVAL. */
int json_error(const struct json_at *at, struct err *err, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* json_member() of an object that has the key's bit. */
void json_member_of(const struct json_at *at, const char *key, size_t length,
    struct json_at *child);

/* Look a member up; `child->value` is NULL if it is absent or null, or if `at`
 * is not an object. Fastest in the order of the document, or if the key is
 * constant and absent. */
static inline void json_member(
    const struct json_at *at, const char *key, struct json_at *child)
{
	size_t length = strlen(key);

	if (at->value != NULL && at->value->type == JSON_OBJECT &&
	    (at->value->keys & json_key_bit(key, length)) != 0)
		json_member_of(at, key, length, child);
	else
		*child = (struct json_at){.parent = at, .key = key};
}

/* True if there is no value, or null. */
bool json_is_absent(const struct json_at *at);

/*
 * Typed values; all return 0 or -EINVAL. A wrong type is an error, and so is an
 * absent or null value, except in those whose names end in _or or _or_absent.
 * Numbers must be within [least, most], and text fit in `size - 1` bytes; it is
 * never cut. A time has at most 127 characters.
 */
int json_get_object(const struct json_at *at, struct err *err);
int json_get_array(
    const struct json_at *at, size_t most, size_t *count, struct err *err);
int json_get_text(
    const struct json_at *at, char *out, size_t size, struct err *err);
int json_get_text_or(const struct json_at *at, char *out, size_t size,
    const char *absent, struct err *err);
int json_get_integer(const struct json_at *at, int64_t least, int64_t most,
    int64_t *out, struct err *err);
int json_get_integer_or(const struct json_at *at, int64_t least, int64_t most,
    int64_t absent, int64_t *out, struct err *err);
int json_get_number_or(const struct json_at *at, double least, double most,
    double absent, double *out, struct err *err);
int json_get_bool_or(
    const struct json_at *at, bool absent, bool *out, struct err *err);
int json_get_time(const struct json_at *at, int64_t *wall_ms, struct err *err);
int json_get_address_or_absent(
    const struct json_at *at, struct addr *out, struct err *err);

/* A word: `from_word` returns its number, or -1 (words.h). */
typedef int json_from_word(const char *word);
int json_get_word(const struct json_at *at, json_from_word *from_word, int *out,
    struct err *err);
int json_get_word_or(const struct json_at *at, json_from_word *from_word,
    int absent, int *out, struct err *err);

/*
 * Walk the elements of an array in time linear in its length:
 *	for (more = json_first(&array, &child); more;
 *	    more = json_next(&child))
 */
bool json_first(const struct json_at *array, struct json_at *child);
bool json_next(struct json_at *child);

#endif
