/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_LINE_UNSTEADY_H
#define EGRESS25_COLLECTOR_VERDICT_LINE_UNSTEADY_H

/*
 * Does a line see both, again and again (doc/verdict.md, section 5)? Pure.
 */

#include "collector/verdict/line/entry.h"
#include "collector/verdict/line/vote.h"

/* Of the recent days, in order. True: no single change explains them, and not
 * one endpoint alone. Where a span of the day explains them, `hours` is it;
 * else it is empty. */
bool unsteady_is_seen(
    const struct line_entry *recent, size_t count, struct vote_hours *hours);

#endif
