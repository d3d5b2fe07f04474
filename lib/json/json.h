/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_JSON_JSON_H
#define EGRESS25_LIB_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/buf.h"

/*
 * Writing JSON (RFC 8259): straight into a buffer, commas kept right. Start
 * from {.out = &buf}; close what you open. A key of NULL is used inside arrays.
 * Text is UTF-8; a byte that is none becomes U+FFFD. Memory that ran out shows
 * as `out->failed`. Reading is json_read.h.
 */
struct json_writer {
	struct buf *out;
	bool more; /* the next value is not the first of its object or array */
};

void json_open_object(struct json_writer *json, const char *key);
void json_close_object(struct json_writer *json);
void json_open_array(struct json_writer *json, const char *key);
void json_close_array(struct json_writer *json);

void json_text(struct json_writer *json, const char *key, const char *text);
void json_integer(struct json_writer *json, const char *key, int64_t value);
/* A number with at most `decimals` (0 to 9) digits behind the point, whatever
 * the locale; what is no finite number is null. */
void json_decimal(
    struct json_writer *json, const char *key, double value, int decimals);
void json_bool(struct json_writer *json, const char *key, bool value);
void json_null(struct json_writer *json, const char *key);

/* Absent values become null: "", JSON_ABSENT, an absent address. */
#define JSON_ABSENT (-1)
void json_text_or_null(
    struct json_writer *json, const char *key, const char *text);
void json_integer_or_null(
    struct json_writer *json, const char *key, int64_t value);
void json_address(
    struct json_writer *json, const char *key, const struct addr *addr);

/* RFC 3339, UTC, milliseconds. */
void json_time(struct json_writer *json, const char *key, int64_t wall_ms);

/* The same; 0 becomes null. */
void json_time_or_null(
    struct json_writer *json, const char *key, int64_t wall_ms);

/* Append what is JSON already. */
void json_raw(struct json_writer *json, const char *key, const char *raw);

/* The length of the UTF-8 sequence that `text`, which does not end here,
 * begins with (RFC 3629, 4), or 0 where that is none. */
size_t json_utf8_length(const char *text);

#endif
