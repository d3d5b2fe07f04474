/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_CLOCK_H
#define EGRESS25_LIB_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970 UTC, for people and reports. Jumps when it is set. */
int64_t clock_wall_ms(void);

/* Microseconds of a monotonic clock, for timings and deadlines. */
int64_t clock_mono_us(void);

/* Milliseconds of a monotonic clock that also counts suspend, for intervals of
 * minutes to days. */
int64_t clock_boot_ms(void);

#endif
