/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_LINE_CHANGE_H
#define EGRESS25_COLLECTOR_VERDICT_LINE_CHANGE_H

/*
 * The days of a line, explained by at most one change (doc/verdict.md, section
 * 5): open until some day and blocked from then on, or the reverse. Pure.
 */

#include <stddef.h>
#include <stdint.h>

/* What one day showed: endpoints that answered, and that failed. One that did
 * both counts in both. */
struct change_day {
	uint32_t good, bad;
};

enum change_now {
	CHANGE_TO_EITHER,
	CHANGE_TO_BLOCKED, /* the line is blocked now */
	CHANGE_TO_OPEN,
};

struct change {
	int64_t errors; /* endpoint-days that disagree with it */
	size_t index;   /* of the first day after it; 0: no change */
};

/* The story with the fewest errors; of equal ones that with the earlier
 * change. */
struct change change_best(
    const struct change_day *days, size_t count, enum change_now now);

#endif
