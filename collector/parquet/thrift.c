/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/parquet/thrift.h"

#include <string.h>

#include "collector/record/bytes.h"

#define TYPE_TRUE  1
#define TYPE_FALSE 2
#define TYPE_LIST  9

static void put_signed(struct buf *out, int64_t value)
{
	uint8_t bytes[BYTES_NUMBER_MAX];

	buf_append(
	    out, bytes, (size_t)(bytes_write_signed(bytes, value) - bytes));
}

/* The distance to the last id and the type share a byte, if it is short. */
static void put_field(struct thrift *thrift, int16_t id, int type)
{
	int16_t *last = &thrift->last[thrift->depth];
	int delta = id - *last;

	if (delta > 0 && delta < 16) {
		buf_append_char(thrift->out, (char)(delta << 4 | type));
	} else {
		buf_append_char(thrift->out, (char)type);
		put_signed(thrift->out, id);
	}
	*last = id;
}

void thrift_bool(struct thrift *thrift, int16_t id, bool value)
{
	put_field(thrift, id, value ? TYPE_TRUE : TYPE_FALSE);
}

void thrift_byte(struct thrift *thrift, int16_t id, int8_t value)
{
	put_field(thrift, id, THRIFT_BYTE);
	buf_append_char(thrift->out, (char)value);
}

void thrift_i32(struct thrift *thrift, int16_t id, int32_t value)
{
	put_field(thrift, id, THRIFT_I32);
	put_signed(thrift->out, value);
}

void thrift_i64(struct thrift *thrift, int16_t id, int64_t value)
{
	put_field(thrift, id, THRIFT_I64);
	put_signed(thrift->out, value);
}

void thrift_binary(
    struct thrift *thrift, int16_t id, const void *bytes, size_t length)
{
	put_field(thrift, id, THRIFT_BINARY);
	bytes_put_text(thrift->out, bytes, length);
}

void thrift_text(struct thrift *thrift, int16_t id, const char *text)
{
	thrift_binary(thrift, id, text, strlen(text));
}

void thrift_begin(struct thrift *thrift, int16_t id)
{
	put_field(thrift, id, THRIFT_STRUCT);
	thrift_begin_element(thrift);
}

void thrift_list(
    struct thrift *thrift, int16_t id, enum thrift_type type, size_t count)
{
	put_field(thrift, id, TYPE_LIST);
	if (count < 15) {
		buf_append_char(thrift->out, (char)(count << 4 | type));
		return;
	}
	buf_append_char(thrift->out, (char)(0xf0 | type));
	bytes_put(thrift->out, count);
}

void thrift_begin_element(struct thrift *thrift)
{
	thrift->last[++thrift->depth] = 0;
}

void thrift_i32_element(struct thrift *thrift, int32_t value)
{
	put_signed(thrift->out, value);
}

void thrift_text_element(struct thrift *thrift, const char *text)
{
	bytes_put_text(thrift->out, text, strlen(text));
}

void thrift_end(struct thrift *thrift)
{
	buf_append_char(thrift->out, 0);
	thrift->depth--;
}
