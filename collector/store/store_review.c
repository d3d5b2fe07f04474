/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/store_review.h"

#include "collector/store/store_engine.h"

int store_decide_review(
    struct store *store, const struct review *review, struct err *err)
{
	return store->engine->decide_review(store, review, err);
}

int store_reviews(
    struct store *store, review_visit *visit, void *arg, struct err *err)
{
	return store->engine->reviews(store, visit, arg, err);
}
