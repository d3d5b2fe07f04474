/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_JSON_JSON_H
#define EGRESS25_LIB_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/buf.h"

/*
 * A JSON writer (RFC 8259) that appends to a buffer and sets the commas. Start
 * from {.out = &buf}, and close what you open. The key is NULL in an array and
 * at the top. Text is UTF-8; a byte that is not becomes U+FFFD. If memory runs
 * out, `out->failed` is set. json_read.h reads.
 */
struct json_writer {
	struct buf *out;
	bool more; /* a comma goes before the next value */
};

void json_open_object(struct json_writer *json, const char *key);
void json_close_object(struct json_writer *json);
void json_open_array(struct json_writer *json, const char *key);
void json_close_array(struct json_writer *json);

void json_text(struct json_writer *json, const char *key, const char *text);
void json_integer(struct json_writer *json, const char *key, int64_t value);
/* Write a number rounded to `decimals` (0 to 9) decimal places, without
 * trailing zeros, whatever the locale; null if it is not finite. */
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

/* Write milliseconds since 1970 as an RFC 3339 time. */
void json_time(struct json_writer *json, const char *key, int64_t wall_ms);

/* The same; 0 becomes null. */
void json_time_or_null(
    struct json_writer *json, const char *key, int64_t wall_ms);

/* Write a value that is JSON already. */
void json_raw(struct json_writer *json, const char *key, const char *raw);

#endif
