/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_BASE_PROGRESS_H
#define EGRESS25_COLLECTOR_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* A line on stderr that says how far a long command is. Start from {0}. */
struct progress {
	int64_t shown_us; /* clock_mono_us(); 0: never */
};

/* True, at most once a second and only on a terminal: the caller should now
 * print "\r...\033[K" to stderr. */
bool progress_is_due(struct progress *progress);

/* Wipe the line, if there is one. */
void progress_clear(const struct progress *progress);

#endif
