/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_FUZZ_FUZZ_H
#define EGRESS25_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* What a fuzz target defines: libFuzzer or replay.c calls it with bytes that
 * are exactly `length` long. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What must hold whatever the bytes were. */
static inline void fuzz_require(bool holds)
{
	if (!holds)
		abort();
}

#endif
