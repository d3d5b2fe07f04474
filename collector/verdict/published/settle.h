/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_PUBLISHED_SETTLE_H
#define EGRESS25_COLLECTOR_VERDICT_PUBLISHED_SETTLE_H

/* How many more lines would decide a network (doc/verdict.md, section 7).
 * Pure. */

#include "collector/verdict/decision/decision.h"

/* Lines with operators and prefixes of their own, all alike, that would make it
 * open, or filtered; 0: no five would. */
struct settle {
	int to_open, to_filtered;
};

struct settle settle_count(
    const struct stories *stories, const struct decision *decision);

#endif
