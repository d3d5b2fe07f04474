/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_PAST_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_PAST_H

/* What was published (store_past.h), and decisions of reviews
 * (store_review.h). */

#include "collector/store/clickhouse/clickhouse_handle.h"
#include "collector/store/store_past.h"
#include "collector/store/store_review.h"

int clickhouse_add_past(
    struct store *store, const struct store_past *past, struct err *err);

int clickhouse_closed_day(struct store *store, int32_t *day, struct err *err);

int clickhouse_history(struct store *store, const struct history_filter *filter,
    history_visit *visit, void *arg, struct err *err);

int clickhouse_events(struct store *store, const struct event_filter *filter,
    struct store_page *page, event_visit *visit, void *arg, struct err *err);

int clickhouse_last_events(
    struct store *store, event_visit *visit, void *arg, struct err *err);

int clickhouse_decide_review(
    struct store *store, const struct review *review, struct err *err);

int clickhouse_reviews(
    struct store *store, review_visit *visit, void *arg, struct err *err);

#endif
