/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_RFC3339_H
#define EGRESS25_LIB_BASE_RFC3339_H

#include <stdbool.h>
#include <stdint.h>

/* "2026-11-24T08:00:00.000Z" and its NUL. */
#define RFC3339_SIZE 25

/* Format milliseconds since 1970 as UTC with milliseconds. Times outside the
 * years 0001 to 9999 are clamped. Returns `text`. */
char *rfc3339_format(int64_t wall_ms, char text[RFC3339_SIZE]);

/* Parse an RFC 3339 time with any offset and any number of decimals, or a bare
 * date, which means its midnight UTC. False: neither. */
bool rfc3339_parse(const char *text, int64_t *wall_ms);

#endif
