/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/events.h"

/* Days since the last event. */
static int64_t days_since(const struct events_told *told, int32_t day)
{
	return (int64_t)day - told->day;
}

bool events_tell_now(
    const struct events_told *told, int32_t day, enum network_state state)
{
	return state != told->state && state != STATE_INSUFFICIENT &&
	       days_since(told, day) > EVENTS_QUIET;
}

/* Has it been like that for so many days, all of them after the last event? */
static bool holds(const struct events_told *told, const struct events_day *day,
    int64_t wanted)
{
	return day->days >= wanted && days_since(told, day->day) >= wanted;
}

bool events_tell_closed(
    const struct events_told *told, const struct events_day *day)
{
	if (day->state == told->state)
		return false;
	if (day->state == STATE_INSUFFICIENT && !day->is_held_back)
		return holds(told, day, EVENTS_UNKNOWN);
	return days_since(told, day->day) > EVENTS_QUIET ||
	       holds(told, day, EVENTS_HOLD);
}
