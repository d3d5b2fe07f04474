/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_PAST_H
#define EGRESS25_COLLECTOR_STORE_STORE_PAST_H

/*
 * What a store (store.h) has published: each network's state at the end of each
 * day, and the changes of it. What is written stays as it is. Only the census
 * writes here (fleet/past.h).
 */

#include "collector/record/event.h"
#include "collector/record/history.h"
#include "collector/store/store.h"

/* What is added in one transaction. */
struct store_past {
	const struct history_day *days;
	size_t ndays;
	const struct event *events;
	size_t nevents;
	int32_t closed_day; /* all of this day and those before is there;
			       STORE_NO_DAY: it says nothing */
};

#define STORE_NO_DAY INT32_MIN

/* Add them; a day of a network or an event that is there already stays as it
 * is. Synced when this returns 0; after a failure nothing of it is stored. */
int store_add_past(
    struct store *store, const struct store_past *past, struct err *err);

/* The last day of which all is there; STORE_NO_DAY: none. */
int store_closed_day(struct store *store, int32_t *day, struct err *err);

/* Visit the published days by day, asn, family and port. */
int store_history(struct store *store, const struct history_filter *filter,
    history_visit *visit, void *arg, struct err *err);

/* Visit one page of events by time and id, newest first unless the page says
 * otherwise. Of a page `cursor` and `limit` count, as in
 * store_measurements(). -EINVAL: the cursor is not one of ours. */
int store_events(struct store *store, const struct event_filter *filter,
    struct store_page *page, event_visit *visit, void *arg, struct err *err);

/* Visit the last event of each network, by asn, family and port. The key,
 * `from`, `to` and the time are filled in. */
int store_last_events(
    struct store *store, event_visit *visit, void *arg, struct err *err);

#endif
