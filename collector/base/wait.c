/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/base/wait.h"

#include <time.h>

void wait_init(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

void wait_until(
    pthread_cond_t *condition, pthread_mutex_t *lock, int64_t mono_us)
{
	struct timespec when = {
	    .tv_sec = (time_t)(mono_us / 1000000),
	    .tv_nsec = (long)(mono_us % 1000000) * 1000,
	};

	pthread_cond_timedwait(condition, lock, &when);
}
