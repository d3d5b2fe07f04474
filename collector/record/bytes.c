/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/bytes.h"

void bytes_put(struct buf *buf, uint64_t number)
{
	uint8_t bytes[BYTES_NUMBER_MAX];

	buf_append(buf, bytes, (size_t)(bytes_write(bytes, number) - bytes));
}

void bytes_put_text(struct buf *buf, const char *text, size_t length)
{
	bytes_put(buf, length);
	buf_append(buf, text, length);
}

static void spoil(struct bytes *bytes)
{
	bytes->bad = true;
	bytes->at = bytes->end;
}

uint8_t bytes_take_byte(struct bytes *bytes)
{
	if (bytes->at < bytes->end)
		return *bytes->at++;
	spoil(bytes);
	return 0;
}

uint64_t bytes_take(struct bytes *bytes)
{
	uint64_t number = 0;
	unsigned shift;
	uint8_t byte;

	for (shift = 0; shift < 64; shift += 7) {
		byte = bytes_take_byte(bytes);
		if (shift == 63 && byte > 1)
			break;
		number |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return number;
	}
	spoil(bytes);
	return 0;
}

int64_t bytes_take_signed(struct bytes *bytes)
{
	uint64_t folded = bytes_take(bytes);

	return (int64_t)(folded & 1 ? ~(folded >> 1) : folded >> 1);
}

const uint8_t *bytes_take_span(struct bytes *bytes, size_t length)
{
	const uint8_t *span = bytes->at;

	if (bytes->bad || length > (size_t)(bytes->end - bytes->at)) {
		spoil(bytes);
		return NULL;
	}
	bytes->at += length;
	return span;
}

const char *bytes_take_text(struct bytes *bytes, size_t most, size_t *length)
{
	uint64_t number = bytes_take(bytes);

	if (number > most) {
		spoil(bytes);
		number = 0;
	}
	*length = (size_t)number;
	return (const char *)bytes_take_span(bytes, *length);
}
