/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_STORIES_STORIES_H
#define EGRESS25_COLLECTOR_VERDICT_STORIES_STORIES_H

/*
 * Four stories about a network compete to explain all its lines
 *(doc/verdict.md, section 6, step 4): it is open, it filters, it filters some
 *prefixes, it filters some lines. In each of them a whole prefix may be wrong
 *at once, so a prefix never counts for more than a factor of about 50. Pure.
 *
 *	stories_init(); stories_add() for each prefix; stories_weigh().
 */

#include <stddef.h>
#include <stdint.h>

#include "collector/verdict/evidence/model.h"
#include "collector/verdict/stories/scaled.h"

/* The evidence of one line. */
struct story_line {
	uint32_t prefix;
	double weight;              /* 1 / the lines of its operator */
	double if_open, if_blocked; /* its chance, more than 0, on a line that
				       is open, and that is blocked */
};

/* A number for each share, as in struct scaled. */
struct stories_shares {
	double values[MODEL_SHARES];
	int64_t steps[MODEL_SHARES];
};

struct stories {
	struct scaled open, filtered;
	struct stories_shares by_prefix, by_line;
};

/* What is left of each story; the four add up to 1. */
struct posterior {
	double open, filtered, by_prefix, by_line;
};

void stories_init(struct stories *stories);

/* All lines of one prefix. */
void stories_add(
    struct stories *stories, const struct story_line *lines, size_t count);

void stories_weigh(const struct stories *stories, struct posterior *posterior);

/* Some of the network is filtered: by prefix or by line. */
double posterior_part(const struct posterior *posterior);

#endif
