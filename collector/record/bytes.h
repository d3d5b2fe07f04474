/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_BYTES_H
#define EGRESS25_COLLECTOR_RECORD_BYTES_H

/*
 * A compact encoding of numbers and texts, for the store's packed columns. A
 * number is a varint (LEB128): 7 bits a byte, least significant first, the top
 * bit set if more bytes follow. A text is its length, then its bytes. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

#define BYTES_NUMBER_MAX 10 /* the longest varint */

/* Write a number to `at`, which has room for BYTES_NUMBER_MAX. Returns the
 * address after it. */
static inline uint8_t *bytes_write(uint8_t *at, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		*at++ = (uint8_t)(number | 0x80);
	*at++ = (uint8_t)number;
	return at;
}

/* The same for a signed number (zigzag: 0, -1, 1, -2 ... are 0, 1, 2, 3 ...).
 */
static inline uint8_t *bytes_write_signed(uint8_t *at, int64_t number)
{
	uint64_t folded = (uint64_t)number << 1;

	return bytes_write(at, number < 0 ? ~folded : folded);
}

/* Append a number. Out of memory shows as `buf->failed`. */
void bytes_put(struct buf *buf, uint64_t number);

/* Append a text with its length. */
void bytes_put_text(struct buf *buf, const char *text, size_t length);

/* A reader's position. To read past the end, or an invalid number, gives 0 and
 * sets `bad` for good, so callers may check it once, at the end. */
struct bytes {
	const uint8_t *at, *end;
	bool bad;
};

/* Read one byte. */
uint8_t bytes_take_byte(struct bytes *bytes);

/* Read a number that bytes_put() wrote. */
uint64_t bytes_take(struct bytes *bytes);

/* Read a number that bytes_write_signed() wrote. */
int64_t bytes_take_signed(struct bytes *bytes);

/* The next `length` bytes, borrowed; NULL if there are fewer. */
const uint8_t *bytes_take_span(struct bytes *bytes, size_t length);

/* Read a text of at most `most` bytes, borrowed, not NUL-terminated; NULL if
 * there is none. */
const char *bytes_take_text(struct bytes *bytes, size_t most, size_t *length);

#endif
