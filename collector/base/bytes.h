/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_BASE_BYTES_H
#define EGRESS25_COLLECTOR_BASE_BYTES_H

/*
 * Numbers and texts as few bytes, and back: what the store's packed columns
 * are made of. A number takes 7 bits a byte, the lowest first, the top bit
 * saying that more follow. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

#define BYTES_NUMBER_MAX 10 /* of one number */

/* Write to `at`, which has room; returns what is behind. Signed numbers near
 * 0 are short too. */
uint8_t *bytes_write(uint8_t *at, uint64_t number);
uint8_t *bytes_write_signed(uint8_t *at, int64_t number);

/* Append. */
void bytes_put(struct buf *buf, uint64_t number);
void bytes_put_text(struct buf *buf, const char *text, size_t length);

/* What is left to read. Reading beyond the end, or a number that is none,
 * gives 0 and sets `bad`, once and for all: the caller looks at the end. */
struct bytes {
	const uint8_t *at, *end;
	bool bad;
};

uint8_t bytes_take_byte(struct bytes *bytes);
uint64_t bytes_take(struct bytes *bytes);
int64_t bytes_take_signed(struct bytes *bytes);

/* The next `length` bytes, borrowed, or NULL. */
const uint8_t *bytes_take_span(struct bytes *bytes, size_t length);

/* A text of at most `most` bytes, borrowed and without a NUL; NULL is bad. */
const char *bytes_take_text(struct bytes *bytes, size_t most, size_t *length);

#endif
