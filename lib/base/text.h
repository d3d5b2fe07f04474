/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_TEXT_H
#define EGRESS25_LIB_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Copy up to `size - 1` bytes, with '?' in place of every byte that is not
 * printable ASCII, and terminate the copy. A NUL among the `length` bytes is
 * replaced too. `out` may be `bytes`. */
void text_copy_printable(
    char *out, size_t size, const char *bytes, size_t length);

/* The same in place, for a text without a NUL. */
void text_make_printable(char *text);

/* Digits alone, or nothing. */
bool text_is_digits(const char *text, size_t length);

/* Is it one of these words, in whatever case? They are in the order of
 * strcasecmp(). */
bool text_is_among(
    const char *text, size_t length, const char *const *words, size_t count);

/* The length of the UTF-8 sequence at the start of `text`, which is not empty;
 * 0 if it is invalid (RFC 3629, 4). */
size_t text_utf8_length(const char *text);

/* How many characters there are in valid UTF-8. */
size_t text_characters(const char *text);

/*
 * Plain text is UTF-8 of which a reader sees every character, each in its
 * place: it has no control characters (C0, DEL, C1), line and paragraph
 * separators, or format characters (Unicode's category Cf: bidirectional
 * controls, zero-width characters, tags), and no noncharacters.
 */
bool text_is_plain(const char *text);

/* Put '?' in place of each character, and each byte of invalid UTF-8, that is
 * not plain: for what strangers wrote and a terminal, a log, a page or another
 * program shows. In place; the text gets no longer. */
void text_make_plain(char *text);

#endif
