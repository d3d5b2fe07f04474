/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_REPEATED_H
#define EGRESS25_COLLECTOR_RECORD_REPEATED_H

/*
 * Measurements that follow one another say much that was said just before: the
 * agent and its network, the endpoint, how it ended. What was made of such a
 * part of a row is kept, and found again by the part's bytes, all of them.
 */

#include <stdbool.h>

#include "collector/record/column_type.h"
#include "collector/record/row.h"

/* The parts of a measurement, as row.h has them. */
enum row_part {
	ROW_PROBE,  /* never the same */
	ROW_TARGET, /* from where, to where */
	ROW_RESULT,
	ROW_PARTS
};

/* Which part a column of format_measurement_columns is in. */
enum row_part row_part_of(const struct column *column);

/* --- what is kept --- */

struct repeated;

/* `size`: bytes of what the caller keeps of a part. NULL: out of memory. */
struct repeated *repeated_new(size_t size);

/* The place of what is kept of this part of the row. `*known`: it is that of
 * the same part; else the place has what was kept of another one, or zeros, and
 * is this part's from now on. */
void *repeated_find(struct repeated *repeated, enum row_part part,
    const struct measurement *row, bool *known);

/* Forget all. */
void repeated_clear(struct repeated *repeated);

/* Called for each place before it goes, with zeros if it was never used; NULL
 * is allowed. */
typedef void repeated_drop(void *place);

/* NULL is allowed. */
void repeated_free(struct repeated *repeated, repeated_drop *drop);

#endif
