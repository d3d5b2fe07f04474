/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_JSON_H
#define EGRESS25_LIB_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/buf.h"
#include "lib/err.h"

/*
 * Writing: straight into a buffer, commas kept right. A key of NULL is used
 * inside arrays. Text is UTF-8; what is not becomes U+FFFD.
 */
struct json_writer {
	struct buf *out;
	bool first; /* the next value is the first of its object or array */
};

void json_open_object(struct json_writer *json, const char *key);
void json_close_object(struct json_writer *json);
void json_open_array(struct json_writer *json, const char *key);
void json_close_array(struct json_writer *json);
void json_text(struct json_writer *json, const char *key, const char *text);
void json_integer(struct json_writer *json, const char *key, int64_t value);
/* A number with at most `decimals` digits behind the point. */
void json_decimal(
    struct json_writer *json, const char *key, double value, int decimals);
void json_bool(struct json_writer *json, const char *key, bool value);
void json_null(struct json_writer *json, const char *key);
/* Absent values: "" is null, OBSERVE_ABSENT is null, no address is null. */
void json_text_or_null(
    struct json_writer *json, const char *key, const char *text);
void json_integer_or_null(
    struct json_writer *json, const char *key, int64_t value);
void json_address(
    struct json_writer *json, const char *key, const struct addr *addr);
void json_time(struct json_writer *json, const char *key, int64_t wall_ms);
/* Append what is JSON already. */
void json_raw(struct json_writer *json, const char *key, const char *raw);

/*
 * Reading, on cJSON's tree, with errors that name the place. A `struct
 * json_at` is a value and the path to it; children are made from their parent
 * and are valid as long as it is.
 */
struct cJSON;

struct json_at {
	const struct json_at *parent;
	const struct cJSON *value;
	const char *key; /* NULL: element `index` of an array */
	size_t index;
};

/* Parse `length` bytes, all of them, at most 32 levels deep and without a key
 * twice in one object. NULL with `err` on bad input. End with json_free(). */
struct cJSON *json_parse(const char *bytes, size_t length, struct err *err);
void json_free(struct cJSON *tree);

/* "place: sentence" for the value at `at`. Returns -EINVAL. */
int json_error(const struct json_at *at, struct err *err, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* A member; `child->value` is NULL where it is absent or null. */
void json_member(
    const struct json_at *at, const char *key, struct json_at *child);

/* The typed values. A wrong type is an error; so is absence, in the ones
 * without `_or`. Text longer than `size - 1` is an error, never cut. */
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

/*
 * Walk the elements of an array in time linear in its length:
 *	for (more = json_first(&array, &child); more;
 *	    more = json_next(&child))
 */
bool json_first(const struct json_at *array, struct json_at *child);
bool json_next(struct json_at *child);

#endif
