/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HEALTH_READY_H
#define EGRESS25_COLLECTOR_HEALTH_READY_H

/*
 * Should more be sent to this collector? For /readyz. It turns false before
 * anything is lost, so that a load balancer sends agents elsewhere, and
 * somebody is called, in time. Pure. Times are monotonic; 0: never.
 */

#include <stdbool.h>
#include <stdint.h>

struct ready_facts {
	int64_t now_us;
	bool is_ending;
	int64_t queued, queue_most;
	int64_t failed_us;     /* when the store last failed */
	int64_t overloaded_us; /* when something was last refused for lack of
				  capacity */
	int64_t crowded_us;    /* when a connection was last ended because all
				  of them hold too much */
	int64_t busy_us;       /* when the running transaction began */
	int64_t slow_us;       /* when one last took READY_SLOW_US */
	int64_t free_bytes;    /* on the database's disk; -1: unknown */
	int64_t free_least;    /* the configured minimum; 0: none */
	int64_t log_pages;     /* in the store's log, not copied back */
	int64_t descriptors, descriptors_most;
	bool geo_is_sound;
};

#define READY_SLOW_US INT64_C(1000000)

/* Why not, as a few words; the most urgent of several reasons. NULL: it is
 * ready. */
const char *ready_reason(const struct ready_facts *facts);

#endif
