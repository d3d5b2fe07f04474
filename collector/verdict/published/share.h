/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_PUBLISHED_SHARE_H
#define EGRESS25_COLLECTOR_VERDICT_PUBLISHED_SHARE_H

/* The share of a network's lines that is blocked (doc/verdict.md, section 7).
 * Pure. */

#include "collector/verdict/stories/stories.h"

/* Points of the share's distribution, before the lines flat: 5, 50 and 95 %. */
struct share {
	double low, mid, high;
};

/* Of no lines: 0, .5 and 1. */
struct share share_of(const struct story_line *lines, size_t count);

#endif
