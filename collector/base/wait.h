/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_BASE_WAIT_H
#define EGRESS25_COLLECTOR_BASE_WAIT_H

/* Condition variables whose deadlines are clock_mono_us()'s, so that a clock
 * that jumps wakes nobody early or late. */

#include <pthread.h>
#include <stdint.h>

void wait_init(pthread_cond_t *condition);

/* Wait until it is signalled or that time has come; wakes early too. */
void wait_until(
    pthread_cond_t *condition, pthread_mutex_t *lock, int64_t mono_us);

#endif
