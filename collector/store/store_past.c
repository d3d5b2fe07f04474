/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/store_past.h"

#include "collector/store/store_engine.h"

int store_add_past(
    struct store *store, const struct store_past *past, struct err *err)
{
	return store->engine->add_past(store, past, err);
}

int store_closed_day(struct store *store, int32_t *day, struct err *err)
{
	return store->engine->closed_day(store, day, err);
}

int store_history(struct store *store, const struct history_filter *filter,
    history_visit *visit, void *arg, struct err *err)
{
	return store->engine->history(store, filter, visit, arg, err);
}

int store_events(struct store *store, const struct event_filter *filter,
    struct store_page *page, event_visit *visit, void *arg, struct err *err)
{
	return store->engine->events(store, filter, page, visit, arg, err);
}

int store_last_events(
    struct store *store, event_visit *visit, void *arg, struct err *err)
{
	return store->engine->last_events(store, visit, arg, err);
}
