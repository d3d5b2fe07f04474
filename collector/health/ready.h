/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HEALTH_READY_H
#define EGRESS25_COLLECTOR_HEALTH_READY_H

/*
 * Whether more may be sent here, for /readyz: false before trouble is, so that
 * agents are sent elsewhere, and people called, while nothing is lost yet.
 * Pure. All times are clock_mono_us()'s, 0: never.
 */

#include <stdbool.h>
#include <stdint.h>

struct ready_facts {
	int64_t now_us;
	bool is_ending;
	int64_t queued, queue_most;
	int64_t failed_us;     /* when the store last failed */
	int64_t overloaded_us; /* when something was last refused because
				  there was too much */
	int64_t busy_us;       /* since when a transaction runs */
	int64_t slow_us;       /* when one last took READY_SLOW_US */
	int64_t free_bytes;    /* where the database is; -1: unknown */
	int64_t free_least;    /* what is asked for; 0: nothing is */
	int64_t log_pages;     /* of the store, not copied back */
	int64_t descriptors, descriptors_most;
	bool geo_is_sound;
};

#define READY_SLOW_US INT64_C(1000000)

/* What speaks against it, the worst first, or NULL. */
const char *ready_reason(const struct ready_facts *facts);

#endif
