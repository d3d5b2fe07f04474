/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_REPORT_ORDER_H
#define EGRESS25_COLLECTOR_ROUTES_REPORT_ORDER_H

/* The rows of one report by target: a report may have some thousand. Pure. */

#include <stddef.h>

#include "collector/record/row.h"

struct report_row {
	const struct measurement *row; /* borrowed */
	size_t number;                 /* in the order in which they came */
	size_t first;                  /* the number of its target's first */
	size_t tries; /* of its port that ended the same, itself with them */
};

/* Targets in the order of their first rows, rows of a target in theirs. The
 * caller frees it. NULL: out of memory. */
struct report_row *report_order(const struct measurement *rows, size_t count);

#endif
