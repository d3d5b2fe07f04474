/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_BUF_H
#define EGRESS25_LIB_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes that grow. Start from `struct buf b = {0}`; whoever holds the struct
 * owns the bytes and ends with buf_free(). A failed allocation is sticky: the
 * appends after it do nothing, and the caller looks once, at the end, at
 * `failed`. `data` is always terminated by a NUL that `length` does not count,
 * or NULL while nothing was ever appended.
 */
struct buf {
	char *data;
	size_t length;
	size_t capacity;
	bool failed;
};

void buf_append(struct buf *buf, const void *bytes, size_t length);
void buf_append_text(struct buf *buf, const char *text);
void buf_append_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Make room for `extra` bytes more. Returns where they go, or NULL (sticky).
 * buf_commit() then counts those of them that were written there. */
char *buf_reserve(struct buf *buf, size_t extra);
void buf_commit(struct buf *buf, size_t written);

/* Empty it and keep the memory for the next use. */
void buf_clear(struct buf *buf);

/* Free the bytes; the struct is as new. */
void buf_free(struct buf *buf);

#endif
