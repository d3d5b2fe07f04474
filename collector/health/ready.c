/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/health/ready.h"

#include <stddef.h>

#define SECOND INT64_C(1000000)

/* For how long after an event the collector is not ready. */
#define FAILED_US     (10 * SECOND) /* then the store is tried again */
#define SLOW_US       (10 * SECOND)
#define OVERLOADED_US (2 * SECOND)

#define STUCK_US           (2 * SECOND)
#define QUEUE_SHARE        2 /* more than half of it */
#define DESCRIPTORS_TENTHS 9
#define LOG_PAGES_MOST     (1 << 18) /* 1 GiB */

static bool was_lately(
    const struct ready_facts *facts, int64_t at_us, int64_t within_us)
{
	return at_us != 0 && facts->now_us - at_us < within_us;
}

const char *ready_reason(const struct ready_facts *facts)
{
	if (facts->is_ending)
		return "ending";
	if (was_lately(facts, facts->failed_us, FAILED_US))
		return "the store fails";
	if (facts->busy_us != 0 && facts->now_us - facts->busy_us > STUCK_US)
		return "a transaction does not end";
	if (facts->free_least > 0 && facts->free_bytes >= 0 &&
	    facts->free_bytes < facts->free_least)
		return "the disk is nearly full";
	if (facts->queued * QUEUE_SHARE > facts->queue_most)
		return "the queue is filling up";
	if (was_lately(facts, facts->crowded_us, OVERLOADED_US))
		return "connections hold as much memory as they may";
	if (was_lately(facts, facts->overloaded_us, OVERLOADED_US))
		return "more comes in than it takes";
	if (was_lately(facts, facts->slow_us, SLOW_US))
		return "transactions are slow";
	if (facts->descriptors * 10 >
	    facts->descriptors_most * DESCRIPTORS_TENTHS)
		return "nearly all connections are taken";
	if (facts->log_pages > LOG_PAGES_MOST)
		return "somebody who reads holds the store's log";
	if (!facts->geo_is_sound)
		return "a geo database cannot be read";
	return NULL;
}
