/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_PACK_READ_H
#define EGRESS25_COLLECTOR_RECORD_PACK_READ_H

/* Packed rows (pack.h), read back. Pure but for the memory that it owns. */

#include "collector/record/pack.h"

struct pack_row {
	uint32_t n, target, result; /* the last two: numbers in the lists */
	int endpoint_hops;
	int64_t at_ms, connect_us, total_us;
};

/* An unpacked report. Start from {0}; reuse it for the next one; end with
 * pack_free(). */
struct pack {
	struct measurement *sources; /* each list: owned, and filled with the */
	struct measurement *targets; /* fields that it stands for */
	struct measurement *results;
	struct pack_row *rows; /* in the order in which they were added */
	size_t counts[PACK_LISTS], capacities[PACK_LISTS];
};

/* Unpack. 0, -ENOMEM, or -EBADMSG: damaged, or of a newer version; there are
 * then no rows. */
int pack_read(struct pack *pack, const void *bytes, size_t length);

void pack_free(struct pack *pack);

/* Leave the rows of source `index`, an agent in a network, out from now on. */
void pack_leave_out(struct pack *pack, size_t index);

/* Is row `index` listed, and does it pass the filter? */
bool pack_matches(
    const struct pack *pack, size_t index, const struct row_filter *filter);

/* Copy row `index` out, as it was added except for its `id`, which is "". */
void pack_row_at(
    const struct pack *pack, size_t index, struct measurement *row);

#endif
