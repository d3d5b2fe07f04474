/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VIEW_VIEW_COUNTS_H
#define EGRESS25_COLLECTOR_VIEW_VIEW_COUNTS_H

/* Networks of one family and port, counted: all of them, and those of each
 * country. Pure but for the memory that the caller gets. */

#include "collector/view/view.h"

struct view_counts {
	char country[3]; /* "": of all, or of no known one */
	int64_t networks[STATE_COUNT];
	int64_t known; /* open, filtered, partial or intercepted */
	int64_t vantage_points;
	int64_t single;  /* networks with one vantage point */
	int64_t last_ms; /* the newest probe; 0: none */
};

/* Count all; `countries`: how many they are in. */
void view_count_all(const struct view *view, uint8_t family, uint16_t port,
    struct view_counts *counts, size_t *countries);

/* Count each country, by its letters; networks without one are left out. The
 * list is for the caller to free. 0 or -ENOMEM. */
int view_count_countries(const struct view *view, uint8_t family, uint16_t port,
    struct view_counts **list, size_t *count);

#endif
