/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_FUZZ_FUZZ_H
#define EGRESS25_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Defined by each fuzz target; called by libFuzzer or replay.c with a buffer of
 * exactly `length` bytes. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Abort unless `holds`, which must be true for any input. */
static inline void fuzz_require(bool holds)
{
	if (!holds)
		abort();
}

#endif
