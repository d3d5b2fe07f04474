/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_DAY_H
#define EGRESS25_LIB_BASE_DAY_H

/* Spans of time, in milliseconds, and days since 1970-01-01 (UTC). */

#include <stdint.h>

#define MINUTE_MS (INT64_C(60) * 1000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

/* The day of a time, which may be before 1970. */
static inline int64_t day_number(int64_t wall_ms)
{
	return wall_ms / DAY_MS - (wall_ms % DAY_MS < 0);
}

#endif
