/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_PUBLISHED_EVENTS_H
#define EGRESS25_COLLECTOR_VERDICT_PUBLISHED_EVENTS_H

/*
 * Which changes of what is published are told as events (doc/verdict.md,
 * section 7): those that hold. A network of which nothing was told for a while
 * is believed at once; one that has just changed must hold. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "collector/record/network.h"

#define EVENTS_QUIET   7  /* days after an event, in which a change must hold */
#define EVENTS_HOLD    5  /* days for which it holds then */
#define EVENTS_UNKNOWN 14 /* days, before it is told that nothing is known */
#define EVENTS_NEVER   INT32_MIN

/* What was told of a network last: `insufficient` on EVENTS_NEVER before its
 * first event. */
struct events_told {
	enum network_state state;
	int32_t day;
};

/* Is that state told on `day` before the day has ended? */
bool events_tell_now(
    const struct events_told *told, int32_t day, enum network_state state);

/* A network at the end of a day. */
struct events_day {
	int32_t day;
	enum network_state state;
	int days;          /* for which it ended the day like that, this one
			      included; 1 if that is not known */
	bool is_held_back; /* by the bound on all accusations: it is
			      `insufficient`, although lines are there */
};

/* Is it told at the end of that day? */
bool events_tell_closed(
    const struct events_told *told, const struct events_day *day);

#endif
