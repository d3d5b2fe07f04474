/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/text.h"

void text_copy_printable(
    char *out, size_t size, const char *bytes, size_t length)
{
	size_t i;

	for (i = 0; i < length && i + 1 < size; i++)
		out[i] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '?';
	out[i] = '\0';
}
