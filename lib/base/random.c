/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *out, size_t length)
{
	char *at = out;
	ssize_t got;

	while (length > 0) {
		got = getrandom(at, length, 0);
		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			at += got;
			length -= (size_t)got;
		}
	}
}

void uuid7(int64_t wall_ms, char text[37])
{
	uint8_t b[16];
	int i;

	random_bytes(b, sizeof(b));
	for (i = 0; i < 6; i++)
		b[i] = (uint8_t)(wall_ms >> (8 * (5 - i)));
	b[6] = (uint8_t)(0x70 | (b[6] & 0x0f));
	b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
	snprintf(text, 37,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x",
	    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
	    b[11], b[12], b[13], b[14], b[15]);
}
