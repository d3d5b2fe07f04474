/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_HTTPDATE_H
#define EGRESS25_LIB_BASE_HTTPDATE_H

#include <stdbool.h>
#include <stdint.h>

/* Read an HTTP date in any of its three forms (RFC 9110, 5.6.7), into
 * milliseconds since 1970. A year of two digits is one of 1970 to 2069. The
 * day of the week is not looked at. False: it is none. */
bool httpdate_parse(const char *text, int64_t *wall_ms);

/* Read Retry-After (RFC 9110, 10.2.3): seconds, or a date, which counts from
 * `now_ms`. At most a day; 0 where `text` is neither, or past. */
int httpdate_retry_after_s(const char *text, int64_t now_ms);

#endif
