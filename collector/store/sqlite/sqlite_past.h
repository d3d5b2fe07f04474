/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_PAST_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_PAST_H

/* What was published (store_past.h). */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store_past.h"

int sqlite_add_past(
    struct store *store, const struct store_past *past, struct err *err);

int sqlite_closed_day(struct store *store, int32_t *day, struct err *err);

int sqlite_history(struct store *store, const struct history_filter *filter,
    history_visit *visit, void *arg, struct err *err);

int sqlite_events(struct store *store, const struct event_filter *filter,
    struct store_page *page, event_visit *visit, void *arg, struct err *err);

int sqlite_last_events(
    struct store *store, event_visit *visit, void *arg, struct err *err);

#endif
