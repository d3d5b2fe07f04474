/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_REVIEW_H
#define EGRESS25_COLLECTOR_STORE_STORE_REVIEW_H

/* The decisions of reviews (record/review.h), as the store keeps them. */

#include "collector/record/review.h"
#include "collector/store/store.h"

/* Keep a decision, instead of an earlier one about that network. 0 or -errno.
 */
int store_decide_review(
    struct store *store, const struct review *review, struct err *err);

/* Visit all decisions by asn, family and port. 0, -errno, or what `visit`
 * returned. */
int store_reviews(
    struct store *store, review_visit *visit, void *arg, struct err *err);

#endif
