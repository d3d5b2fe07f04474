/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_CHANGES_H
#define EGRESS25_COLLECTOR_STORE_STORE_CHANGES_H

/* What has changed in the rollups since the last look, for who keeps what they
 * say in memory (store.h). */

#include "collector/store/store.h"

/* How far the last look came; {0}: there was none. */
struct store_mark {
	int64_t at, revoked, all_ms; /* the engine's own */
	bool is_exact; /* equal marks: the store was the same, to the row */
};

/* What is visited, in this order; anything but 0 ends it. */
struct store_changes_visit {
	/* First. `is_all`: all that there is follows, and what was visited
	 * before no longer counts. */
	int (*begin)(void *arg, bool is_all);
	/* An agent of which something may be new. */
	rollup_first_visit *vantage;
	/* A network of which rows of `from_day` or later may be new; the rows
	 * that it has now, from that day on, follow. Not called where all
	 * follows. */
	int (*network)(
	    void *arg, const struct rollup_row *network, int32_t from_day);
	rollup_visit *row; /* in the order of store_rollups() */
	void *arg;
};

struct store_changes {
	struct store_mark mark; /* moved on by success */
	int64_t now_ms;
	int32_t since_day; /* of earlier days no row is visited */
	const struct store_changes_visit *visit;
};

/* Visit what has changed, or all of it: at first, after a revocation, where
 * rollups were counted anew, and where the engine does not know any more. What
 * has not changed may be visited too. 0, -errno, or what was returned by one of
 * `visit`. */
int store_changes(
    struct store *store, struct store_changes *changes, struct err *err);

#endif
