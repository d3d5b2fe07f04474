/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/store_upkeep.h"

#include "collector/store/store_engine.h"

int store_expire(
    struct store *store, struct store_expiry *expiry, struct err *err)
{
	return store->engine->expire(store, expiry, err);
}

int store_copy_log(struct store *store, struct store_log *log, struct err *err)
{
	return store->engine->copy_log(store, log, err);
}

int64_t store_log_pages(const struct store *store)
{
	return store->engine->log_pages(store);
}

int store_back_up(struct store *store, const char *path,
    store_progress *progress, void *arg, struct err *err)
{
	return store->engine->back_up(store, path, progress, arg, err);
}
