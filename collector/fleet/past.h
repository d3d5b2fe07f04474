/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_PAST_H
#define EGRESS25_COLLECTOR_FLEET_PAST_H

/*
 * What has been published, as the store keeps it (store_past.h): a day that has
 * ended is closed, with what was published of each network at its end, and each
 * change becomes an event, once. What a report says of a closed day changes
 * today's verdict, and so is an event of today.
 *
 *	past_open(); then, for each count: past_days_close() (past_days.h);
 *	past_begin(); once all days before are closed past_see() each network
 *	and past_tell(); and at last past_free().
 *
 * Errors as in store.h.
 */

#include "collector/fleet/networks.h"
#include "collector/fleet/told.h"
#include "collector/store/store_past.h"
#include "collector/verdict/published/events.h"

struct past {
	struct store *reader; /* borrowed */
	struct store *pen;    /* owned; for writing */
	const _Atomic bool *ending;
	struct told told;
	struct event *changes; /* owned: of today, to be told */
	size_t nchanges;
	int64_t now_ms;
};

/* `settings` are those of a handle that writes; once `*ending` is true, calls
 * end with -ECANCELED at the next opportunity. `past` is for past_free() in
 * either case. 0 or -errno. */
int past_open(struct past *past, const struct store_settings *settings,
    struct store *reader, const _Atomic bool *ending, struct err *err);

/* Begin today's changes, as of `now_ms`: read what was told. 0 or -errno. */
int past_begin(struct past *past, int64_t now_ms, struct err *err);

/* A network as it is today, before the bound on all accusations. 0 or -ENOMEM.
 */
int past_see(struct past *past, const struct network_verdict *verdict);

/* All networks were seen, and the judge is closed: tell what has changed. 0 or
 * -errno. */
int past_tell(struct past *past, const struct judge *judge, struct err *err);

void past_free(struct past *past);

#endif
