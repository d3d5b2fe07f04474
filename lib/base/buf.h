/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_BUF_H
#define EGRESS25_LIB_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A growing byte buffer. Zero-initialise it; its holder owns the bytes and
 * releases them with buf_free(). A failed allocation is sticky: later appends
 * do nothing, and the caller checks `failed` once, at the end. `data` is
 * NUL-terminated (not counted in `length`), or NULL if nothing was appended.
 */
struct buf {
	char *data;
	size_t length;
	size_t capacity;
	bool failed;
};

/* Append a copy of bytes, of a C string, of one byte, of formatted text. */
void buf_append(struct buf *buf, const void *bytes, size_t length);
void buf_append_text(struct buf *buf, const char *text);
void buf_append_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Make room for `extra` bytes after the last one. Returns where to write them,
 * or NULL, with `failed` set. */
char *buf_reserve(struct buf *buf, size_t extra);

/* Count `written` bytes, written where buf_reserve() said, as appended. */
void buf_commit(struct buf *buf, size_t written);

/* Remove all bytes but keep the memory. */
void buf_clear(struct buf *buf);

/* Free the bytes; the struct is zeroed. */
void buf_free(struct buf *buf);

#endif
