/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_BASE64_H
#define EGRESS25_LIB_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the text of `n` bytes, padding and NUL included. */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)

/* Encode with the standard alphabet, padded (RFC 4648, 4). `text` has room for
 * BASE64_SIZE(length). Returns the text's length. */
size_t base64_encode(const void *bytes, size_t length, char *text);

/* The same with the URL-safe alphabet, not padded (RFC 4648, 5). */
size_t base64url_encode(const void *bytes, size_t length, char *text);

/* Decode exactly `text_length` characters of either alphabet, padded or not,
 * into at most `size` bytes. Trailing bits must be 0, so that each value has
 * one encoding (RFC 4648, 3.5). False: not base64, or too long. */
bool base64_decode(const char *text, size_t text_length, uint8_t *bytes,
    size_t size, size_t *length);

/* Encode in lower-case hexadecimal; `text` has room for 2 * length + 1. */
void hex_encode(const void *bytes, size_t length, char *text);

/* Decode exactly `length` bytes. False: `text` is not 2 * length hexadecimal
 * digits of either case. */
bool hex_decode(const char *text, uint8_t *bytes, size_t length);

#endif
