/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_ALARM_H
#define EGRESS25_AGENT_BASE_ALARM_H

/*
 * One-shot timers for the service, and the clock they run on: CLOCK_BOOTTIME
 * in milliseconds. It never steps, and it keeps counting while the machine is
 * suspended; an alarm that comes due during a suspend fires on resume.
 *
 * Tests make this clock run N times as fast, which shortens every wait of
 * `run`; network timeouts do not use it. The program itself cannot be told to.
 */

#include <stdint.h>

struct alarm;
struct event_base;

/* From now on this clock runs so many times as fast. For a test's main(). */
void alarm_hurry(int64_t times);

/* So many times as fast; 1 but in tests. */
int64_t alarm_speed(void);

int64_t alarm_now_ms(void);

/* Convert a duration in real time to this clock. */
int64_t alarm_span_ms(int64_t real_ms);

/* Convert a time on this clock to wall clock time, as both are now. */
int64_t alarm_to_wall_ms(int64_t at_ms);

/* Called from the event loop when the alarm fires. */
typedef void alarm_ring(void *arg);

/* Create an alarm, not set. NULL: no memory or no descriptor left. */
struct alarm *alarm_new(struct event_base *base, alarm_ring *ring, void *arg);
void alarm_free(struct alarm *alarm); /* NULL is allowed */

/* Fire once at `at_ms`, or as soon as possible if that is in the past.
 * Replaces an earlier setting. */
void alarm_set(struct alarm *alarm, int64_t at_ms);
void alarm_off(struct alarm *alarm);

#endif
