/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_CLOCK_H
#define EGRESS25_LIB_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970, UTC: for people and reports. May jump. */
int64_t clock_wall_ms(void);

/* Microseconds of a clock that never jumps: for timings and deadlines. */
int64_t clock_mono_us(void);

/* Milliseconds of a clock that never jumps and goes on while the machine
 * sleeps: for what lies minutes and days apart. */
int64_t clock_boot_ms(void);

#endif
