/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_wire.h"

#include <string.h>

/* --- writing --- */

void wire_put(struct buf *out, uint64_t value, size_t bytes)
{
	char *at = buf_reserve(out, bytes);
	size_t i;

	if (at == NULL)
		return;
	for (i = 0; i < bytes; i++)
		at[i] = (char)(value >> 8 * i & 0xff);
	buf_commit(out, bytes);
}

void wire_put_bytes(struct buf *out, const void *bytes, size_t length)
{
	size_t rest;

	for (rest = length; rest >= 0x80; rest >>= 7)
		wire_put(out, rest | 0x80, 1);
	wire_put(out, rest, 1);
	if (length > 0)
		buf_append(out, bytes, length);
}

void wire_put_text(struct buf *out, const char *text)
{
	wire_put_bytes(out, text, strlen(text));
}

/* --- reading --- */

/* Step over `length` bytes, which are returned; NULL: they are not there. */
static const uint8_t *step(struct wire *wire, size_t length)
{
	const uint8_t *at = wire->at;

	if (wire->ran_out || (size_t)(wire->end - at) < length) {
		wire->ran_out = true;
		return NULL;
	}
	wire->at += length;
	return at;
}

uint64_t wire_take(struct wire *wire, size_t bytes)
{
	const uint8_t *at = step(wire, bytes);
	uint64_t value = 0;
	size_t i;

	for (i = 0; at != NULL && i < bytes; i++)
		value |= (uint64_t)at[i] << 8 * i;
	return value;
}

int64_t wire_take_signed(struct wire *wire, size_t bytes)
{
	unsigned unused = 64 - 8 * (unsigned)bytes;

	return (int64_t)(wire_take(wire, bytes) << unused) >> unused;
}

void wire_take_fixed(struct wire *wire, void *out, size_t length)
{
	const uint8_t *at = step(wire, length);

	if (at != NULL)
		memcpy(out, at, length);
}

size_t wire_take_bytes(struct wire *wire, const uint8_t **bytes)
{
	uint64_t length = 0;
	unsigned shift = 0;
	uint8_t part = 0x80;

	while ((part & 0x80) != 0 && !wire->ran_out && shift < 63) {
		part = (uint8_t)wire_take(wire, 1);
		length |= (uint64_t)(part & 0x7f) << shift;
		shift += 7;
	}
	*bytes = step(wire, (size_t)length);
	return *bytes != NULL ? (size_t)length : 0;
}

void wire_take_text(struct wire *wire, char *out, size_t size)
{
	const uint8_t *bytes;
	size_t length = wire_take_bytes(wire, &bytes);

	if (length >= size)
		length = size - 1;
	if (length > 0)
		memcpy(out, bytes, length);
	out[length] = '\0';
}
