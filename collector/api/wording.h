/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_API_WORDING_H
#define EGRESS25_COLLECTOR_API_WORDING_H

/* The sets of words that parameters and answers have (contract, section 1).
 * Pure. */

#include "collector/record/column_type.h"
#include "lib/base/buf.h"

/* The words of the values 0 to count - 1; "" for a value that has none. */
struct wording {
	const char *(*word)(int value);
	int count;
};

extern const struct wording wording_states, wording_outcomes, wording_levels,
    wording_formats, wording_layouts, wording_sorts, wording_groups,
    wording_axes, wording_mechanisms, wording_wheres, wording_reaches,
    wording_stops, wording_zones, wording_kinds;

/* The words of a column's type. NULL: its values are no words. */
const struct wording *wording_of_column(enum column_type type);

/* The value with that word, or -1. */
int wording_find(const struct wording *wording, const char *word);

/* Append the words as "a, b or c". */
void wording_list(const struct wording *wording, struct buf *out);

#endif
