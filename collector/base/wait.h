/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_BASE_WAIT_H
#define EGRESS25_COLLECTOR_BASE_WAIT_H

/* Condition variables with monotonic deadlines, so that a change of the wall
 * clock does not move them. */

#include <pthread.h>
#include <stdint.h>

/* Initialise a condition variable for wait_until(). */
void wait_init(pthread_cond_t *condition);

/* With `lock` held, wait for a signal until `mono_us` (clock_mono_us()). May
 * wake up early, as pthread_cond_wait() may. */
void wait_until(
    pthread_cond_t *condition, pthread_mutex_t *lock, int64_t mono_us);

#endif
