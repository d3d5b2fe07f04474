/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/parquet/levels.h"

#include <stdbool.h>

#include "collector/record/bytes.h"

#define GROUP 8

int levels_width(uint32_t most)
{
	return most == 0 ? 0 : 32 - __builtin_clz(most);
}

static size_t run_at(const uint32_t *numbers, size_t at, size_t count)
{
	size_t end = at + 1;

	while (end < count && numbers[end] == numbers[at])
		end++;
	return end - at;
}

static void put_run(struct buf *out, uint32_t number, size_t times, int width)
{
	bytes_put(out, (uint64_t)times << 1);
	for (; width > 0; width -= 8, number >>= 8)
		buf_append_char(out, (char)number);
}

/* `count` numbers in whole groups, the least significant bits first. */
static void put_packed(
    struct buf *out, const uint32_t *numbers, size_t count, int width)
{
	size_t groups = (count + GROUP - 1) / GROUP, i;
	uint64_t bits = 0;
	int held = 0;

	bytes_put(out, (uint64_t)groups << 1 | 1);
	for (i = 0; i < groups * GROUP; i++) {
		bits |= (uint64_t)(i < count ? numbers[i] : 0) << held;
		for (held += width; held >= 8; held -= 8, bits >>= 8)
			buf_append_char(out, (char)bits);
	}
}

/* How many numbers from `at` on are packed: whole groups up to the next run
 * that is worth it, or all that are left. */
static size_t packed_from(const uint32_t *numbers, size_t at, size_t count)
{
	size_t end = at;

	while (end < count &&
	       run_at(numbers, end, end + GROUP < count ? end + GROUP : count) <
		   GROUP)
		end += end + GROUP < count ? GROUP : count - end;
	return end - at;
}

void levels_put(
    struct buf *out, const uint32_t *numbers, size_t count, int width)
{
	size_t at, length;

	for (at = 0; at < count; at += length) {
		length = run_at(numbers, at, count);
		if (length >= GROUP) {
			put_run(out, numbers[at], length, width);
			continue;
		}
		length = packed_from(numbers, at, count);
		put_packed(out, numbers + at, length, width);
	}
}
