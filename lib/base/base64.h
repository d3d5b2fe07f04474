/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_BASE64_H
#define EGRESS25_LIB_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the text of `n` bytes, padding and NUL included. */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)

/* RFC 4648, 4 (standard, padded) and 5 (URL-safe, no padding). `text` has room
 * for BASE64_SIZE(length). Returns the text's length. */
size_t base64_encode(const void *bytes, size_t length, char *text);
size_t base64url_encode(const void *bytes, size_t length, char *text);

/* Read exactly `text_length` characters of either alphabet, padded or not;
 * left-over bits must be 0, so that no two texts stand for the same bytes. At
 * most `size` bytes; false where it is no base64 or longer. */
bool base64_decode(const char *text, size_t text_length, uint8_t *bytes,
    size_t size, size_t *length);

/* Lower case hexadecimal; `text` has room for 2 * length + 1. */
void hex_encode(const void *bytes, size_t length, char *text);

/* Read exactly `length` bytes from 2 * length digits and the end of text. */
bool hex_decode(const char *text, uint8_t *bytes, size_t length);

#endif
