/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_PACK_READ_H
#define EGRESS25_COLLECTOR_RECORD_PACK_READ_H

/* Packed rows (pack.h), read back. Pure but for the memory that it owns. */

#include "collector/record/pack.h"

/* A pack that was read. Start from {0}; it is used again and again, and ends
 * with pack_free(). */
struct pack_row {
	uint32_t n, target, fate;
	int endpoint_hops;
	int64_t at_ms, connect_us, total_us;
};

struct pack {
	struct measurement *sources; /* owned; filled as far as known */
	struct measurement *targets;
	struct measurement *fates;
	struct pack_row *rows; /* in the order in which they were added */
	size_t counts[PACK_LISTS], capacities[PACK_LISTS];
};

/* 0, -ENOMEM, or -EBADMSG: damaged, or of a newer version. */
int pack_read(struct pack *pack, const void *bytes, size_t length);
void pack_free(struct pack *pack);

bool pack_matches(
    const struct pack *pack, size_t index, const struct row_filter *filter);

/* The row as it was added, but for its `id`, which is "". */
void pack_row_at(
    const struct pack *pack, size_t index, struct measurement *row);

#endif
