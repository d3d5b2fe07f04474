/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_CURRENT_H
#define EGRESS25_COLLECTOR_FLEET_CURRENT_H

/*
 * The verdicts on all networks of a store as of now, kept up to date
 * (verdict/ledger.h): an update reads what has changed since the last one and
 * judges only what that touches. All is read at first, and once a day, where
 * what was kept is compared with it.
 *
 *	current_init(); then, again and again, current_update(), and read
 *	`ledger`; at last current_free().
 */

#include "collector/store/store_changes.h"
#include "collector/verdict/ledger.h"

struct current {
	struct ledger ledger;
	struct store_mark mark;
	int32_t read_day;     /* on which all was read */
	int64_t reads;        /* how often all was */
	int64_t refreshed_us; /* when the endpoints' health was refreshed */
	int64_t refresh_us;   /* what that took */
	int64_t differing;    /* networks whose kept verdict was not that of all
				 rows */
};

void current_init(struct current *current);

/* Bring it up to date, as of `now_ms`. After a failure, and where the clock was
 * put back, all is read at the next time. Errors as in store.h. */
int current_update(struct current *current, struct store *store, int64_t now_ms,
    struct err *err);

void current_free(struct current *current);

#endif
