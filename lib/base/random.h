/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_RANDOM_H
#define EGRESS25_LIB_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fill `out` from the kernel's random generator (getrandom(2)). Ends the
 * process if the kernel has none. */
void random_bytes(void *out, size_t length);

/* A fresh UUIDv7 (RFC 9562, 5.7) in lower case: `wall_ms`, then random bits, so
 * that UUIDs sort by time. */
void uuid7(int64_t wall_ms, char text[37]);

#endif
