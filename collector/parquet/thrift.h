/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_PARQUET_THRIFT_H
#define EGRESS25_COLLECTOR_PARQUET_THRIFT_H

/*
 * Writes Thrift's compact protocol, as far as Parquet's headers need it
 * (thrift-compact-protocol.md). Fields are written by rising id within their
 * struct. Out of memory shows as `failed` of the buffer. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"

#define THRIFT_DEPTH_MAX 8

enum thrift_type {
	THRIFT_BYTE = 3,
	THRIFT_I32 = 5,
	THRIFT_I64 = 6,
	THRIFT_BINARY = 8,
	THRIFT_STRUCT = 12,
};

/* Start from {.out = buffer}: that is within a struct already, which
 * thrift_end() ends. */
struct thrift {
	struct buf *out;
	int16_t last[THRIFT_DEPTH_MAX]; /* field id, a struct each */
	int depth;
};

void thrift_bool(struct thrift *thrift, int16_t id, bool value);
void thrift_byte(struct thrift *thrift, int16_t id, int8_t value);
void thrift_i32(struct thrift *thrift, int16_t id, int32_t value);
void thrift_i64(struct thrift *thrift, int16_t id, int64_t value);
void thrift_binary(
    struct thrift *thrift, int16_t id, const void *bytes, size_t length);
void thrift_text(struct thrift *thrift, int16_t id, const char *text);

/* A struct as a field; its own fields follow. */
void thrift_begin(struct thrift *thrift, int16_t id);

/* A list as a field; `count` elements follow, each by one of the functions
 * below, or thrift_begin_element() and thrift_end(). */
void thrift_list(
    struct thrift *thrift, int16_t id, enum thrift_type type, size_t count);
void thrift_begin_element(struct thrift *thrift);
void thrift_i32_element(struct thrift *thrift, int32_t value);
void thrift_text_element(struct thrift *thrift, const char *text);

/* End a struct. */
void thrift_end(struct thrift *thrift);

#endif
