/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_ALARM_H
#define EGRESS25_AGENT_BASE_ALARM_H

#include <stdint.h>

struct event_base;

/*
 * The service's clock, in milliseconds: it never steps, it goes on while the
 * machine sleeps, and an alarm that was slept through rings on waking up. For
 * tests it may run faster: EGRESS25_HURRY=N in the environment (1 to 10000)
 * makes every waiting time of `run` N times shorter. Timeouts on the network
 * stay as they are.
 */
int64_t alarm_now_ms(void);

/* A span of real time on this clock. */
int64_t alarm_span_ms(int64_t real_ms);

/* A time on this clock as wall clock time, as of now. */
int64_t alarm_to_wall_ms(int64_t at_ms);

typedef void alarm_ring(void *arg);

/* An alarm that is off. NULL: no memory, or no descriptor. */
struct alarm;
struct alarm *alarm_new(struct event_base *base, alarm_ring *ring, void *arg);
void alarm_free(struct alarm *alarm); /* NULL is allowed */

/* Ring once, from the loop, at this time or, where that is past, at once. */
void alarm_set(struct alarm *alarm, int64_t at_ms);
void alarm_off(struct alarm *alarm);

#endif
