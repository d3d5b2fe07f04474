/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_PAST_DAYS_H
#define EGRESS25_COLLECTOR_FLEET_PAST_DAYS_H

/*
 * Closing days: what was published of each network at the end of a day, from
 * the rows that are there when it is closed, and what changed with it. Errors
 * as in store.h.
 */

#include "collector/fleet/past.h"

/*
 * Close the days before that of `now_ms` that are not closed yet and whose
 * window has a measurement: the first time all since the first rollup,
 * else yesterday at most. Of many days it closes some at least, and no more
 * once that takes long; `*all_closed` says whether all are. 0 or -errno.
 */
int past_days_close(
    struct past *past, int64_t now_ms, bool *all_closed, struct err *err);

#endif
