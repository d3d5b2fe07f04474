/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_HTTPDATE_H
#define EGRESS25_LIB_BASE_HTTPDATE_H

#include <stdbool.h>
#include <stdint.h>

#define HTTPDATE_SIZE 32

/* Write the time in the format to be generated, "Sun, 06 Nov 1994 08:49:37 GMT"
 * (RFC 9110, 5.6.7); parts of a second are cut off. Returns `text`. */
char *httpdate_format(int64_t wall_ms, char text[HTTPDATE_SIZE]);

/* Parse an HTTP date in any of its three formats (RFC 9110, 5.6.7), into
 * milliseconds since 1970. A two-digit year means 1970 to 2069; the day of the
 * week is ignored. False: not an HTTP date. */
bool httpdate_parse(const char *text, int64_t *wall_ms);

/* Parse Retry-After (RFC 9110, 10.2.3), as seconds from `now_ms`: a number, or
 * a date. At most a day; 0 if the date is past or `text` is neither. */
int httpdate_retry_after_s(const char *text, int64_t now_ms);

#endif
