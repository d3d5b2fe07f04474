/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *buf_reserve(struct buf *buf, size_t extra)
{
	size_t capacity = buf->capacity ? buf->capacity : 256;
	char *data;

	if (buf->failed || extra > SIZE_MAX / 4 - buf->length) {
		buf->failed = true;
		return NULL;
	}
	while (capacity < buf->length + extra + 1)
		capacity *= 2;
	if (capacity != buf->capacity) {
		data = realloc(buf->data, capacity);
		if (data == NULL) {
			buf->failed = true;
			return NULL;
		}
		buf->data = data;
		buf->capacity = capacity;
	}
	return buf->data + buf->length;
}

void buf_commit(struct buf *buf, size_t written)
{
	buf->length += written;
	buf->data[buf->length] = '\0';
}

/* Most of what is appended is short, and there is room for it. */
void buf_append(struct buf *buf, const void *bytes, size_t length)
{
	char *room;

	if (length < buf->capacity - buf->length && !buf->failed)
		room = buf->data + buf->length;
	else
		room = buf_reserve(buf, length);
	if (room == NULL)
		return;
	if (length > 0)
		memcpy(room, bytes, length);
	buf_commit(buf, length);
}

void buf_append_text(struct buf *buf, const char *text)
{
	buf_append(buf, text, strlen(text));
}

void buf_append_char(struct buf *buf, char c)
{
	buf_append(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	char *room;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	room = length < 0 ? NULL : buf_reserve(buf, (size_t)length);
	if (room != NULL) {
		vsnprintf(room, (size_t)length + 1, format, again);
		buf_commit(buf, (size_t)length);
	} else {
		buf->failed = true;
	}
	va_end(again);
}

void buf_clear(struct buf *buf)
{
	buf->length = 0;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	memset(buf, 0, sizeof(*buf));
}
