/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VIEW_VIEW_PAST_H
#define EGRESS25_COLLECTOR_VIEW_VIEW_PAST_H

/*
 * What was published of each network of a view, day by day, up to today. Days
 * that are closed do not change, so a view takes them from the view before it,
 * and only new ones are read. Pure but for the memory that the view owns.
 */

#include "collector/view/view.h"

/* What was published of a network on a day. */
struct view_day {
	bool is_known;
	enum network_state state;
	enum network_level level;
};

/* All networks were added: take over what the view before (NULL: none) has, and
 * today's state. `view->past_until` is the first day of which nothing is there
 * yet but today. 0 or -ENOMEM. */
int view_past_begin(struct view *view, const struct view *before);

/* Add what the store has of a day. */
void view_past_add(struct view *view, const struct history_day *day);

/* A network's day, counted from 1970; outside the window nothing is known. */
struct view_day view_past_day(
    const struct view *view, size_t network, int32_t day);

/* Networks of that family, port and country ("": all) by their state on a day.
 * False: of that day nothing is known. */
bool view_past_count(const struct view *view, const struct view_states *of,
    const char *country, int32_t day, int64_t networks[STATE_COUNT]);

#endif
