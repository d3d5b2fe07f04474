/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_WIRE_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_WIRE_H

/*
 * ClickHouse's format RowBinary: values one after the other, numbers in little
 * endian, a String with its length as a varint before it. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

/* Append a value. A number is cut to `bytes` bytes. */
void wire_put(struct buf *out, uint64_t value, size_t bytes);
void wire_put_bytes(struct buf *out, const void *bytes, size_t length);
void wire_put_text(struct buf *out, const char *text);

/* Rows that are being read. */
struct wire {
	const uint8_t *at, *end;
	bool ran_out; /* a value was not there as a whole: nothing is right */
};

uint64_t wire_take(struct wire *wire, size_t bytes);

/* The same for a signed number. */
int64_t wire_take_signed(struct wire *wire, size_t bytes);

/* Copy a FixedString of `length` bytes. */
void wire_take_fixed(struct wire *wire, void *out, size_t length);

/* Copy a String, cut to `size` with its NUL. */
void wire_take_text(struct wire *wire, char *out, size_t size);

/* Point to the bytes of a String. How many they are. */
size_t wire_take_bytes(struct wire *wire, const uint8_t **bytes);

#endif
