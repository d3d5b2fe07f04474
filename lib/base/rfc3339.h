/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_RFC3339_H
#define EGRESS25_LIB_BASE_RFC3339_H

#include <stdbool.h>
#include <stdint.h>

/* "2026-11-24T08:00:00.000Z" and its NUL. */
#define RFC3339_SIZE 25

/* A time as UTC text with milliseconds. `wall_ms` counts from 1970; what lies
 * outside the years 0001 to 9999 is clamped. Returns `text`. */
char *rfc3339_format(int64_t wall_ms, char text[RFC3339_SIZE]);

/* Read a time: a full RFC 3339 time with any offset and any number of
 * decimals, or a bare date, which is its midnight UTC. False: it is none. */
bool rfc3339_parse(const char *text, int64_t *wall_ms);

#endif
