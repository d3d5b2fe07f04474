/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_MOVE_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_MOVE_H

/*
 * Taking what another engine holds (store_move.h). All of it may be repeated
 * and does no harm then; what is newer here stays. Errors as in store.h.
 */

#include "collector/store/clickhouse/clickhouse_handle.h"
#include "collector/store/store_move.h"

/* Store the reports of a batch that are not here, or with `again` all of them;
 * `*stored` grows by how many those are. */
int clickhouse_move_reports(struct store *store, const struct move_batch *batch,
    bool again, int64_t *stored, struct err *err);

/* Note whose pseudonyms they are and how far removal has come. -EACCES: the
 * cluster goes with another secret. */
int clickhouse_move_limits(
    struct store *store, const struct move_limits *limits, struct err *err);

/* Take the counts of days whose measurements are removed: they cannot be
 * counted anew. `names` has their networks and `vantages` their agents, both
 * sorted by key. */
struct move_counts {
	const struct rollup_row *rollups;
	size_t nrollups;
	const struct network_info *names;
	size_t nnames;
	const struct vantage *vantages;
	size_t nvantages;
};
int clickhouse_move_counts(
    struct store *store, const struct move_counts *counts, struct err *err);

/* How many reports begin on a day, and how many measurements it has. */
int clickhouse_move_count(struct store *store, int32_t day, int64_t *reports,
    int64_t *rows, struct err *err);

#endif
