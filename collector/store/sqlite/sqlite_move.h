/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_MOVE_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_MOVE_H

/* What a database holds, as it was written, to be moved to another engine
 * (store_move.h). Each call reads a little, so that a collector that writes
 * meanwhile may copy its log back. */

#include "collector/store/store_move.h"

/* Fill the batch with the reports behind `*position`, in the order in which
 * they came, and set it behind them; begin with 0. 1, 0: there are no more, or
 * -errno. The batch is for move_batch_free() in any case. */
int sqlite_move_reports(struct store *store, int64_t *position,
    struct move_batch *batch, struct err *err);

/* Visit the registry. 0, -errno or what `visit` returned. */
int sqlite_move_registry(
    struct store *store, move_visit *visit, void *arg, struct err *err);

/* 0 or -errno. */
int sqlite_move_limits(
    struct store *store, struct move_limits *limits, struct err *err);

#endif
