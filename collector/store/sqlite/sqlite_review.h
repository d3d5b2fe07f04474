/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_REVIEW_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_REVIEW_H

/* Decisions of reviews (store_review.h). */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store_review.h"

int sqlite_decide_review(
    struct store *store, const struct review *review, struct err *err);

int sqlite_reviews(
    struct store *store, review_visit *visit, void *arg, struct err *err);

#endif
